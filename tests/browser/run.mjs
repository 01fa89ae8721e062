// Runs all browser tests against the sanitizer build (AISHA_BUILD or BUILD_DIR: another one) on one throw-away PostgreSQL
// and ends with "N passed, N failed". Arguments choose files: node tests/browser/run.mjs gallery image
import fs from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { hasBrowser } from "../api/support/browser.mjs";
import { Postgres } from "../api/support/postgres.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
// The long ones first, so that none of them runs alone at the end.
const LONG = ["pages.test.mjs", "create.test.mjs", "hostile.test.mjs", "image.test.mjs", "keyboard.test.mjs"];
const all = fs.readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const ordered = [...LONG.filter((name) => all.includes(name)), ...all.filter((name) => !LONG.includes(name))];
const files = ordered.filter((name) => !wanted.length || wanted.some((w) => name.startsWith(`${w}.`)));

let passed = 0;
let failed = 0;
const isContainer = (data) => data.details?.type === "suite" || files.some((name) => data.name.endsWith(name));

function onFail(data) {
    const error = data.details?.error;
    const cause = error?.cause ?? error;
    if (isContainer(data) && /subtests? failed/.test(String(cause?.message ?? cause))) return;
    failed++;
    const text = String(cause?.stack ?? cause)
        .split("\n")
        .slice(0, 40)
        .join("\n    ");
    console.log(`FAILED ${path.basename(data.file ?? "")} › ${data.name}\n    ${text}`);
}

function onPass(data) {
    if (isContainer(data)) return;
    passed++;
    if (process.env.BROWSER_TIMES) console.log(`${Math.round(data.details.duration_ms)} ms ${data.name}`);
}

async function main() {
    const postgres = await Postgres.make();
    process.env.API_POSTGRES = postgres.home;
    try {
        const concurrency = Number(process.env.BROWSER_CONCURRENCY ?? 2);
        const stream = run({ files: files.map((name) => path.join(here, name)), concurrency, timeout: 240000 });
        stream.on("test:pass", onPass).on("test:fail", onFail);
        stream.on("test:diagnostic", (data) => /^seen/.test(data.message) && console.log(data.message));
        stream.on("test:stdout", (data) => data.message.startsWith("#") && process.stdout.write(data.message));
        stream.resume();
        await new Promise((resolve) => stream.on("end", resolve));
    } finally {
        await postgres.stop();
    }
}

const started = Date.now();
if (hasBrowser) await main();
else {
    console.log("there is no Chromium: apt-get install chromium");
    failed++;
}
console.log(`${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0); // also when a file that took too long does not go
