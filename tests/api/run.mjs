// Runs all API tests against the sanitizer build (AISHA_BUILD or BUILD_DIR: another one) on one throw-away PostgreSQL and
// ends with "N passed, N failed". Arguments choose files: node tests/api/run.mjs events kill
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { contract } from "./support/client.mjs";
import { Postgres } from "./support/postgres.mjs";
import { temporary } from "./support/process.mjs";
import { UNCOVERED } from "./support/uncovered.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
// The long ones first, so that none of them runs alone at the end.
const LONG = [
    "delivery.test.mjs",
    "webhooks.test.mjs",
    "database.test.mjs",
    "kill.test.mjs",
    "slow.test.mjs",
    "events.test.mjs",
];
const all = fs.readdirSync(here).filter((name) => name.endsWith(".test.mjs") || name === "fuzz.mjs");
const ordered = [...LONG.filter((name) => all.includes(name)), ...all.filter((name) => !LONG.includes(name))];
const files = ordered.filter((name) => !wanted.length || wanted.some((w) => name.startsWith(`${w}.`)));

let passed = 0;
let failed = 0;

function fail(name, error) {
    failed++;
    console.log(`FAILED ${name}\n    ${String(error).split("\n").slice(0, 40).join("\n    ")}`);
}

// node tells of files and suites as of tests; only tests count, and suites that failed by themselves.
function follow(stream) {
    const isContainer = (data) => data.details?.type === "suite" || files.some((name) => data.name.endsWith(name));
    const where = (data) => `${path.basename(data.file ?? "")} › ${data.name}`;
    stream.on("test:pass", (data) => {
        if (data.skip !== undefined) console.log(`skipped ${where(data)}: ${data.skip}`);
        else if (!isContainer(data)) passed++;
    });
    stream.on("test:fail", (data) => {
        const error = data.details?.error;
        const cause = error?.cause ?? error;
        if (isContainer(data) && /subtests? failed/.test(String(cause?.message ?? cause))) return;
        fail(where(data), cause?.stack ?? cause);
    });
    stream.on(
        "test:diagnostic",
        (data) => /^(statuses|kills|[\d.]+ s|answered)/.test(data.message) && console.log(data.message),
    );
    stream.on("test:stdout", (data) => data.message.startsWith("#") && process.stdout.write(data.message));
    stream.resume();
    return new Promise((resolve) => stream.on("end", resolve));
}

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
    if (missing.length) fail("every operation and status is covered", `not covered: ${missing.join(", ")}`);
    else passed++;
    if (stale.length) fail("no exception is out of date", stale.join(", "));
}

const coverage = temporary("aisha-api-coverage-");
const postgres = await Postgres.make();
process.env.API_COVERAGE = coverage;
process.env.API_POSTGRES = postgres.home;
const started = Date.now();
try {
    await follow(
        run({
            files: files.map((name) => path.join(here, name)),
            concurrency: Number(process.env.API_CONCURRENCY ?? os.availableParallelism() + 1), // half of the time they wait
            timeout: 240000,
        }),
    );
    judgeCoverage(coverage);
} finally {
    await postgres.stop();
}
console.log(`${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0); // also when a file that took too long does not go
