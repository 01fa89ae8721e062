// Child processes whose output is kept and judged: nothing that a sanitizer reports goes unseen.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const BAD = /(ERROR|SUMMARY): \w*Sanitizer|runtime error:|Assertion .* failed|terminate called/;

const MAX_LOG = 64 << 20; // letters: who says more is not listened to
const LAST_WORDS_MS = 3000; // for output after the end

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Calls probe until it gives something true; fails with what when it takes longer than ms.
export async function until(what, ms, probe, every = 40) {
    const end = Date.now() + ms;
    for (;;) {
        const found = await probe();
        if (found) return found;
        assert.ok(Date.now() < end, `${what}: not within ${ms} ms`);
        await sleep(every);
    }
}

export async function freePort() {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

// Nothing outlives the test that started it, also when that is ended from outside.
const children = new Set();
const folders = new Set();
process.on("exit", () => {
    children.forEach((child) => child.kill("SIGKILL"));
    folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));

// A new folder that is gone with this process.
export function temporary(prefix) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
    folders.add(folder);
    return folder;
}

export class Process {
    constructor(name, file, args, options = {}) {
        this.name = name;
        this.log = "";
        this.child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
        children.add(this.child);
        for (const stream of [this.child.stdout, this.child.stderr])
            stream.setEncoding("utf8").on("data", (text) => (this.log += this.log.length < MAX_LOG ? text : ""));
        this.child.on("exit", () => setTimeout(() => this.#hangUp(), LAST_WORDS_MS).unref());
        this.exit = new Promise((resolve) =>
            this.child.on("close", (code, signal) => {
                children.delete(this.child);
                resolve((this.ended = { code, signal }));
            }),
        );
        this.child.on("error", (error) => (this.log += `cannot be started: ${error.message}\n`));
    }

    // A child of its own that outlives it keeps its output open: nobody waits for that.
    #hangUp() {
        this.child.stdout.destroy();
        this.child.stderr.destroy();
    }

    get pid() {
        return this.child.pid;
    }

    async line(pattern, ms = 20000) {
        await until(`${this.name} says ${pattern}`, ms, () => {
            if (this.ended)
                throw new Error(`${this.name} ended (${JSON.stringify(this.ended)}):\n${this.log.slice(-3000)}`);
            return pattern.test(this.log);
        });
        return this.log.match(pattern);
    }

    // SIGTERM, and SIGKILL when that does not help; returns how it ended.
    async stop(signal = "SIGTERM", ms = 20000) {
        if (!this.ended) {
            this.child.kill(signal);
            const late = setTimeout(() => this.child.kill("SIGKILL"), ms);
            await this.exit;
            clearTimeout(late);
        }
        return this.ended;
    }

    assertClean() {
        const at = this.log.search(BAD);
        assert.ok(at < 0, `${this.name} reports:\n${this.log.slice(Math.max(0, at - 500), at + 3500)}`);
    }
}

// Runs to the end; the output.
export async function run(name, file, args, options = {}) {
    const child = new Process(name, file, args, options);
    const { code } = await child.exit;
    child.assertClean();
    assert.equal(code, 0, `${name} ${args.join(" ")} ended with ${code}:\n${child.log}`);
    return child.log;
}
