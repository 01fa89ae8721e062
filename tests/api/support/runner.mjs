// Runs files of tests side by side and counts what passed; what failed is printed with its reason.
// TEST_TIMES=1: also how long each took.
import fs from "node:fs";
import path from "node:path";
import { run } from "node:test";

const FILE_MS = 240000;

export class Runner {
    passed = 0;
    failed = 0;
    #started = Date.now();

    // The files of tests in the folder, of which `wanted` chooses by name (none: all). `long` ones come first, so that
    // none of them runs alone at the end.
    constructor(folder, long, wanted) {
        const all = fs.readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
        const ordered = [...long.filter((name) => all.includes(name)), ...all.filter((name) => !long.includes(name))];
        const chosen = ordered.filter((name) => !wanted.length || wanted.some((w) => name.startsWith(`${w}.`)));
        this.files = chosen.map((name) => path.join(folder, name));
    }

    pass() {
        this.passed++;
    }

    fail(name, error) {
        this.failed++;
        console.log(`FAILED ${name}\n    ${String(error).split("\n").slice(0, 40).join("\n    ")}`);
    }

    // node tells of files and suites as of tests; only tests count, and suites that failed by themselves.
    #isContainer(data) {
        return data.details?.type === "suite" || this.files.some((file) => data.name.endsWith(path.basename(file)));
    }

    #passed(data) {
        if (data.skip !== undefined) console.log(`skipped ${where(data)}: ${data.skip}`);
        else if (!this.#isContainer(data)) this.pass();
        if (process.env.TEST_TIMES) console.log(`${Math.round(data.details.duration_ms)} ms ${where(data)}`);
    }

    #failed(data) {
        const error = data.details?.error;
        const cause = error?.cause ?? error;
        if (this.#isContainer(data) && /subtests? failed/.test(String(cause?.message ?? cause))) return;
        this.fail(where(data), cause?.stack ?? cause);
    }

    // `concurrency` files at a time; a figure that a test tells of itself is printed when `figures` fits.
    async run(concurrency, figures) {
        const stream = run({ files: this.files, concurrency, timeout: FILE_MS });
        stream.on("test:pass", (data) => this.#passed(data)).on("test:fail", (data) => this.#failed(data));
        stream.on("test:diagnostic", (data) => figures.test(data.message) && console.log(data.message));
        stream.on("test:stdout", (data) => data.message.startsWith("#") && process.stdout.write(data.message));
        stream.resume();
        await new Promise((resolve) => stream.on("end", resolve));
    }

    // Ends the process, also when a file that took too long does not go.
    end() {
        console.log(`${Math.round((Date.now() - this.#started) / 1000)} s`);
        console.log(`${this.passed} passed, ${this.failed} failed`);
        process.exit(this.failed ? 1 : 0);
    }
}

const where = (data) => `${path.basename(data.file ?? "")} › ${data.name}`;
