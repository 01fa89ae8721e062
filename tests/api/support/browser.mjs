// Debian's Chromium, shut off from everything but this machine.
import fs from "node:fs";
import { chromium } from "playwright-core";

// The engine without windows, which needs half the time; or else the browser itself. Not the wrapper in the path: that
// one adds options and keys of its own.
const FOLDER = "/usr/lib/chromium";
const KNOWN = ["chromium-headless-shell", "chromium"].map((name) => `${FOLDER}/${name}`);
const EXECUTABLE = process.env.CHROMIUM ?? KNOWN.find((file) => fs.existsSync(file));
export const hasBrowser = Boolean(EXECUTABLE) && fs.existsSync(EXECUTABLE);

const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

export function launch() {
    return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}

// visit(page, faults): faults gathers console errors, violations of the content policy and requests to other places.
export async function browse(origin, visit, options = {}) {
    const browser = await launch();
    try {
        const page = await (await browser.newContext(options)).newPage();
        const faults = [];
        page.on(
            "console",
            (message) => ["error", "warning"].includes(message.type()) && faults.push(`console: ${message.text()}`),
        );
        page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
        page.on("request", (request) => {
            if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url()))
                faults.push(`request: ${request.url()}`);
        });
        page.on("requestfailed", (request) => faults.push(`failed: ${request.url()}`));
        page.on(
            "response",
            (response) => response.status() >= 400 && faults.push(`${response.status()}: ${response.url()}`),
        );
        await page.addInitScript(() => {
            addEventListener("securitypolicyviolation", (e) =>
                console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
            );
        });
        return await visit(page, faults);
    } finally {
        await browser.close();
    }
}
