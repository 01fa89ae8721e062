// Batches from outside: every prompt succeeds or fails by itself, all of it is paid for exactly, sequential ones keep
// their distance whatever happens, and a cancel ends the whole.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, follow, importAvatar, NOBODY, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const PATH = "/api/v1/generations/batches";
const PRICE = 4; // of one picture
const QUOTA = 1000;
let world, owner;

before(async () => {
    world = await World.start({
        generationMs: 300,
        env: { DEFAULT_QUOTA: String(QUOTA), FAL_CONCURRENCY: "4", FAL_USER_CONCURRENCY: "4" },
    });
    owner = await somebody("Batcher");
});
after(async () => {
    if (world?.aisha) await assertBooks();
    await world?.stop();
});

async function somebody(name) {
    const person = await world.person(name);
    await importAvatar(person, PORTRAIT);
    return person;
}

async function assertBooks() {
    assert.deepEqual(
        await world.sql(`SELECT a.* FROM accounts a LEFT JOIN (SELECT user_id, sum(amount) AS spent FROM ledger
                WHERE kind = 'settle' GROUP BY 1) l USING (user_id) LEFT JOIN (SELECT user_id, sum(cost) AS held,
                count(*) AS open FROM generations WHERE charged IS NULL GROUP BY 1) g USING (user_id)
            WHERE a.spent <> coalesce(l.spent, 0) OR a.held <> coalesce(g.held, 0) OR a.unfinished <> coalesce(g.open, 0)
                OR a.available + a.held + a.spent <> a.granted`),
        [],
    );
}

const quota = async (person) => (await person.get("/api/v1/me")).json.quota;
const send = async (client, body) => (await client.post(PATH, { preset: "fast", ...body }, { status: 202 })).json;
const show = async (client, id) => (await client.get(`${PATH}/${id}`)).json;
const cancel = (client, id, status = 202) => client.post(`${PATH}/${id}/cancel`, undefined, { status });
const statuses = (batch) => batch.items.map((item) => item.status);

async function end(client, id, ms = 40000) {
    let last;
    await until(`batch ${id} ends`, ms, async () => {
        last = await show(client, id);
        return last.status !== "running";
    });
    return last;
}

test("fifty prompts become fifty pictures, each paid for once", { timeout: 90000 }, async () => {
    const person = await somebody("Fifty");
    const prompts = Array.from({ length: 50 }, (_, i) => `fifty, number ${i}`);
    const answer = await person.post(PATH, { prompts, preset: "fast" }, { status: 202 });
    const made = answer.json;
    assert.equal(answer.headers.location, `${PATH}/${made.id}`);
    assert.deepEqual([made.status, made.mode, made.progress, made.cost], ["running", "parallel", 0, 50 * PRICE]);
    assert.deepEqual(
        made.items.map((item) => [item.position, item.prompt, item.status]),
        prompts.map((prompt, i) => [i, prompt, "pending"]),
    );
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA - 200, held: 200, spent: 0 });
    const first = await person.get(`/api/v1/generations/${made.items[0].generation_id}`);
    assert.deepEqual([first.json.batch_id, first.json.priority], [made.id, "batch"]);
    let last = 0;
    await until("half of it is done", 40000, async () => {
        const { progress, status, eta_seconds, counts } = await show(person, made.id);
        assert.ok(progress >= last && progress <= 100, `${progress} after ${last}`);
        assert.equal(status === "running", eta_seconds !== null, `${status} ${eta_seconds}`);
        assert.equal(counts.pending + counts.running + counts.completed, 50);
        last = progress;
        return progress >= 50;
    });
    const done = await end(person, made.id);
    assert.deepEqual([done.status, done.progress, done.eta_seconds, done.counts.completed], ["completed", 100, null, 50]);
    assert.ok(done.finished_at >= done.created_at);
    for (const item of done.items) {
        assert.equal(item.images.length, 1);
        assert.equal(item.images[0].generation_id, item.generation_id);
        assert.equal(item.images[0].prompt, item.prompt);
        assert.equal(item.error, null);
    }
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA - 200, held: 0, spent: 200 });
    const sent = (await world.accepted()).filter((r) => r.input.prompt.includes("fifty, number"));
    assert.equal(sent.length, 50);
    assert.equal(new Set(sent.map((r) => r.input.prompt)).size, 50, "each once");
    const [listed] = (await person.get(PATH)).json.items;
    delete done.items;
    assert.deepEqual(listed, done, "the list tells the same, without the items");
});

test("a prompt that cannot be made is told of, and the others run", async () => {
    const before = await quota(owner);
    const prompts = ["a fine one", "", " \n ", "x".repeat(1001), "ж".repeat(1000), "😀".repeat(1100), "another"];
    const made = await send(owner, { prompts, num_images: 2 });
    assert.deepEqual(statuses(made), ["pending", "refused", "refused", "refused", "pending", "refused", "pending"]);
    assert.deepEqual(
        made.items.map((item) => item.error?.code ?? null),
        [null, "empty", "blank", "too_long", null, "too_long", null],
    );
    assert.match(made.items[3].error.message, /1000/);
    assert.equal(made.items[3].generation_id, null);
    assert.equal(made.items[5].prompt, "😀".repeat(1000), "cut, not inside of a character");
    assert.equal(made.cost, 3 * 2 * PRICE);
    const done = await end(owner, made.id);
    assert.deepEqual(done.counts, {
        total: 7,
        refused: 4,
        pending: 0,
        running: 0,
        completed: 3,
        failed: 0,
        cancelled: 0,
    });
    assert.deepEqual([done.status, done.progress, done.cost], ["completed", 100, 24]);
    assert.deepEqual(
        done.items.map((item) => item.images.length),
        [2, 0, 0, 0, 2, 0, 2],
    );
    assert.equal((await quota(owner)).available, before.available - 24);
});

test("a prompt that moderation blocks is told of with its category, in the reader's language", async () => {
    const prompts = ["a quiet street", "a naked man", "a garden"];
    const russian = owner.with({ "accept-language": "ru" });
    const made = await send(russian, { prompts });
    assert.deepEqual(statuses(made), ["pending", "refused", "pending"]);
    assert.deepEqual([made.items[1].error.code, typeof made.items[1].error.category], ["moderation_blocked", "string"]);
    assert.match(made.items[1].error.message, /[а-я]/i);
    const english = (await show(owner.with({ "accept-language": "en" }), made.id)).items[1].error;
    assert.match(english.message, /^[\x20-\x7e“”’]+$/);
    assert.equal((await end(owner, made.id)).counts.completed, 2);
    assert.ok(!(await world.accepted()).some((r) => r.input.prompt.includes("naked")));
});

test("when none can be made nothing is, and every prompt says why", async () => {
    const before = [await quota(owner), (await owner.get(PATH)).json.items.length];
    const refused = await owner.post(PATH, { prompts: ["", "  ", "x".repeat(1001)] }, { status: 422 });
    assert.deepEqual(
        refused.json.errors.map((e) => [e.field, e.code]),
        [
            ["prompts[0]", "empty"],
            ["prompts[1]", "blank"],
            ["prompts[2]", "too_long"],
        ],
    );
    assert.deepEqual([await quota(owner), (await owner.get(PATH)).json.items.length], before);
});

test("when moderation blocks all of them, each says why", async () => {
    const refused = await owner.post(PATH, { prompts: ["a naked man", ""] }, { status: 422 });
    assert.deepEqual(
        refused.json.errors.map((e) => [e.field, e.code]),
        [
            ["prompts[0]", "moderated"],
            ["prompts[1]", "empty"],
        ],
    );
});

test("what the prompts have in common is refused once, for all of them", async () => {
    const style = (await importAvatar(owner, { ...STYLE, name: "Style" })).id;
    for (const [body, field, code] of [
        [{ prompts: [] }, "prompts", "empty"],
        [{ prompts: Array(51).fill("x") }, "prompts", "too_many_items"],
        [{ prompts: "x" }, "prompts", "not_an_array"],
        [{ prompts: ["x", 7] }, "prompts[1]", "not_a_string"],
        [{}, "prompts", "required"],
        [{ prompts: ["x"], mode: "random" }, "mode", "not_one_of"],
        [{ prompts: ["x"], mode: 1 }, "mode", "not_a_string"],
        [{ prompts: ["x", ""], preset: "none" }, "preset", "not_one_of"],
        [{ prompts: ["", ""], preset: "none" }, "preset", "not_one_of"],
        [{ prompts: ["x", "y"], preset: "ultra" }, "preset", "preset_not_supported"],
        [{ prompts: ["x", "y"], num_images: 5 }, "num_images", "out_of_range"],
        [{ prompts: ["x"], prompt: "x" }, "", "unknown_field"],
        [{ prompts: ["x"], overrides: { guidance_scale: 99 } }, "overrides.guidance_scale", "out_of_range_thousandths"],
    ]) {
        const { json } = await owner.post(PATH, body, { status: 422 });
        assert.deepEqual(
            json.errors.map((e) => e.field),
            [field],
            JSON.stringify(body),
        );
        assert.equal(json.errors[0].code.replace("_thousandths", ""), code.replace("_thousandths", ""));
    }
    assert.equal((await owner.post(PATH, { prompts: ["x"], avatar_id: NOBODY }, { status: 404 })).json.code, "not_found");
    const ultra = await send(owner, { prompts: ["wide"], avatar_id: style, preset: "ultra", aspect_ratio: "16:9" });
    assert.equal((await end(owner, ultra.id)).counts.completed, 1);
});

test("who has no avatar, or none that is ready, is told so", async () => {
    const person = await world.person("Nobody yet");
    assert.equal((await person.post(PATH, { prompts: ["x"] }, { status: 409 })).json.code, "no_main_avatar");
    const draft = { name: "Draft", gender: "other", training_type: "style" };
    const { id } = (await person.post("/api/v1/avatars", draft, { status: 201 })).json;
    const refused = await person.post(PATH, { prompts: ["x"], avatar_id: id }, { status: 409 });
    assert.equal(refused.json.code, "avatar_not_ready");
});

test("fifty prompts of a thousand characters fit, escaped as they may be; more bytes do not", async () => {
    const person = await somebody("Wordy");
    const prompts = Array.from({ length: 50 }, (_, i) => "ж".repeat(998) + String(i).padStart(2, "0"));
    const body = JSON.stringify({ prompts, preset: "fast" }).replace(/[^\x20-\x7e]/g, "\\u0436");
    assert.ok(body.length > 290000);
    const made = (await person.expect(202, "POST", PATH, { body })).json;
    assert.deepEqual(
        made.items.map((item) => item.prompt),
        prompts,
    );
    await cancel(person, made.id);
    const huge = await person.send("POST", PATH, { body: JSON.stringify({ prompts: ["x".repeat(700 * 1024)] }) });
    assert.deepEqual([huge.status, huge.json.code], [413, "body_too_large"]);
    const plain = await person.send("POST", PATH, { body: "prompts=x", type: "text/plain" });
    assert.equal(plain.status, 415);
});

test("credits are reserved for all that can be made, or for none", async () => {
    const person = await somebody("Poor");
    await world.sql(`SELECT account_open('${person.id}', 11)`);
    const refused = await person.post(PATH, { prompts: ["a", "", "b", "c"], preset: "fast" }, { status: 402 });
    assert.deepEqual([refused.json.needed, refused.json.available], [12, 11]);
    assert.deepEqual((await person.get(PATH)).json, { items: [], next_cursor: null });
    assert.deepEqual(await quota(person), { granted: 11, available: 11, held: 0, spent: 0 });
    const made = await send(person, { prompts: ["a", "", "b"] });
    assert.equal(made.cost, 8);
    await end(person, made.id);
    assert.deepEqual(await quota(person), { granted: 11, available: 3, held: 0, spent: 8 });
});

test("too many unfinished ones are refused as a whole", async () => {
    const person = await somebody("Eager");
    await world.sql(`SELECT account_open('${person.id}', 100)`);
    await world.sql(`UPDATE accounts SET unfinished = 9998 WHERE user_id = '${person.id}'`);
    const refused = await person.post(PATH, { prompts: ["a", "b", "c"] }, { status: 429 });
    assert.equal(refused.json.code, "too_many_requests");
    await world.sql(`UPDATE accounts SET unfinished = 0 WHERE user_id = '${person.id}'`);
    assert.equal((await person.get(PATH)).json.items.length, 0);
});

test("the same request again gives the same bytes and nothing new", async () => {
    const key = randomUUID();
    const client = owner.with({ "idempotency-key": key });
    const body = { prompts: ["once", "", "and once"], preset: "fast" };
    const first = await client.post(PATH, body, { status: 202 });
    assert.equal(first.headers["idempotent-replayed"], undefined);
    for (const wait of [false, true]) {
        if (wait) await end(owner, first.json.id);
        const again = await client.post(PATH, body, { status: 202 });
        assert.equal(again.headers["idempotent-replayed"], "true");
        assert.ok(again.bytes.equals(first.bytes), "byte by byte, also when it has ended since");
        assert.equal(again.headers.location, first.headers.location);
    }
    const other = await client.post(PATH, { ...body, prompts: ["twice"] }, { status: 422 });
    assert.equal(other.json.code, "idempotency_key_reused");
    const elsewhere = await client.post("/api/v1/generations", { prompt: "once" }, { status: 422 });
    assert.equal(elsewhere.json.code, "idempotency_key_reused");
});

test("twenty at the same moment make one", async () => {
    const client = owner.with({ "idempotency-key": randomUUID() });
    const before = (await quota(owner)).available;
    const answers = await Promise.all(
        Array.from({ length: 20 }, () => client.post(PATH, { prompts: ["p", "q"], preset: "fast" }, { status: 202 })),
    );
    assert.equal(new Set(answers.map((a) => a.json.id)).size, 1);
    assert.equal(answers.filter((a) => !a.headers["idempotent-replayed"]).length, 1);
    await end(owner, answers[0].json.id);
    assert.equal((await quota(owner)).available, before - 2 * PRICE);
});

test("a batch is its owner's alone", async () => {
    const other = await somebody("Stranger");
    const { id, items } = await send(owner, { prompts: ["mine"] });
    await other.get(`${PATH}/${id}`, { status: 404 });
    await cancel(other, id, 404);
    await other.get(`/api/v1/generations/${items[0].generation_id}`, { status: 404 });
    assert.deepEqual((await other.get(PATH)).json.items, []);
    await owner.get(`${PATH}/${NOBODY}`, { status: 404 });
    await cancel(owner, NOBODY, 404);
    await owner.get(`${PATH}/none`, { status: 404 });
    assert.equal((await end(owner, id)).counts.completed, 1);
    const reader = world.client((await world.token(owner, "read")).token);
    assert.equal((await reader.send("POST", PATH, { json: { prompts: ["x"] } })).status, 403);
    assert.equal((await reader.send("POST", `${PATH}/${id}/cancel`)).status, 403);
});

test("the list has pages", async () => {
    const person = await somebody("Lister");
    const made = [];
    for (let i = 0; i < 5; i++) made.unshift((await send(person, { prompts: [`list ${i}`] })).id);
    assert.deepEqual(
        (await walk(person, PATH, 2)).map((b) => b.id),
        made,
    );
    await person.get(`${PATH}?limit=0`, { status: 400 });
    await person.get(`${PATH}?cursor=abc`, { status: 400 });
});

test("one that fails takes nobody with it", async () => {
    await world.faults({ op: "result", fault: "422", prompt: "refused by the provider" });
    const before = (await quota(owner)).available;
    const made = await send(owner, { prompts: ["well", "refused by the provider", "well again"] });
    const done = await end(owner, made.id);
    await world.faults();
    assert.deepEqual(statuses(done), ["completed", "failed", "completed"]);
    assert.deepEqual([done.status, done.cost], ["completed", 2 * PRICE]);
    assert.equal(done.items[1].error.code, "moderation_blocked");
    assert.equal((await quota(owner)).available, before - 2 * PRICE);
});

/* Sequential ones */

// In the order of their positions, when each was sent, in ms; and the distances between.
async function sentTimes(batch) {
    const rows = await world.sql(`SELECT g.batch_position, extract(epoch FROM s.sent_at) * 1000 FROM generations g
        JOIN submissions s ON s.generation_id = g.id WHERE g.batch_id = '${batch}' ORDER BY s.sent_at`);
    const positions = rows.map(([position]) => Number(position));
    const times = rows.map(([, at]) => Number(at));
    return { positions, apart: times.slice(1).map((at, i) => at - times[i]) };
}

test("sequential ones are sent in their order, a second apart", { timeout: 60000 }, async () => {
    const prompts = Array.from({ length: 6 }, (_, i) => (i === 2 ? "" : `in line ${i}`));
    const made = await send(owner, { prompts, mode: "sequential" });
    assert.equal(made.mode, "sequential");
    const done = await end(owner, made.id);
    assert.equal(done.counts.completed, 5);
    const { positions, apart } = await sentTimes(made.id);
    assert.deepEqual(positions, [0, 1, 3, 4, 5]);
    assert.ok(
        apart.every((ms) => ms >= 1000),
        `${apart}`,
    );
    assert.ok(apart.reduce((sum, ms) => sum + ms) < 20000, `not much slower either: ${apart}`);
    const arrived = (await world.accepted()).filter((r) => r.input.prompt.includes("in line"));
    assert.deepEqual(
        arrived.map((r) => r.input.prompt.slice(-1)),
        ["0", "1", "3", "4", "5"],
    );
    console.log(`# apart: ${apart.map(Math.round)} ms`);
});

test("a sequential one and single wishes do not wait for each other", async () => {
    const prompts = Array.from({ length: 15 }, (_, i) => `slow ${i}`);
    const made = await send(owner, { prompts, mode: "sequential" });
    const single = await follow(owner, (await ask(owner, { prompt: "quick", preset: "fast" })).id);
    assert.equal(single.status, "completed");
    assert.equal((await show(owner, made.id)).status, "running");
    await cancel(owner, made.id);
    const done = await end(owner, made.id);
    assert.ok(done.counts.completed > 0, "nor did it wait for the single one");
});

test("one of a sequential batch that is cancelled alone is passed over", async () => {
    const made = await send(owner, { prompts: ["pass a", "pass b", "pass c", "pass d", "pass e"], mode: "sequential" });
    const { generation_id } = made.items[3]; // three seconds away
    const cancelled = await owner.post(`/api/v1/generations/${generation_id}/cancel`, undefined, { status: 202 });
    assert.equal(cancelled.json.status, "cancelled");
    const done = await end(owner, made.id);
    assert.deepEqual(statuses(done), ["completed", "completed", "completed", "cancelled", "completed"]);
    assert.equal(done.status, "completed", "the batch as a whole was not cancelled");
});

test("a lost answer holds up a sequential one until it is known, and nothing is sent twice", { timeout: 60000 }, async () => {
    await world.faults({ op: "submit", fault: "accept_then_close", prompt: "lost b", count: 1 });
    const made = await send(owner, { prompts: ["lost a", "lost b", "lost c"], mode: "sequential" });
    const done = await end(owner, made.id, 50000);
    await world.faults();
    assert.deepEqual(statuses(done), ["completed", "completed", "completed"]);
    const sent = (await world.accepted()).filter((r) => /lost [abc]$/.test(r.input.prompt));
    assert.deepEqual(
        sent.map((r) => r.input.prompt.slice(-1)),
        ["a", "b", "c"],
    );
    assert.ok((await sentTimes(made.id)).apart.every((ms) => ms >= 1000));
});

/* Cancels */

test("a cancel ends what was not sent at once, and asks for the rest", async () => {
    const person = await somebody("Canceller");
    const made = await send(person, { prompts: Array.from({ length: 8 }, (_, i) => `c ${i}`), mode: "sequential" });
    await until("the first is on its way", 10000, async () => (await show(person, made.id)).counts.pending < 8);
    const { json } = await cancel(person, made.id);
    assert.equal(json.cancel_requested, true);
    assert.equal(json.counts.pending, 0);
    assert.deepEqual(statuses(json).slice(5), ["cancelled", "cancelled", "cancelled"], "they are seconds away");
    const again = (await cancel(person, made.id)).json;
    assert.equal(again.cancel_requested, true);
    const done = await end(person, made.id);
    assert.equal(done.status, "cancelled");
    assert.equal(done.counts.pending + done.counts.running, 0);
    assert.equal((await cancel(person, made.id)).json.status, "cancelled", "and once more, when it has ended");
    const { spent, held } = await quota(person);
    assert.equal(held, 0);
    assert.equal(spent, done.counts.completed * PRICE);
    assert.equal(
        (await world.sql(`SELECT 1 FROM jobs WHERE kind = 'batch' AND ref = '${made.id}' AND run_at > now() + interval '6 s'`))
            .length,
        0,
    );
});

test("a cancel of one that only waits costs nothing", async () => {
    const person = await somebody("Hesitant");
    const many = Array.from({ length: 50 }, (_, i) => `many ${i}`);
    const made = await send(person, { prompts: many });
    const { json } = await cancel(person, made.id);
    assert.ok(json.counts.cancelled >= 20, JSON.stringify(json.counts));
    const done = await end(person, made.id);
    assert.equal(done.status, "cancelled");
    assert.deepEqual(await quota(person), {
        granted: QUOTA,
        available: QUOTA - PRICE * done.counts.completed,
        held: 0,
        spent: PRICE * done.counts.completed,
    });
    assert.deepEqual(await world.sql(`SELECT 1 FROM generation_queue WHERE user_id = '${person.id}'`), []);
    assert.deepEqual(await world.sql(`SELECT 1 FROM flows WHERE user_id = '${person.id}' AND waiting <> 0`), []);
});

test("one that has ended by itself cannot be cancelled", async () => {
    const made = await send(owner, { prompts: ["over"] });
    await end(owner, made.id);
    assert.equal((await cancel(owner, made.id, 409)).json.code, "not_cancellable");
});

/* kill -9 */

test("a sequential one survives kill -9, in order, a second apart, each paid for once", { timeout: 120000 }, async () => {
    const person = await somebody("Survivor");
    const prompts = Array.from({ length: 6 }, (_, i) => `survivor ${i}`);
    const made = await send(person, { prompts, mode: "sequential" });
    for (const count of [1, 3]) {
        await until(`${count} are sent`, 30000, async () => (await sentTimes(made.id)).positions.length >= count);
        await world.stopServer("SIGKILL");
        await world.startServer();
    }
    await until("the last is sent, or one is held", 60000, async () => {
        const { positions } = await sentTimes(made.id);
        const held = await world.sql("SELECT 1 FROM submissions WHERE state = 'unknown'");
        if (held.length) await world.passTime("9 minutes");
        return positions.includes(5);
    });
    const done = await end(person, made.id, 60000);
    assert.deepEqual(statuses(done), Array(6).fill("completed"));
    const { apart } = await sentTimes(made.id);
    assert.ok(
        apart.every((ms) => ms >= 1000),
        `${apart}`,
    );
    const sent = (await world.accepted()).filter((r) => r.input.prompt.includes("survivor"));
    assert.deepEqual(
        sent.map((r) => r.input.prompt.slice(-1)),
        ["0", "1", "2", "3", "4", "5"],
        "each once, in order",
    );
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA - 24, held: 0, spent: 24 });
    console.log(`# apart: ${apart.map(Math.round)} ms`);
});
