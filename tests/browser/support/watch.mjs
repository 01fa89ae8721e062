// Watches all pages of a browser context: whatever a person would not see, but should not be, becomes a fault.
import { sleep } from "../../api/support/process.mjs";
import { inlineFaults } from "./html.mjs";
import { keysIn } from "./texts.mjs";

// Of one document, without what follows a person's input. 0 is meant; but any page may be drawn before all of it has come,
// and what stands at the end of a line moves a little when more comes behind it. Anything that is seen is more.
export const SHIFT_FORGIVEN = 0.004;
// An answer whose page was left before it had been read never ends.
const PENDING_MS = 1500;

// Runs in the page before its own scripts.
function observe() {
    addEventListener("securitypolicyviolation", (e) =>
        window.__fault(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`),
    );
    addEventListener("unhandledrejection", (e) => window.__fault(`rejected: ${e.reason?.stack ?? e.reason}`));
    const place = (node) => node && `${node.nodeName}.${node.className?.baseVal ?? node.className ?? ""}`;
    const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join();
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            if (!entry.hadRecentInput)
                window.__shift(location.pathname + location.search, performance.timeOrigin, entry.value, [
                    ...entry.sources.map((s) => `${place(s.node)} ${box(s.previousRect)} to ${box(s.currentRect)}`),
                ]);
    }).observe({ type: "layout-shift", buffered: true });
}

export class Watch {
    constructor(origin) {
        this.origin = origin;
        this.faults = [];
        this.shifts = new Map();
        this.expected = [];
        this.pending = new Set();
        this.scripts = new WeakMap(); // page → requests for scripts that are under way
    }

    // From now on an answer whose "STATUS path" fits is no fault.
    expect(pattern) {
        this.expected.push(pattern);
    }

    fault(text) {
        if (!this.expected.some((pattern) => pattern.test(text))) this.faults.push(text);
    }

    async follow(context, javascript) {
        if (javascript) {
            await context.exposeBinding("__fault", (_, text) => this.fault(text));
            await context.exposeBinding("__shift", (_, where, document, value, sources) =>
                this.#shifted(where, document, value, sources),
            );
            await context.addInitScript(observe);
        }
        context.on("page", (page) => this.#page(page));
    }

    #shifted(where, document, value, sources) {
        const key = `${where} ${document}`;
        const shift = this.shifts.get(key) ?? { where, value: 0, sources: [] };
        this.shifts.set(key, { ...shift, value: shift.value + value, sources: [...shift.sources, ...sources] });
    }

    #page(page) {
        page.on("console", (message) => this.#said(message));
        page.on("pageerror", (error) => this.fault(`page: ${error.stack ?? error.message}`));
        const scripts = new Set();
        this.scripts.set(page, scripts);
        page.on("framenavigated", (frame) => frame === page.mainFrame() && scripts.clear());
        page.on("requestfinished", (request) => scripts.delete(request));
        page.on("requestfailed", (request) => scripts.delete(request));
        page.on("request", (request) => {
            if (request.resourceType() === "script") scripts.add(request);
            if (!request.url().startsWith(`${this.origin}/`)) this.fault(`outside: ${request.url()}`);
        });
        page.on("requestfailed", (request) => {
            const why = request.failure()?.errorText;
            // What is still under way when the page is left, and a download, which is no page.
            if (why !== "net::ERR_ABORTED") this.fault(`failed: ${request.url()} ${why}`);
        });
        page.on("response", (response) => this.#later(this.#answered(response)));
        page.on("load", () => this.#later(this.#read(page)));
    }

    #later(promise) {
        const settled = promise.catch(() => {}).finally(() => this.pending.delete(settled));
        this.pending.add(settled);
    }

    #said(message) {
        // The answer itself is judged by its status.
        if (!["error", "warning"].includes(message.type()) || /^Failed to load resource/.test(message.text())) return;
        this.fault(`console: ${message.text()}`);
    }

    async #answered(response) {
        const path = response.url().slice(this.origin.length);
        if (response.status() >= 400) this.fault(`${response.status()} ${path}`);
        if (response.request().resourceType() !== "document" || [301, 302, 303].includes(response.status())) return;
        const html = await response.text(); // fails when the page is left meanwhile
        for (const fault of inlineFaults(html)) this.fault(`inline: ${path}: ${fault}`);
    }

    async #read(page) {
        const text = await page.evaluate(() => document.body.innerText + document.title);
        for (const key of keysIn(text)) this.fault(`text: ${page.url()} shows "${key}"`);
    }

    // What was wrong until now, which is then forgotten.
    async take() {
        await Promise.race([Promise.all(this.pending), sleep(PENDING_MS)]);
        const faults = this.faults.splice(0);
        for (const { where, value, sources } of this.shifts.values())
            if (value > SHIFT_FORGIVEN)
                faults.push(`layout shift of ${value.toFixed(4)} at ${where} by ${[...new Set(sources)].join(", ")}`);
        this.shifts.clear();
        return faults.filter((fault) => !this.expected.some((pattern) => pattern.test(fault)));
    }
}
