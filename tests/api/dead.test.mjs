// Jobs that nobody can bring to an end: given up with the reason, listed, run once more or thrown away by an operator; and
// those of other versions, which are left alone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { ask, follow, importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const NOBODY = 999999; // a worker that has died
let world, owner;

before(async () => {
    world = await World.start({ generationMs: 120000 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

const jobs = (...args) => world.command("jobs", ...args);
const job = async (ref) => {
    const [row] = await world.sql(`SELECT id, state, attempts, crashes, last_error FROM jobs WHERE ref = '${ref}'`);
    const [id, state, attempts, crashes, last_error] = row ?? [];
    return row && { id: Number(id), state, attempts: Number(attempts), crashes: Number(crashes), last_error };
};

// As a worker leaves it that has died with it, and was not the first one.
const leave = (ref, crashes) =>
    world.sql(`WITH dead AS (INSERT INTO workers (id, beat_at) OVERRIDING SYSTEM VALUE
            VALUES (${NOBODY}, now() - interval '1 minute') ON CONFLICT (id) DO NOTHING)
        INSERT INTO jobs AS j (kind, ref, state, worker_id, epoch, crashes, lease_until)
            VALUES ('generation', '${ref}', 'leased', ${NOBODY}, 1, ${crashes}, now() + interval '10 minutes')
            ON CONFLICT (kind, ref) DO UPDATE SET state = 'leased', worker_id = ${NOBODY}, epoch = j.epoch + 1,
                crashes = ${crashes}, lease_until = now() + interval '10 minutes'`);

const dead = (ref) =>
    until("the job is dead", 30000, async () => {
        const found = await job(ref);
        return found?.state === "dead" && found;
    });

let ended;
test("a generation whose workers die again and again ends, is not charged, and its job says why", async () => {
    const { id } = await ask(owner, { prompt: "whoever touches it dies", preset: "fast" });
    await until("it is with the provider", 20000, async () =>
        ["queued", "running"].includes((await owner.get(`/api/v1/generations/${id}`)).json.status),
    );
    await leave(id, 19);
    const found = await dead(id);
    assert.equal(found.crashes, 20);
    assert.match(found.last_error, /20 workers in a row died with it/);
    const told = await follow(owner, id);
    assert.equal(told.status, "failed");
    const quota = (await owner.get("/api/v1/me")).json.quota;
    assert.deepEqual([quota.held, quota.spent], [0, 0]);
    ended = { id, job: found.id };
});

test("it is listed, with everything that is known of it", async () => {
    const listed = await jobs("dead", "--limit", "5");
    assert.equal(listed.id, ended.job);
    assert.equal(listed.ref, ended.id);
    assert.deepEqual([listed.kind, listed.attempts, listed.crashes], ["generation", 0, 20]);
    assert.match(listed.last_error, /20 workers/);
    assert.ok(Math.abs(Date.parse(listed.since) - Date.now()) < 120000, listed.since);
});

test("it is run once more: its generation has ended, so there is nothing left to do", async () => {
    assert.deepEqual(await jobs("retry", String(ended.job)), { retried: 1 });
    await until("the job is gone", 20000, async () => !(await job(ended.id)));
    assert.equal((await owner.get(`/api/v1/generations/${ended.id}`)).json.status, "failed");
    const again = await world.vainCommand("jobs", "retry", String(ended.job));
    assert.equal(again.code, 1);
    assert.match(again.words, /there is no such dead job/);
});

test("one that crashed less often is run again within twenty seconds of its worker's death", async () => {
    const ref = randomUUID(); // of a generation whose user is gone: one step, and it is done
    await leave(ref, 1);
    await until("it was run", 20000, async () => !(await job(ref)));
});

test("one is thrown away, and only when it is dead", async () => {
    const ref = randomUUID();
    await world.sql(`INSERT INTO jobs (kind, ref, run_at) VALUES ('generation', '${ref}', now() + interval '1 hour')`);
    const { id } = await job(ref);
    assert.equal((await world.vainCommand("jobs", "discard", String(id))).code, 1);
    assert.equal((await job(ref)).state, "ready");
    await world.sql(`UPDATE jobs SET state = 'dead' WHERE id = ${id}`);
    assert.deepEqual(await jobs("discard", String(id)), { discarded: 1 });
    assert.equal(await job(ref), undefined);
    for (const args of [["discard", "all"], ["retry"], ["dead", "--limit", "0"], ["bury", "1"]])
        assert.equal((await world.vainCommand("jobs", ...args)).code, 2, args.join(" "));
    assert.equal((await world.vainCommand("jobs", "retry", "all")).code, 1);
});

test("a job of a kind that this version does not know stays as it is, and is reported", async () => {
    const ref = randomUUID();
    await world.sql(`INSERT INTO jobs (kind, ref) VALUES ('of another version', '${ref}')`);
    await world.stopServer();
    await world.startServer();
    const [, count] = await world.aisha.line(/level=warn event=unknown_job_kind kind="of another version" count=(\d+)/);
    assert.equal(count, "1");
    await sleep(1500);
    const found = await job(ref);
    assert.deepEqual([found.state, Number(found.attempts), found.crashes], ["ready", 0, 0]);
});
