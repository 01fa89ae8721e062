// Redis is a cache: killed, frozen, emptied, full, filled by somebody else or never there, nobody notices.
import assert from "node:assert/strict";
import { freePort, sleep, until } from "../api/support/process.mjs";
import { Redis } from "../api/support/redis.mjs";
import { generate } from "../api/support/things.mjs";
import { percentile } from "./support/load.mjs";
import { withRig } from "./support/rig.mjs";

// What people do all day, for so long: how long it takes that may be looked for in Redis, how long what is not takes at the
// same time on the same machine, and what failed.
async function everyday(rig, load, ms) {
    const cached = [];
    const other = [];
    const failed = [];
    const end = Date.now() + ms;
    const person = load.people[0];
    const ask = async (times, what) => {
        const started = performance.now();
        const status = await what();
        times.push(performance.now() - started);
        if (status >= 500) failed.push(status);
    };
    const get = async (path) => (await person.send("GET", path)).status;
    for (let round = 0; Date.now() < end; round++) {
        await ask(other, () => get("/api/v1/me"));
        await ask(cached, () => get("/api/v1/generations?limit=20"));
        await ask(other, () => get("/api/v1/avatars"));
        await ask(cached, () => get("/api/v1/images"));
        await ask(other, () => get("/api/v1/me/ledger"));
        await ask(cached, () => get(`/api/v1/generations/${load.done}`));
        if (round % 8 === 0) await ask(other, async () => ((await load.file(person)) ? 202 : 503)); // makes entries old
        await sleep(20);
    }
    return { p95: percentile(cached, 95), median: percentile(cached, 50), control: percentile(other, 95), failed };
}

// How often each result was counted, over all caches.
async function results(rig) {
    const { text } = await rig.anonymous.send("GET", "/metrics");
    const counts = { hit: 0, miss: 0, off: 0, failed: 0 };
    for (const [, result, count] of text.matchAll(/^aisha_cache_requests_total\{.*result="(\w+)"\} (\d+)/gm))
        counts[result] += Number(count);
    return counts;
}

const everyKey = (redis, what) => redis.keys().forEach(what);

async function redisAway({ name, full }) {
    const port = await freePort();
    return withRig({ name, generationMs: 300, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }, async (rig) => {
        const people = await rig.crowd(1);
        const load = rig.load(people, { patient: false });
        load.done = (await generate(people[0], { prompt: "one that has ended", preset: "fast" })).id;
        const ms = full ? 10000 : 3000;
        const seen = {};
        const counted = {};
        const look = async (when) => {
            const before = await results(rig);
            seen[when] = await everyday(rig, load, ms);
            const after = await results(rig);
            counted[when] = Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]));
        };
        await look("refused");
        const redis = Object.assign(new Redis(), { port });
        await redis.start();
        const state = async () => (await rig.anonymous.get("/health/ready")).json.checks.redis;
        await until("Redis is found", 10000, async () => (await state()) === "ok", 100);
        await until("the loops have found it", 15000, async () => {
            const before = await results(rig);
            for (let i = 0; i < 8; i++) await people[0].send("GET", "/api/v1/images");
            return (await results(rig)).off === before.off;
        });
        await look("usual");
        redis.command("FLUSHALL");
        await look("emptied");
        everyKey(redis, (key) => redis.command("SET", key, "garbage"));
        await look("garbage");
        everyKey(redis, (key) => (redis.command("DEL", key), redis.command("LPUSH", key, "of another type")));
        await look("wrong types");
        redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        redis.command("CONFIG", "SET", "maxmemory", "1mb");
        await look("full");
        redis.command("CONFIG", "SET", "maxmemory", "0");
        redis.signal("SIGSTOP");
        await look("frozen");
        redis.signal("SIGCONT");
        await redis.stop("SIGKILL");
        await look("killed");
        await redis.start();
        await until("Redis is found again", 10000, async () => (await state()) === "ok", 100);
        await redis.stop();
        rig.tell(
            Object.fromEntries(
                Object.entries(seen).map(([when, { median, p95 }]) => [
                    `${when} median/p95 ms`,
                    `${median.toFixed(1)}/${p95.toFixed(1)}`,
                ]),
            ),
        );
        for (const [when, { p95, control, failed }] of Object.entries(seen)) {
            assert.deepEqual(failed, [], `requests failed: ${when}`);
            assert.ok(p95 < control + 50, `${when}: ${p95.toFixed(1)} ms, others ${control.toFixed(1)}`);
        }
        for (const when of ["usual", "emptied", "garbage", "wrong types"])
            assert.ok(counted[when].hit > 0, `nothing was found: ${when}: ${JSON.stringify(counted)}`);
        for (const when of ["refused", "killed"])
            assert.ok(counted[when].hit === 0 && counted[when].off > 0, `${when}: ${JSON.stringify(counted[when])}`);
        assert.ok(counted.frozen.failed <= 16, `frozen: ${counted.frozen.failed} requests waited`);
    });
}

export const scenarios = [{ name: "redis", title: "Redis refused, emptied, full, filled by others, frozen, killed", run: redisAway }];
