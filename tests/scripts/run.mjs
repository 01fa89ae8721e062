// scripts/run as a newcomer meets it: starts, greets, keeps the data, says what is wrong, and stops all it has started.
// BUILD_PRESET names the build that it runs (release). Each test has a var/ of its own, outside the checkout.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import "./limit.mjs";
import "./with-postgres.mjs"; // this file speaks for all tests of scripts that start something

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const places = [];
const running = new Set();

function place(prefix = "/tmp/aisha-run-") {
    const dir = mkdtempSync(prefix);
    chmodSync(dir, 0o755); // the account that runs PostgreSQL has to reach it
    places.push(dir);
    return dir;
}

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

// Starts scripts/run; `ended` resolves to its exit status and everything it said.
function run(vars, settings = {}) {
    const env = { ...process.env, ENV_FILE: "/dev/null", VAR_DIR: vars, LISTEN: "127.0.0.1:0", ...settings };
    const child = spawn(`${ROOT}scripts/run`, [], { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => said.push(bytes.toString()));
    running.add(child);
    const ended = new Promise((resolve) =>
        child.on("close", (code, signal) => {
            running.delete(child);
            resolve({ code, signal, text: said.join("") });
        }),
    );
    return { child, ended, text: () => said.join("") };
}

// Waits for run.json, which is written when everything answers.
async function started(it, vars) {
    const begin = Date.now();
    while (!existsSync(`${vars}/run.json`)) {
        assert.ok(it.child.exitCode === null && Date.now() - begin < 60_000, it.text());
        await sleep(20);
    }
    return { ms: Date.now() - begin, ...JSON.parse(readFileSync(`${vars}/run.json`, "utf8")) };
}

async function stopped(it, signal = "SIGTERM") {
    it.child.kill(signal);
    return it.ended;
}

// Processes whose command line or environment names this var/, as "pid command line".
function left(vars) {
    const about = (pid, file) => {
        try {
            return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
        } catch {
            return ""; // it has just ended, or is not ours to look at
        }
    };
    return readdirSync("/proc")
        .filter((pid) => /^\d+$/.test(pid) && (about(pid, "cmdline") + about(pid, "environ")).includes(vars))
        .map((pid) => `${pid} ${about(pid, "cmdline")}`);
}

async function gone(vars) {
    for (let i = 0; i < 300 && left(vars).length; i++) await sleep(50);
    assert.deepEqual(left(vars), []);
}

const refused = (url) => fetch(url).then(() => false, () => true);

after(async () => {
    for (const child of running) child.kill("SIGTERM");
    for (let i = 0; i < 300 && running.size; i++) await sleep(50);
    for (const dir of places) rmSync(dir, { recursive: true, force: true });
});

// A program in a folder of its own, to stand before the real one in PATH.
function instead(...programs) {
    const dir = place();
    for (const [name, script] of programs) writeFileSync(`${dir}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return `${dir}:${process.env.PATH}`;
}

test("starts everything, greets with what works, keeps data and token, and stops it all", async () => {
    const vars = place();
    let it = run(vars);
    const first = await started(it, vars);

    assert.deepEqual(Object.keys(first).sort(), ["api_token", "database_url", "falsim_url", "ms", "sign_in_url", "url"]);
    assert.equal(statSync(`${vars}/run.json`).mode & 0o777, 0o600);
    assert.equal(statSync(`${vars}/secrets.env`).mode & 0o777, 0o600);
    assert.equal((await fetch(`${first.url}/health/ready`)).status, 200);
    assert.ok(!(await refused(first.falsim_url)));
    await sleep(200);
    for (const value of [first.url, first.api_token, first.sign_in_url]) assert.ok(it.text().includes(value));
    const curls = it.text().split("\n").filter((line) => line.startsWith("curl "));
    assert.equal(curls.length, 3);
    for (const line of curls) {
        const answer = JSON.parse(execFileSync("bash", ["--norc", "-c", line], { encoding: "utf8" }));
        assert.ok(answer.items || answer.id, JSON.stringify(answer));
    }

    const second = await run(vars).ended;
    assert.equal(second.code, 1);
    assert.match(second.text, /already running on .* \(process \d+\)/);
    assert.equal((await fetch(`${first.url}/health/ready`)).status, 200);

    const end = await stopped(it);
    assert.equal(end.code, 0, end.text);
    assert.ok(!existsSync(`${vars}/run.json`));
    assert.ok(await refused(first.url));
    assert.ok(await refused(first.falsim_url));
    await gone(vars);

    it = run(vars);
    const again = await started(it, vars);
    assert.equal(again.api_token, first.api_token);
    assert.ok(again.ms < 3000, `the second start took ${again.ms} ms`);
    const mine = await fetch(`${again.url}/api/v1/generations`, { headers: { authorization: `Bearer ${again.api_token}` } });
    assert.equal((await mine.json()).items.length, 1);
    assert.equal((await stopped(it, "SIGINT")).code, 0);
    await gone(vars);
});

test("stops everything when one part dies, and says which", async () => {
    const vars = place();
    const it = run(vars);
    const { url } = await started(it, vars);
    const redis = left(vars).find((line) => line.includes("redis-server"));

    process.kill(+redis.split(" ")[0], "SIGKILL");
    const end = await it.ended;
    assert.equal(end.code, 1);
    assert.match(end.text, /Redis ended by itself \(signal KILL\)/);
    assert.match(end.text, /ready to accept connections/);
    assert.ok(await refused(url));
    await gone(vars);
});

test("leaves nothing behind when it is killed itself, and starts again at once", async () => {
    const vars = place();
    const it = run(vars);
    await started(it, vars);
    it.child.kill("SIGKILL");
    await it.ended;

    rmSync(`${vars}/run.json`, { force: true });
    const next = run(vars);
    await started(next, vars);
    assert.equal((await stopped(next, "SIGHUP")).code, 0);
    await gone(vars);
});

test("finds a shorter place for sockets when the path is too long for them", async () => {
    const vars = `${place()}/${"a long and odd name ".repeat(5)}`;
    const it = run(vars);
    const { database_url } = await started(it, vars);

    assert.match(database_url, /host=\/(tmp|run)\/[^ ]{1,80}&user=aisha$/);
    assert.equal((await stopped(it)).code, 0);
});

test("says that the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((ready) => other.once("listening", ready));
    const end = await run(place(), { LISTEN: `127.0.0.1:${other.address().port}` }).ended;

    other.close();
    assert.equal(end.code, 1);
    assert.match(end.text, new RegExp(`port ${other.address()?.port ?? "\\d+"} is in use`));
});

test("says that LISTEN is no address", async () => {
    const end = await run(place(), { LISTEN: "8080" }).ended;

    assert.equal(end.code, 1);
    assert.match(end.text, /LISTEN is '8080'; it must be address:port/);
});

test("says that there is no disk space", async () => {
    const df = ["df", "printf 'Filesystem 1M-blocks Used Available Capacity Mounted\\nx 100 93 7 93%% /\\n'"];
    const end = await run(place(), { PATH: instead(df) }).ended;

    assert.equal(end.code, 1);
    assert.match(end.text, /no disk space: the data needs 200 MB in .*, 7 MB are free/);
});

test("says which package is missing and how it gets there", async () => {
    const dpkg = ["dpkg-query", '/usr/bin/dpkg-query "$@" | grep -v ^libvips-dev; exit 1'];
    const apt = ["apt-get", "echo \"E: Unable to locate package libvips-dev ($*)\"; exit 100"];
    const user = process.getuid() !== 0;
    const end = await run(place(), { PATH: instead(dpkg, apt, ["sleep", "exit 0"]) }).ended;

    assert.equal(end.code, 1);
    if (user) assert.match(end.text, /sudo apt-get .*install --no-install-recommends libvips-dev/);
    else assert.match(end.text, /cause: the package lists of this system do not have it[^]*\(libvips-dev\) failed/);
});

test("names the account that owns a var/ it may not write", { skip: process.getuid() !== 0 && "needs root" }, () => {
    const vars = place();
    const as = ["--reuid", "postgres", "--regid", "postgres", "--init-groups", `${ROOT}scripts/run`];

    assert.throws(() => execFileSync("setpriv", as, { env: { ...process.env, VAR_DIR: vars }, stdio: "pipe" }), (error) => {
        assert.equal(error.status, 1);
        assert.match(error.stderr.toString(), /belongs to root; set VAR_DIR|postgres may not write there/);
        return true;
    });
});

test("takes settings from a file as data, never as code, and the environment wins", () => {
    const file = `${place()}/.env`;
    writeFileSync(file, "# a comment\nA_ONE=1\nexport B_TWO=\"two words\"\r\nC_THREE='$(touch /tmp/never)'\nPATH=/nowhere\nlower=1\nD_FOUR=x=y ");
    const script = `. ${ROOT}scripts/lib/env.sh; env_file ${file}; printf '%s|' "$A_ONE" "$B_TWO" "$C_THREE" "$D_FOUR" "\${lower-}"; [ "$PATH" = "$OLD" ]`;
    const out = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", env: { ...process.env, OLD: process.env.PATH, A_ONE: "0" } });

    assert.equal(out, "0|two words|$(touch /tmp/never)|x=y||");
});
