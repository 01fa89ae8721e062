// scripts/lib/limit.sh: what takes too long is said and gone, with everything it has started.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

// Waits for `command` as a stage of the tests is waited for.
function within(seconds, command) {
    const script = `. scripts/lib/say.sh; . scripts/lib/limit.sh
        setsid bash --norc -c '${command}' & await_within $! ${seconds}`;
    const begin = Date.now();
    const { status, stdout } = spawnSync("bash", ["--norc", "-c", script], { cwd: ROOT, encoding: "utf8", timeout: 30_000 });
    return { status, stdout, ms: Date.now() - begin };
}

const runs = (words) => spawnSync("pgrep", ["-f", words]).status === 0;

test("what ends in time ends as it ends", () => {
    assert.equal(within(20, "exit 0").status, 0);
    const { status, stdout, ms } = within(20, "sleep 0.5; exit 7");

    assert.equal(status, 7);
    assert.equal(stdout, "");
    assert.ok(ms < 10_000, `${ms} ms`);
});

test("what does not end is shown and ended, also what has a session of its own and does not listen to signals", () => {
    const [deaf, apart] = [`31${process.pid}1`, `31${process.pid}2`];
    const { status, stdout } = within(1, `setsid sleep ${apart} & (trap "" TERM; sleep ${deaf}; sleep ${deaf})`);

    assert.equal(status, 124);
    assert.match(stdout, /took longer than 1 s/);
    for (const one of [deaf, apart]) {
        assert.match(stdout, new RegExp(`sleep ${one}`));
        assert.ok(!runs(`^sleep ${one}`));
    }
});
