// The object store on a real S3 server, directly and through a proxy that breaks requests; BUILD_DIR says which build.
// Ends with "N passed, N failed".
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { S3 } from "../support/s3.mjs";
import { startProxy } from "./proxy.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const build = process.env.BUILD_DIR ?? path.join(here, "../../build/asan");
const PROGRAM_MS = 300_000;

const s3 = await S3.start();
const proxy = await startProxy(s3.settings.S3_ENDPOINT);
const env = { ...process.env, ...s3.settings, S3_PROXY: proxy.url };
let passed = 0;
let failed = 0;

// One cmocka program; resolves to what it said and how it ended.
function run(program) {
    return new Promise((resolve) => {
        const child = spawn(program, [], { env, stdio: ["ignore", "pipe", "pipe"], timeout: PROGRAM_MS, killSignal: "SIGKILL" });
        let text = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
        child.on("error", (error) => resolve({ text: String(error), code: 1 }));
        child.on("close", (code) => resolve({ text, code }));
    });
}

try {
    for (const source of fs.readdirSync(here).filter((name) => name.endsWith("_test.c"))) {
        const { text, code } = await run(path.join(build, "tests", source.replace(/\.c$/, "")));
        const good = Number(/\[  PASSED  \] (\d+) test/.exec(text)?.[1] ?? 0);
        const bad = Number(/\[  FAILED  \] (\d+) test/.exec(text)?.[1] ?? 0);
        passed += good;
        failed += bad || code === 0 ? bad : 1;
        console.log(source, code === 0 ? text.split("\n").filter((line) => / ms/.test(line) && !/^time=/.test(line)).join("; ") : text);
    }
} finally {
    proxy.stop();
    await s3.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
