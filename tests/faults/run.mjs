// Breaks the real server, PostgreSQL, Redis and the simulator of fal.ai, and judges afterwards that nothing was lost, paid
// twice, stuck or settled twice. Ends with a table of figures and "N passed, N failed".
//
//   node tests/faults/run.mjs                 the short selection (--short), as scripts/test runs it
//   node tests/faults/run.mjs --full          everything, at full length
//   node tests/faults/run.mjs restart zombie  these scenarios (with --full: at full length)
//
// --seeds 10, --generations 1000: of the scenario "kill". --seed N: the first of them. --jobs 1: so many scenarios at a
// time. Runs the binaries of build/faults (AISHA_BUILD or BUILD_DIR: another build; without fault points the scenarios
// that need them say so). FAULTS_LOGS: a folder for the logs of what fails.
import { parseArgs } from "node:util";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.env.AISHA_BUILD ??= process.env.BUILD_DIR ?? path.join(root, "build/faults");
process.env.FAULTS_LOGS ??= path.join(root, "var/test/faults");
const { Postgres } = await import("../api/support/postgres.mjs");
const { sleep } = await import("../api/support/process.mjs");
const { SCENARIOS } = await import("./scenarios.mjs");

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        short: { type: "boolean" },
        full: { type: "boolean" },
        seeds: { type: "string", default: "10" },
        seed: { type: "string", default: "1" },
        generations: { type: "string", default: "1000" },
        jobs: { type: "string", default: "0" },
    },
});
const full = Boolean(values.full);
const jobs = Number(values.jobs) || 2;

// What is to be run, as {name, run}: a scenario that repeats is there once for every seed.
function chosen() {
    const known = SCENARIOS.map((scenario) => scenario.name);
    const strange = positionals.filter((name) => !known.includes(name));
    if (strange.length) throw new Error(`unknown: ${strange.join(", ")}; there are: ${known.join(" ")}`);
    const wanted = SCENARIOS.filter((s) => (positionals.length ? positionals.includes(s.name) : full || s.short));
    return wanted.flatMap((scenario) => {
        const seeds = scenario.repeats && full ? Number(values.seeds) : 1;
        return Array.from({ length: seeds }, (_, i) => ({ scenario, seed: Number(values.seed) + i }));
    });
}

const SHORT_MS = 240000; // no scenario of the short selection needs a quarter of it
const FULL_MS = 1800000;
const results = [];

async function late(ms) {
    await sleep(ms);
    throw new Error(`it has not ended within ${ms / 1000} s`);
}

async function perform({ scenario, seed }) {
    const label = scenario.repeats ? `${scenario.name} seed ${seed}` : scenario.name;
    const started = Date.now();
    const context = { name: label.replaceAll(" ", "-"), seed, full, generations: full ? Number(values.generations) : 120 };
    let figures, error;
    try {
        figures = await Promise.race([scenario.run(context), late(full ? FULL_MS : SHORT_MS)]);
    } catch (thrown) {
        error = thrown;
    }
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    results.push({ label, seed, seconds, figures, error });
    console.log(`${error ? "FAILED" : "ok    "} ${label.padEnd(16)} ${seconds.padStart(6)} s  ${scenario.title}`);
    if (error) console.log(`    seed ${seed}: ${String(error.stack ?? error).split("\n").slice(0, 40).join("\n    ")}`);
}

function table() {
    console.log("\nscenario          seconds  figures");
    for (const { label, seconds, figures, error } of results) {
        const words = Object.entries(figures ?? {}).map(([name, value]) => `${name} ${value}`);
        console.log(`${label.padEnd(16)} ${seconds.padStart(8)}  ${error ? "FAILED" : words.join(", ")}`);
    }
}

// One cluster for all that do not break it.
const postgres = await Postgres.make();
process.env.API_POSTGRES = postgres.home;
try {
    const queue = chosen();
    const alone = queue.filter(({ scenario }) => scenario.alone); // those that measure
    const beside = queue.filter(({ scenario }) => !scenario.alone);
    await Promise.all(
        Array.from({ length: jobs }, async () => {
            while (beside.length) await perform(beside.shift());
        }),
    );
    for (const one of alone) await perform(one);
} finally {
    await postgres.stop();
}
table();
const failed = results.filter((result) => result.error).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0); // what a scenario that failed has left at work ends, too
