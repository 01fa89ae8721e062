// Runs all browser tests against the sanitizer build (AISHA_BUILD or BUILD_DIR: another one) on one throw-away PostgreSQL
// and ends with "N passed, N failed". Arguments choose files: node tests/browser/run.mjs gallery image
import path from "node:path";
import { fileURLToPath } from "node:url";
import { hasBrowser } from "../api/support/browser.mjs";
import { Postgres } from "../api/support/postgres.mjs";
import { Runner } from "../api/support/runner.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const LONG = ["pages.test.mjs", "create.test.mjs", "hostile.test.mjs", "image.test.mjs", "keyboard.test.mjs"];
const runner = new Runner(here, LONG, process.argv.slice(2));

async function main() {
    const postgres = await Postgres.make();
    process.env.API_POSTGRES = postgres.home;
    try {
        await runner.run(Number(process.env.BROWSER_CONCURRENCY ?? 2), /^seen/);
    } finally {
        await postgres.stop();
    }
}

if (hasBrowser) await main();
else runner.fail("the browser", "there is no Chromium: apt-get install chromium-headless-shell");
runner.end();
