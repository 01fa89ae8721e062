// PostgreSQL goes away and comes back: no crash, no hang, 503 meanwhile, and everything as before within 3 seconds.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { contract } from "./support/client.mjs";
import { accessOf, Things } from "./support/matrix.mjs";
import { sleep, until } from "./support/process.mjs";
import { ROWS } from "./support/rows.mjs";
import { EventStream } from "./support/sse.mjs";
import { ask, follow, importAvatar, PORTRAIT, signIn } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, it, session;

before(async () => {
    world = await World.start({ generationMs: 1500, ownPostgres: true });
    owner = world.owner;
    it = await Things.make(world);
    session = (await signIn(world, owner)).client;
    await it.renew("link");
});
after(() => world?.stop());

async function recovers() {
    const started = Date.now();
    await until(
        "requests are answered again",
        3000,
        async () => (await owner.send("GET", "/api/v1/me")).status === 200,
        20,
    );
    return Date.now() - started;
}

// Those that must say 503 without the database.
const NEEDS_DATABASE = contract.operations.filter((o) => "503" in o.responses && !/^receive/.test(o.operationId));

test("without PostgreSQL every operation that needs it says 503, and soon", async () => {
    await world.postgres.kill();
    try {
        for (const operation of NEEDS_DATABASE) {
            const access = accessOf(operation);
            const client = access === "service" ? world.service : access === "session" ? session : owner;
            const started = Date.now();
            if (ROWS[operation.operationId].stream) {
                await owner.get("/api/v1/events", { status: 503 });
            } else {
                const answer = await it.call(operation, client);
                assert.equal(
                    answer.status,
                    503,
                    `${operation.operationId}: ${answer.status} ${answer.text.slice(0, 200)}`,
                );
            }
            assert.ok(Date.now() - started < 5000, `${operation.operationId} took ${Date.now() - started} ms`);
        }
        for (const path of ["/health/live", "/metrics", "/openapi.yaml", "/docs", it.file])
            await world.anonymous.get(path);
    } finally {
        await world.postgres.start();
    }
    const ms = await recovers();
    await until("each loop says that it is ready", 5000, async () => {
        const { json } = await world.anonymous.send("GET", "/health/ready");
        return json.checks.database === "ok";
    });
    console.log(`# answered again ${ms} ms after PostgreSQL was back`);
});

test("a generation that runs meanwhile is completed and was paid once", async () => {
    const { id, final_prompt } = await ask(owner, { prompt: "across an outage", preset: "fast" });
    await until("it is submitted", 5000, async () =>
        (await world.accepted()).some((r) => r.input.prompt === final_prompt),
    );
    await world.postgres.kill();
    await sleep(2500);
    await world.postgres.start();
    await recovers();
    assert.equal((await follow(owner, id, 60000)).status, "completed");
    assert.equal((await world.accepted()).filter((r) => r.input.prompt === final_prompt).length, 1);
});

test("streams of events end or go on, and what happened is told after going on", async () => {
    const stream = await EventStream.open(owner);
    const { id } = await ask(owner, { prompt: "a stream across", preset: "fast" });
    await stream.await("the beginning", 5000, (t) => t.id === id);
    const last = stream.events.at(-1).id;
    await world.postgres.kill();
    await world.postgres.start();
    await recovers();
    assert.equal((await follow(owner, id, 60000)).status, "completed");
    stream.close();
    const again = await EventStream.open(owner, { lastEventId: last });
    await again.await("the end", 5000, (t) => t.id === id && t.status === "completed");
    again.close();
});

test("killed and restarted six times under load", async () => {
    const person = await world.person("Load");
    await importAvatar(person, PORTRAIT);
    const statuses = {};
    const taken = [];
    let running = true;
    let slowest = 0;
    async function one(i) {
        const started = Date.now();
        const prompt = `load ${randomUUID()}`;
        const answer =
            i % 8 === 0
                ? await person.send("POST", "/api/v1/generations", {
                      json: { prompt, preset: "fast" },
                      headers: { "idempotency-key": prompt.slice(5) },
                  })
                : await person.send("GET", ["/api/v1/images", "/api/v1/me", "/api/v1/generations"][i % 3]);
        slowest = Math.max(slowest, Date.now() - started);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (answer.status === 202) taken.push({ id: answer.json.id, prompt });
        else if (answer.status === 503) await sleep(20);
    }
    const load = Array.from({ length: 16 }, async (_, i) => {
        for (let n = i; running; n += 16) taken.length < 60 ? await one(n) : await one(1);
    });
    const recoveries = [];
    for (let i = 0; i < 6; i++) {
        await sleep(500);
        await world.postgres.kill();
        await sleep(500);
        await world.postgres.start();
        recoveries.push(await recovers());
    }
    running = false;
    await Promise.all(load);
    assert.ok(!world.aisha.ended, "no crash");
    assert.deepEqual(
        Object.keys(statuses).filter((s) => !["200", "202", "503"].includes(s)),
        [],
        JSON.stringify(statuses),
    );
    assert.ok(statuses[503] > 0 && statuses[200] > 0);
    assert.ok(slowest < 4000, `an answer took ${slowest} ms: a broken connection was not noticed`);
    const unfinished = async () => (await world.sql("SELECT 1 FROM generations WHERE finished_at IS NULL")).length;
    const held = await until("what can be finished is finished", 60000, async () => {
        const [left, unsure] = [
            await unfinished(),
            (await world.sql("SELECT 1 FROM submissions WHERE state = 'unknown'")).length,
        ];
        return left === unsure ? `${left}` : null;
    });
    await world.passTime("9 minutes");
    for (const { id } of taken) assert.equal((await follow(person, id, 30000)).status, "completed");
    const accepted = await world.accepted();
    for (const { prompt } of taken) assert.equal(accepted.filter((r) => r.input.prompt?.endsWith(prompt)).length, 1);
    console.log(
        `# statuses ${JSON.stringify(statuses)}, slowest ${slowest} ms, recovered after ${recoveries} ms, ${taken.length} generations kept, ${held} held for certainty`,
    );
});
