// The stream of events: complete, in order, resumable, one user's only, and bounded.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { EventStream } from "./support/sse.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, avatar;

before(async () => {
    world = await World.start({ generationMs: 200 });
});
// Every test has a user of its own, and so all of a user's streams.
beforeEach(async () => {
    owner = await world.person("Listener");
    avatar = await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

const of = (stream, id) => stream.things.filter((t) => t.id === id);

test("a generation is told of from the beginning to the end", async () => {
    const stream = await EventStream.open(owner);
    assert.equal(stream.status, 200);
    assert.equal(stream.headers["x-accel-buffering"], "no");
    const { id } = await ask(owner, { prompt: "told of", preset: "fast" });
    await stream.await("completed", 15000, (t) => t.id === id && t.status === "completed");
    const told = of(stream, id);
    assert.equal(told[0].action, "created");
    assert.ok(told.slice(1).every((t) => t.action === "updated"));
    const order = ["pending", "submitting", "queued", "running", "storing", "completed"];
    const ranks = told.map((t) => order.indexOf(t.status));
    assert.deepEqual(
        [...ranks].sort((a, b) => a - b),
        ranks,
        told.map((t) => t.status).join(),
    );
    const done = (await owner.get(`/api/v1/generations/${id}`)).json;
    await stream.await(
        "its picture",
        3000,
        (t) => t.type === "image" && t.id === done.images[0].id && t.action === "created",
    );
    assert.deepEqual(stream.faults, []);
    assert.equal(new Set(stream.events.map((e) => e.id)).size, stream.events.length, "every id once");
    stream.close();
});

test("changes of avatars and pictures are told as well", async () => {
    const stream = await EventStream.open(owner);
    const done = await generate(owner, { prompt: "to be changed", preset: "fast" });
    const image = done.images[0].id;
    await owner.patch(`/api/v1/avatars/${avatar.id}`, { name: "Renamed" });
    await owner.patch(`/api/v1/images/${image}`, { is_favorite: true });
    await owner.delete(`/api/v1/images/${image}`);
    await stream.await("the avatar", 3000, (t) => t.type === "avatar" && t.id === avatar.id && t.action === "updated");
    await stream.await("the picture's change", 3000, (t) => t.id === image && t.action === "updated");
    await stream.await("the picture's end", 3000, (t) => t.id === image && t.action === "deleted");
    assert.deepEqual(stream.faults, []);
    stream.close();
});

test("nobody hears of somebody else's things", async () => {
    const stream = await EventStream.open(world.other);
    await generate(owner, { prompt: "not for Boris", preset: "fast" });
    await owner.patch(`/api/v1/avatars/${avatar.id}`, { name: "Not for Boris" });
    await sleep(300);
    assert.deepEqual(stream.events, []);
    stream.close();
});

test("going on from any event gives exactly what followed it", async () => {
    const whole = await EventStream.open(owner);
    const asked = await Promise.all([1, 2, 3].map((i) => ask(owner, { prompt: `resumed ${i}`, preset: "fast" })));
    for (const { id } of asked) await whole.await(`${id}`, 20000, (t) => t.id === id && t.status === "completed");
    await sleep(300);
    const ids = whole.events.map((e) => e.id);
    for (const at of [0, 1, Math.floor(ids.length / 2), ids.length - 2]) {
        const rest = await EventStream.open(owner, { lastEventId: ids[at] });
        await until("the rest", 5000, () => rest.events.length >= ids.length - at - 1);
        await sleep(100);
        assert.deepEqual(
            rest.events.map((e) => e.id),
            ids.slice(at + 1),
        );
        assert.deepEqual(
            rest.events.map((e) => e.data),
            whole.events.slice(at + 1).map((e) => e.data),
        );
        rest.close();
    }
    whole.close();
});

// The place of a reader who has gone is free a moment later: until then there may be too many.
function reopen(lastEventId) {
    return until("a free place", 5000, async () => {
        const reader = await EventStream.open(owner, lastEventId === undefined ? {} : { lastEventId });
        if (reader.status === 200) return reader;
        assert.equal(reader.status, 429);
        return null;
    });
}

test("a reader who breaks off again and again misses nothing", async () => {
    const whole = await EventStream.open(owner);
    const pieces = [];
    let reader = await EventStream.open(owner);
    let last;
    const take = () => {
        for (const event of reader.events) pieces.push(event.id);
        last = reader.events.at(-1)?.id ?? last;
        reader.close();
    };
    const asked = await Promise.all(
        Array.from({ length: 8 }, (_, i) => ask(owner, { prompt: `broken ${i}`, preset: "fast" })),
    );
    await until("one event", 5000, () => reader.events.length);
    for (let i = 0; i < 12; i++) {
        take();
        reader = await reopen(last);
        await sleep(70);
    }
    for (const { id } of asked) {
        await follow(owner, id);
        await whole.await(id, 10000, (t) => t.id === id && t.status === "completed");
    }
    const isAll = () => (reader.events.at(-1)?.id ?? last) === whole.events.at(-1).id;
    await until("the last event", 5000, isAll);
    take();
    assert.deepEqual(
        pieces,
        whole.events.map((e) => e.id),
        "the same events, each once, in the same order",
    );
    whole.close();
});

test("whoever reconnects at any moment sees every version of every thing, in order and without a gap", async () => {
    const told = new Map(); // of each event's id: what it says, in the order of the first telling
    let reader = await EventStream.open(owner);
    let last;
    const take = () => {
        for (const thing of reader.things) if (!told.has(thing.event)) told.set(thing.event, thing);
        assert.deepEqual(reader.faults, []);
        last = reader.events.at(-1)?.id ?? last;
        reader.close();
    };
    const second = await importAvatar(owner, STYLE);
    const asked = [];
    const busy = (async () => {
        for (let i = 0; i < 12; i++) {
            const { id } = await ask(owner, { prompt: `versions ${i}`, preset: "fast", avatar_id: avatar.id });
            asked.push(id);
            const main = i % 2 ? avatar.id : second.id;
            await Promise.all([
                owner.patch(`/api/v1/avatars/${main}`, { is_main: true }),
                owner.patch(`/api/v1/avatars/${avatar.id}`, { name: `Anna ${i}` }),
                i % 3 ? null : owner.send("POST", `/api/v1/generations/${id}/cancel`), // comes too late for some
            ]);
        }
        for (const id of asked) await follow(owner, id);
        await owner.delete(`/api/v1/avatars/${second.id}`);
    })();
    await until("one event", 5000, () => reader.events.length);
    let done = false;
    busy.finally(() => (done = true)).catch(() => {});
    while (!done) {
        await sleep(Math.random() * 150);
        take();
        reader = await reopen(last);
    }
    await busy;
    const isLast = (t) => t.id === second.id && t.action === "deleted";
    await until("the last change", 5000, () => [...told.values(), ...reader.things].some(isLast));
    take();
    const versions = (id) => [...told.values()].filter((t) => t.id === id).map((t) => t.version);
    const upTo = (version) => Array.from({ length: version }, (_, i) => i + 1);
    const rows = await world.sql(`SELECT id, version FROM generations WHERE user_id = '${owner.id}'
        UNION ALL SELECT id, version FROM avatars WHERE user_id = '${owner.id}'`);
    assert.equal(rows.length, asked.length + 2);
    for (const [id, version] of rows) {
        // The first avatar was made before anybody listened.
        const first = id === avatar.id ? versions(id)[0] : 1;
        assert.deepEqual(versions(id), upTo(Number(version)).slice(first - 1), id);
    }
});

test("what is no id of an event is refused, what is too old leads to a fresh start", async () => {
    for (const lastEventId of ["a", "-1", "1e3", "0x1", "9".repeat(60), "1 2", "<script>"]) {
        const stream = await EventStream.open(owner, { lastEventId });
        stream.close();
        assert.equal(stream.status, 400, lastEventId);
    }
    await owner.get("/api/v1/events", { status: 400, headers: { "last-event-id": "x" } });
});

test("five streams of one user are enough", async () => {
    const person = await world.person("Streams");
    const streams = [];
    for (let i = 0; i < 5; i++) streams.push(await EventStream.open(person));
    assert.deepEqual(
        streams.map((s) => s.status),
        [200, 200, 200, 200, 200],
    );
    const refused = await person.get("/api/v1/events", { status: 429 });
    assert.equal(refused.json.code, "too_many_streams");
    streams[0].close();
    await until("there is room again", 5000, async () => {
        const again = await EventStream.open(person);
        again.close();
        return again.status === 200;
    });
    for (const stream of streams) stream.close();
});

test("a revoked token's stream ends", async () => {
    const { id, token } = await world.token(owner, "read");
    const stream = await EventStream.open(world.client(token));
    assert.equal(stream.status, 200);
    await owner.delete(`/api/v1/tokens/${id}`);
    await until("it ends", 40000, () => stream.ended, 200);
});

test("a silent stream is kept alive by comments", async () => {
    const stream = await EventStream.open(world.other);
    await until("a comment", 17000, () => stream.comments > 0, 200);
    stream.close();
});
