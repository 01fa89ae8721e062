// Redis is a hint and a cache: killed, frozen, emptied or never there, nobody notices.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { freePort, Process, sleep, until } from "../api/support/process.mjs";
import { percentile } from "./support/load.mjs";
import { withRig } from "./support/rig.mjs";

class Redis {
    static async start(port) {
        const redis = new Redis();
        redis.port = port;
        await redis.start();
        return redis;
    }

    async start() {
        const args = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        this.process = new Process("redis-server", "redis-server", args, { cwd: "/" });
        await this.process.line(/Ready to accept connections/);
    }

    command(...words) {
        return execFileSync("redis-cli", ["-p", String(this.port), ...words], { encoding: "utf8", timeout: 5000 });
    }
}

// What people do all day, for so long: the slowest percent of each kind of request, and what failed.
async function everyday(rig, load, ms) {
    const times = [];
    const failed = [];
    const end = Date.now() + ms;
    const person = load.people[0];
    const ask = async (what) => {
        const started = performance.now();
        const status = await what();
        times.push(performance.now() - started);
        if (status >= 500) failed.push(status);
    };
    while (Date.now() < end) {
        await ask(async () => (await person.send("GET", "/api/v1/me")).status);
        await ask(async () => (await person.send("GET", "/api/v1/generations?limit=20")).status);
        await ask(async () => (await rig.anonymous.send("GET", "/health/ready")).status);
        await ask(async () => ((await load.file(person)) ? 202 : 503));
        await sleep(60);
    }
    return { p99: percentile(times, 99), median: percentile(times, 50), failed };
}

async function redisAway({ name, full }) {
    const port = await freePort();
    return withRig({ name, generationMs: 300, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }, async (rig) => {
        const people = await rig.crowd(1);
        const load = rig.load(people, { patient: false });
        const ms = full ? 10000 : 3000;
        const seen = { refused: await everyday(rig, load, ms) };
        const redis = await Redis.start(port);
        const state = async () => (await rig.anonymous.get("/health/ready")).json.checks.redis;
        await until("Redis is found", 10000, async () => (await state()) === "ok", 100);
        seen.usual = await everyday(rig, load, ms);
        redis.command("FLUSHALL");
        seen.emptied = await everyday(rig, load, ms);
        redis.process.child.kill("SIGSTOP");
        seen.frozen = await everyday(rig, load, ms);
        redis.process.child.kill("SIGCONT");
        await redis.process.stop("SIGKILL");
        seen.killed = await everyday(rig, load, ms);
        await redis.start();
        await until("Redis is found again", 10000, async () => (await state()) === "ok", 100);
        await redis.process.stop();
        for (const [when, { p99, failed }] of Object.entries(seen)) {
            assert.deepEqual(failed, [], `requests failed: ${when}`);
            assert.ok(p99 < seen.usual.p99 + 50, `${when}: ${p99.toFixed(1)} ms instead of ${seen.usual.p99.toFixed(1)}`);
        }
        rig.tell(Object.fromEntries(Object.entries(seen).map(([when, { p99 }]) => [`${when} p99 ms`, p99.toFixed(1)])));
    });
}

export const scenarios = [{ name: "redis", title: "Redis refused, emptied, frozen, killed", run: redisAway }];
