// Orphans of every kind, planted by hand while nobody looks: found, mended or reported, and counted.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { follow, generate, importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const NEVER_SENT = "fal-ai/parked"; // its breaker is open
let world, owner, done, image;

before(async () => {
    world = await World.start();
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
    done = await generate(owner, { prompt: "whole", preset: "fast" });
    [[image]] = await world.sql(`SELECT object_key FROM images WHERE generation_id = '${done.id}'`);
    await world.stopServer();
});
after(() => world?.stop());

const bucket = () => path.join(world.env.OBJECTS_DIR, "aisha-v2-generated");

async function metric(name, labels = {}) {
    const { text } = await world.anonymous.get("/metrics");
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    const line = text
        .split("\n")
        .find((l) => (l.startsWith(`${name} `) || l.startsWith(`${name}{`)) && wanted.every((label) => l.includes(label)));
    return line && Number(line.split(" ").at(-1));
}

const found = (sweep) => metric("aisha_sweep_found_total", { sweep });
const mended = (sweep) => metric("aisha_sweep_mended_total", { sweep });

// A generation like the one that was made, but begun ten minutes ago and then forgotten.
async function forgotten(endpoint) {
    const id = randomUUID();
    await world.sql(`INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,
            parameters, input, cost, expected_seconds, created_at)
        SELECT '${id}', user_id, avatar_id, 'forgotten', final_prompt, preset, ${endpoint ? `'${endpoint}'` : "endpoint"},
            num_images, parameters, input, cost, expected_seconds, now() - interval '10 minutes'
        FROM generations WHERE id = '${done.id}'`);
    return id;
}

function oldFile(key) {
    const file = path.join(bucket(), key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "old");
    const then = Date.now() / 1000 - 2 * 86400;
    fs.utimesSync(file, then, then);
    return file;
}

test("what was left behind is mended soon after the start, and what cannot be mended is reported", async () => {
    const lost = await forgotten();
    const late = await forgotten(NEVER_SENT);
    const day = image.split("/").slice(0, 3).join("/");
    const orphan = oldFile(`${day}/${randomUUID()}_small.webp`);
    const leftover = oldFile(`${day}/~${randomUUID()}`);
    const stranger = oldFile("notes.txt");
    fs.rmSync(path.join(bucket(), image.replace(/\.\w+$/, "_medium.webp")));
    for (const statement of [
        `INSERT INTO breakers (endpoint, open_until, trips, reason) VALUES ('${NEVER_SENT}', now() + interval '9 minutes', 3, 'planted')`,
        `INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost, queued_at)
            SELECT id, user_id, lane, endpoint, cost, now() - interval '25 hours' FROM generations WHERE id = '${late}'`,
        `INSERT INTO slots (generation_id, user_id) VALUES ('${done.id}', '${owner.id}')`,
        `INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)
            SELECT id, user_id, lane, '${NEVER_SENT}', cost FROM generations WHERE id = '${done.id}'`,
        `UPDATE flows SET waiting = waiting + 5 WHERE user_id = '${owner.id}'`,
        `INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)
            VALUES ('${done.id}', '${owner.id}', 9, 'unknown', 'e', 1)`,
        `UPDATE generations SET finished_at = now() - interval '2 minutes' WHERE id = '${done.id}'`,
        `SELECT account_open('${world.other.id}', 10)`,
        `UPDATE accounts SET granted = granted + 1, available = available + 1 WHERE user_id = '${world.other.id}'`,
        `INSERT INTO jobs (kind, ref, state) VALUES ('of another program', gen_random_uuid(), 'ready')`,
        `INSERT INTO jobs (kind, ref, state) VALUES ('generation', '${done.id}', 'dead')`,
        `INSERT INTO sessions (id, user_id, sha256, expires_at) VALUES ('${randomUUID()}', '${owner.id}',
            sha256('old'), now() - interval '1 minute')`,
    ])
        await world.sql(statement);
    await world.startServer();

    for (const sweep of ["generation_lost", "slot_stale", "queue_stale", "submission_open", "queue_expired", "flow_count"])
        await until(`${sweep} is mended`, 15000, async () => (await mended(sweep)) >= 1, 200);
    await until("objects are looked through", 15000, async () => (await mended("object_unowned")) === 2, 200);
    await until("old rows are gone", 15000, async () => (await mended("old_sessions")) === 1, 200);
    assert.equal(await found("object_unowned"), 3, "the stranger is only reported");
    assert.ok(!fs.existsSync(orphan) && !fs.existsSync(leftover) && fs.existsSync(stranger));
    assert.equal(await found("image_objects"), 1);
    assert.equal(await mended("image_objects"), 0);
    assert.equal(await found("account_sums"), 1);
    assert.equal(await found("ledger_ends"), 0);

    assert.equal((await follow(owner, lost)).status, "completed", "the forgotten one is made after all");
    const expired = await follow(owner, late);
    assert.deepEqual([expired.status, expired.error.code], ["failed", "queue_expired"]);
    assert.deepEqual(await world.sql(`SELECT generation_id FROM slots WHERE generation_id = '${done.id}'`), []);
    assert.deepEqual(await world.sql(`SELECT sum(waiting) FROM flows`), [["0"]]);
    assert.deepEqual(await world.sql(`SELECT held, unfinished FROM accounts WHERE user_id = '${owner.id}'`), [["0", "0"]]);
    assert.deepEqual(await world.sql(`SELECT state FROM submissions WHERE attempt = 9`), [["abandoned"]]);
    assert.match(world.aisha.log, /event=sweep_found name=generation_lost count=1 mended=1 first="?[0-9a-f-]{36}/);
});

test("metrics show work, turns, breakers and attempts", async () => {
    assert.equal(await metric("aisha_jobs", { kind: "unknown", state: "ready" }), 1);
    assert.equal(await metric("aisha_jobs", { kind: "generation", state: "dead" }), 1);
    assert.equal(await metric("aisha_jobs_overdue"), 0);
    assert.equal(await metric("aisha_slots", { state: "used" }), 0);
    assert.equal(await metric("aisha_slots", { state: "all" }), 16);
    assert.equal(await metric("aisha_queue", { lane: "interactive" }), 0);
    assert.equal(await metric("aisha_queue", { lane: "batch" }), 0);
    assert.equal(await metric("aisha_breaker_open", { endpoint: "account" }), 0);
    assert.equal(await metric("aisha_breaker_open", { endpoint: NEVER_SENT }), 1);
    assert.equal(await metric("aisha_breaker_trips", { endpoint: NEVER_SENT }), 3);
    for (const state of ["sending", "unknown", "accepted", "review"])
        assert.equal(await metric("aisha_submissions", { state }), 0, state);
    assert.ok((await metric("aisha_sweep_last_seconds", { sweep: "generation_lost" })) < 60);

    const id = await forgotten(NEVER_SENT);
    await world.sql(`INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost, queued_at)
        SELECT id, user_id, 1, endpoint, cost, now() - interval '100 seconds' FROM generations WHERE id = '${id}'`);
    assert.equal(await metric("aisha_queue", { lane: "batch" }), 1);
    const age = await metric("aisha_queue_oldest_seconds");
    assert.ok(age >= 100 && age < 160, String(age));
    assert.equal(await metric("aisha_waiting", { what: "generations_open", state: "pending" }), 1);
    assert.ok((await metric("aisha_oldest_seconds", { what: "generations_open", state: "pending" })) >= 100);

    assert.equal(await metric("aisha_extra_paid_total"), 0);
    await world.sql(`UPDATE submissions SET request_id = 'late', looks = 2 WHERE attempt = 9`);
    assert.equal(await metric("aisha_extra_paid_total"), 0, "no attempt came after it");
    assert.equal(await metric("aisha_looked_for_total"), 1);
    await world.sql(`INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, request_id)
        VALUES ('${done.id}', '${owner.id}', 10, 'completed', 'e', 1, 'again')`);
    assert.equal(await metric("aisha_extra_paid_total"), 1);
});

test("when the process that sweeps is killed, the next one takes over", async () => {
    const [[epoch]] = await world.sql("SELECT epoch FROM leaders WHERE name = 'sweeper'");
    await world.stopServer("SIGKILL");
    await world.startServer();
    await world.sql(`INSERT INTO slots (generation_id, user_id) VALUES ('${done.id}', '${owner.id}')`);
    const before = await mended("slot_stale");
    await until("it is mended", 25000, async () => (await mended("slot_stale")) > before, 250);
    const [[next]] = await world.sql("SELECT epoch FROM leaders WHERE name = 'sweeper'");
    assert.equal(Number(next), Number(epoch) + 1);
});

test("a process that ends gives the lead away at once", async () => {
    await world.stopServer();
    const [[free]] = await world.sql("SELECT until <= now() FROM leaders WHERE name = 'sweeper'");
    assert.equal(free, "t");
    await world.startServer();
    await until("the next one leads", 5000, async () =>
        (await world.sql("SELECT 1 FROM leaders WHERE name = 'sweeper' AND until > now()")).length, 100);
});
