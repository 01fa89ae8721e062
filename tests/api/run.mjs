// Runs all API tests against the sanitizer build (AISHA_BUILD or BUILD_DIR: another one) on one throw-away PostgreSQL and
// ends with "N passed, N failed". Arguments choose files: node tests/api/run.mjs events kill
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { contract } from "./support/client.mjs";
import { Postgres } from "./support/postgres.mjs";
import { temporary } from "./support/process.mjs";
import { Runner } from "./support/runner.mjs";
import { UNCOVERED } from "./support/uncovered.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const LONG = [
    "delivery.test.mjs",
    "webhooks.test.mjs",
    "database.test.mjs",
    "kill.test.mjs",
    "slow.test.mjs",
    "events.test.mjs",
];
const runner = new Runner(here, LONG, wanted);

function judgeCoverage(folder) {
    const seen = new Set(
        fs.readdirSync(folder).flatMap((name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"))),
    );
    const missing = contract.pairs.filter((pair) => !seen.has(pair) && !(pair in UNCOVERED));
    const stale = Object.keys(UNCOVERED).filter((pair) => seen.has(pair) || !contract.pairs.includes(pair));
    console.log(
        `contract: ${contract.pairs.length - missing.length - Object.keys(UNCOVERED).length} of ${contract.pairs.length} pairs of operation and status covered, ${Object.keys(UNCOVERED).length} allowed not to be`,
    );
    if (wanted.length) return;
    if (missing.length) runner.fail("every operation and status is covered", `not covered: ${missing.join(", ")}`);
    else runner.pass();
    if (stale.length) runner.fail("no exception is out of date", stale.join(", "));
}

const coverage = temporary("aisha-api-coverage-");
const postgres = await Postgres.make();
process.env.API_COVERAGE = coverage;
process.env.API_POSTGRES = postgres.home;
try {
    // Half of the time they wait.
    const concurrency = Number(process.env.API_CONCURRENCY ?? os.availableParallelism() + 1);
    await runner.run(concurrency, /^(statuses|kills|[\d.]+ s|answered)/);
    judgeCoverage(coverage);
} finally {
    await postgres.stop();
}
runner.end();
