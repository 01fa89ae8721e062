// Credits from outside: what is reserved, charged and given back; who has too few is told; what waits says why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const QUOTA = 30;
const PRICE = 4; // of one picture
const RUN_MS = 700;
let world;

before(async () => {
    world = await World.start({
        generationMs: RUN_MS,
        env: { DEFAULT_QUOTA: String(QUOTA), FAL_CONCURRENCY: "1", FAL_USER_CONCURRENCY: "1" },
    });
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

const quota = async (person) => (await person.get("/api/v1/me")).json.quota;
const ledger = (person) => walk(person, "/api/v1/me/ledger", 2);
const book = async (person) => (await ledger(person)).map((e) => `${e.kind} ${e.amount}`).reverse();
const wish = (prompt, more) => ({ prompt, preset: "fast", ...more });

// Everybody's sums are those of their book.
async function assertBooks() {
    assert.deepEqual(
        await world.sql(`SELECT a.user_id FROM accounts a LEFT JOIN (SELECT user_id,
                sum(amount) FILTER (WHERE kind = 'grant') AS granted, sum(amount) FILTER (WHERE kind = 'settle') AS spent
                FROM ledger GROUP BY 1) l USING (user_id) LEFT JOIN (SELECT user_id, sum(cost) AS held, count(*) AS open
                FROM generations WHERE charged IS NULL GROUP BY 1) g USING (user_id)
            WHERE a.granted <> l.granted OR a.spent <> coalesce(l.spent, 0) OR a.held <> coalesce(g.held, 0)
                OR a.unfinished <> coalesce(g.open, 0) OR a.available + a.held + a.spent <> a.granted`),
        [],
    );
}

test("what is delivered is charged, and the book says so", async () => {
    const person = await somebody("Payer");
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA, held: 0, spent: 0 });
    assert.deepEqual(await ledger(person), []);
    const made = await ask(person, wish("two of them", { num_images: 2 }));
    assert.deepEqual([made.cost, made.charge_reason, made.version], [2 * PRICE, "reserved", 1]);
    const done = await follow(person, made.id);
    assert.deepEqual([done.status, done.cost, done.charge_reason], ["completed", 2 * PRICE, "delivered"]);
    assert.ok(done.version > made.version);
    assert.equal(done.waiting, null);
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA - 8, held: 0, spent: 8 });
    assert.deepEqual(await book(person), [`grant ${QUOTA}`, "reserve 8", "settle 8"]);
    const entries = await ledger(person);
    assert.deepEqual(
        entries.map((e) => e.generation_id),
        [made.id, made.id, null],
    );
    assert.equal(entries.at(-1).reason, "first");
});

test("what failed or was blocked is not charged, and says why", async () => {
    const person = await somebody("Unlucky");
    await world.faults(
        { op: "result", fault: "missing_image", prompt: "nothing in it" },
        { op: "webhook", fault: "lost", prompt: "nothing in it" },
        { op: "result", fault: "422", prompt: "refused" },
    );
    for (const [prompt, code, reason] of [
        ["nothing in it", "result_missing", "failed"],
        ["refused", "moderation_blocked", "blocked"],
    ]) {
        const done = await follow(person, (await ask(person, wish(prompt))).id);
        assert.deepEqual([done.status, done.error?.code, done.cost, done.charge_reason], ["failed", code, 0, reason], prompt);
    }
    await world.faults();
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA, held: 0, spent: 0 });
    assert.deepEqual(await book(person), [`grant ${QUOTA}`, ...Array(2).fill(["reserve 4", "release 4"]).flat()]);
});

test("one that waits for its turn knows its place, and is cancelled at once", async () => {
    const person = await somebody("Patient");
    const made = [];
    for (const prompt of ["first", "second", "third"]) made.push(await ask(person, wish(prompt)));
    const batch = await ask(person, wish("some day", { priority: "batch" }));
    assert.equal(batch.priority, "batch");
    const last = (await person.get(`/api/v1/generations/${made[2].id}`)).json;
    assert.equal(last.priority, "interactive");
    assert.equal(last.waiting.code, "waiting_queue");
    assert.ok(last.queue_position >= 1 && last.queue_position <= 2, `${last.queue_position}`);
    assert.ok(last.eta_seconds >= 1);
    assert.ok((await person.get(`/api/v1/generations/${batch.id}`)).json.queue_position > last.queue_position);
    const cancelled = (await person.post(`/api/v1/generations/${last.id}/cancel`, undefined, { status: 202 })).json;
    assert.deepEqual([cancelled.status, cancelled.cost, cancelled.charge_reason], ["cancelled", 0, "cancelled"]);
    const done = [];
    for (const { id } of [made[0], made[1], batch]) done.push(await follow(person, id));
    assert.ok(done.every((g) => g.status === "completed"));
    assert.ok(done[1].finished_at < done[2].finished_at, "a batch goes last");
    assert.deepEqual(await quota(person), { granted: QUOTA, available: QUOTA - 12, held: 0, spent: 12 });
});

test("who has too few credits is told how many are missing, and may go on when there are more", async () => {
    const person = await somebody("Poor");
    await world.sql(`SELECT account_open('${person.id}', 7)`);
    const headers = { "idempotency-key": "when-there-is-more" };
    const wishes = wish("dear", { num_images: 2 });
    for (const [language, words] of Object.entries({ en: /8 are needed, 7 are left/, ru: /Нужно 8, осталось 7/ })) {
        const { json } = await person.post("/api/v1/generations", wishes, {
            status: 402,
            headers: { ...headers, "accept-language": language },
        });
        assert.equal(json.code, "quota_exceeded");
        assert.deepEqual([json.needed, json.available], [8, 7]);
        assert.match(json.detail, words);
    }
    assert.deepEqual((await person.get("/api/v1/generations")).json.items, [], "nothing was done");
    assert.deepEqual(
        await world.command("admin", "credit", "--user", person.id, "--credits", "1", "--reason", "на \"пробу\""),
        { granted: 8, available: 8, held: 0, spent: 0 },
    );
    assert.equal((await ledger(person))[0].reason, "на \"пробу\"");
    const first = await person.post("/api/v1/generations", wishes, { status: 202, headers });
    const again = await person.post("/api/v1/generations", wishes, { status: 202, headers });
    assert.equal(again.headers["idempotent-replayed"], "true");
    assert.equal(again.text, first.text);
    await follow(person, first.json.id);
    assert.equal((await person.post("/api/v1/generations", wishes, { status: 202, headers })).text, first.text);
    assert.deepEqual(await quota(person), { granted: 8, available: 0, held: 0, spent: 8 });
});

test("of twenty at once exactly as many are taken as there are credits for", async () => {
    const person = await somebody("Hasty");
    const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
            person.send("POST", "/api/v1/generations", { json: wish(`hasty ${i}`, { priority: "batch" }) }),
        ),
    );
    const taken = answers.filter((a) => a.status === 202);
    assert.equal(taken.length, Math.floor(QUOTA / PRICE));
    assert.ok(answers.every((a) => a.status === 202 || a.json.code === "quota_exceeded"));
    assert.deepEqual(await quota(person), { granted: QUOTA, available: 2, held: 28, spent: 0 });
    for (const { json } of taken) {
        await person.send("POST", `/api/v1/generations/${json.id}/cancel`);
        await follow(person, json.id);
    }
    const { available, held, spent } = await quota(person);
    assert.equal(held, 0);
    assert.equal(available + spent, QUOTA);
});

test("more credits come from the command alone, and it says what is wrong", async () => {
    const { id } = await world.command("user", "create", "--name", "Given");
    const given = await world.command("admin", "credit", "--user", id, "--credits", "1000000000");
    assert.deepEqual(given, { granted: 1000000000 + QUOTA, available: 1000000000 + QUOTA, held: 0, spent: 0 });
    for (const [args, code, words] of [
        [[], 2, /usage: aisha admin credit/],
        [["debit"], 2, /usage/],
        [["credit", "--credits", "1"], 2, /--user must be the id/],
        [["credit", "--user", "x", "--credits", "1"], 2, /--user must be the id/],
        [["credit", "--user", id], 2, /--credits must be a whole number/],
        [["credit", "--user", id, "--credits", "0"], 2, /--credits/],
        [["credit", "--user", id, "--credits", "-5"], 2, /cannot be taken back/],
        [["credit", "--user", id, "--credits", "1000000001"], 2, /--credits/],
        [["credit", "--user", id, "--credits", "1", "--reason", " "], 2, /--reason/],
        [["credit", "--user", "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11", "--credits", "1"], 1, /there is no user/],
    ]) {
        const ended = await world.vainCommand("admin", ...args);
        assert.equal(ended.code, code, `${args.join(" ")}: ${ended.words}`);
        assert.match(ended.words, words);
    }
    assert.deepEqual(
        await world.sql(`SELECT granted FROM accounts WHERE user_id = '${id}'`),
        [[String(1000000000 + QUOTA)]],
    );
});

test("while the provider does not take our requests they are kept, say so, and go on by themselves", async () => {
    const person = await somebody("Calm");
    const stopped = (time) => `UPDATE breakers SET open_until = ${time}, reason = 'test' WHERE endpoint = ''`;
    await world.sql(stopped("now() + interval '9 minutes'"));
    const { id } = await ask(person, wish("kept"));
    const waiting = (await person.get(`/api/v1/generations/${id}`, { headers: { "accept-language": "en" } })).json;
    assert.equal(waiting.status, "pending");
    assert.equal(waiting.waiting.code, "waiting_stopped");
    assert.match(waiting.waiting.message, /is kept/);
    assert.equal(waiting.eta_seconds, null, "nobody can know");
    assert.equal(waiting.queue_position, 0);
    await world.sql(stopped("now() - interval '1 second'"));
    assert.equal((await follow(person, id)).status, "completed");
    await until("the breaker closes", 5000, async () => {
        const [[open]] = await world.sql("SELECT count(*) FROM breakers WHERE open_until IS NOT NULL");
        return open === "0";
    });
    assert.equal((await generate(person, wish("as usual"))).charge_reason, "delivered");
});
