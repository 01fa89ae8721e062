// What a process says of the provider and of those who work, and that it changes its word by itself.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, follow, importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start({ generationMs: 50 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());
// What one test has broken is whole again for the next one, also when it failed.
beforeEach(async () => {
    await world.faults();
    await world.sql(`DELETE FROM breakers WHERE endpoint <> '';
        UPDATE breakers SET open_until = NULL, probe_until = NULL, reason = NULL, calls = 0, failures = 0, in_a_row = 0`);
});

const health = async (status = 200) => (await world.anonymous.get("/health/ready", { status })).json;
// As if the breakers had been open for as long as they stay so.
const letBreakersTry = () => world.sql("UPDATE breakers SET open_until = now() WHERE open_until > now()");

for (const [fault, words] of [
    ["401", /refuses the key/],
    ["403", /balance/],
])
    test(`fal.ai's ${fault} at a submission stops the line, is said with its reason, and passes`, async () => {
        await world.faults({ op: "submit", fault });
        const { id } = await ask(owner, { prompt: `refused with ${fault}`, preset: "fast" });
        let seen;
        await until("it is said", 10000, async () => (seen = await health()).checks.provider === "stopped");
        assert.equal(seen.status, "degraded");
        assert.match(seen.reasons.provider, words);
        const status = async () => (await owner.get(`/api/v1/generations/${id}`)).json.status;
        await until("it waits again", 5000, async () => (await status()) === "pending"); // written a moment after the reason
        await world.faults();
        await until("it passes", 20000, async () => {
            await letBreakersTry();
            seen = await health();
            return seen.checks.provider === "ok" && seen.status !== "down" && !seen.reasons.provider;
        });
        assert.equal((await follow(owner, id)).status, "completed");
    });

test("an endpoint that fails delays, and recovers by itself", async () => {
    await world.faults({ op: "submit", fault: "503" });
    const { id } = await ask(owner, { prompt: "delayed", preset: "fast" });
    let seen;
    await until("it is said", 60000, async () => {
        await world.sql("UPDATE jobs SET run_at = now() WHERE state = 'ready'");
        return (seen = await health()).checks.provider === "delayed";
    });
    assert.equal(seen.status, "degraded");
    assert.match(seen.reasons.provider, /endpoint/);
    await world.faults();
    await until("it passes", 30000, async () => {
        await letBreakersTry();
        return (await health()).checks.provider === "ok";
    });
    assert.equal((await follow(owner, id)).status, "completed");
});

test("nobody who works is said after fifteen seconds, and requests are answered all the same", async () => {
    await world.stopServer();
    const server = world.spawnServer({}, ["sh", "-c", 'exec "$0" "$@" --roles http']);
    try {
        await server.line(/event=listening\b.*url=/);
        await world.sql("UPDATE workers SET beat_at = now() - interval '16 seconds'");
        const seen = await health();
        assert.equal(seen.checks.workers, "down");
        assert.equal(seen.status, "degraded");
        assert.match(seen.reasons.workers, /no worker/);
        await owner.get("/api/v1/avatars");
    } finally {
        await server.stop();
        await world.startServer();
    }
    await until("they are back", 5000, async () => (await health()).checks.workers === "ok");
});
