// A request with an Idempotency-Key may be repeated without anything being done twice.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { follow, importAvatar, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start({ generationMs: 100 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
    await importAvatar(world.other, PORTRAIT);
});
after(() => world?.stop());

const withKey = (client, key) => client.with({ "idempotency-key": key });
const count = async (client, prompt) =>
    (await walk(client, "/api/v1/generations")).filter((g) => g.prompt === prompt).length;

test("the same request again gives the same bytes and nothing new", async () => {
    const client = withKey(owner, randomUUID());
    const body = { prompt: "once", preset: "fast" };
    const first = await client.post("/api/v1/generations", body, { status: 202 });
    assert.equal(first.headers["idempotent-replayed"], undefined);
    for (const wait of [false, true]) {
        if (wait) await follow(owner, first.json.id);
        const again = await client.post("/api/v1/generations", body, { status: 202 });
        assert.equal(again.headers["idempotent-replayed"], "true");
        assert.ok(again.bytes.equals(first.bytes), "byte by byte, also when it has completed since");
        assert.equal(again.headers.location, first.headers.location);
    }
    assert.equal(await count(owner, "once"), 1);
});

test("another body with the same key is refused", async () => {
    const client = withKey(owner, randomUUID());
    await client.post("/api/v1/generations", { prompt: "first body", preset: "fast" }, { status: 202 });
    const refused = await client.post(
        "/api/v1/generations",
        { prompt: "second body", preset: "fast" },
        { status: 422 },
    );
    assert.equal(refused.json.code, "idempotency_key_reused");
    assert.equal(await count(owner, "second body"), 0);
});

test("twenty at the same moment make one", async () => {
    const client = withKey(owner, randomUUID());
    const body = { prompt: "all at once", preset: "fast" };
    const answers = await Promise.all(
        Array.from({ length: 20 }, () => client.send("POST", "/api/v1/generations", { json: body })),
    );
    const taken = answers.filter((a) => a.status === 202);
    assert.ok(taken.length >= 1);
    assert.ok(answers.every((a) => a.status === 202));
    assert.equal(new Set(taken.map((a) => a.json.id)).size, 1);
    assert.equal(taken.filter((a) => !a.headers["idempotent-replayed"]).length, 1);
    assert.equal(await count(owner, "all at once"), 1);
});

test("twenty at the same moment with different bodies make one", async () => {
    const client = withKey(owner, randomUUID());
    const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
            client.send("POST", "/api/v1/generations", { json: { prompt: `rival ${i}`, preset: "fast" } }),
        ),
    );
    assert.equal(answers.filter((a) => a.status === 202).length, 1);
    assert.ok(answers.every((a) => [202, 409, 422].includes(a.status)));
    const made = (await walk(owner, "/api/v1/generations")).filter((g) => g.prompt.startsWith("rival"));
    assert.equal(made.length, 1);
});

test("a key belongs to its user", async () => {
    const key = randomUUID();
    const body = { prompt: "mine or yours", preset: "fast" };
    const mine = await withKey(owner, key).post("/api/v1/generations", body, { status: 202 });
    const yours = await withKey(world.other, key).post("/api/v1/generations", body, { status: 202 });
    assert.notEqual(mine.json.id, yours.json.id);
    assert.equal(yours.headers["idempotent-replayed"], undefined);
});

test("a key belongs to its operation", async () => {
    const client = withKey(owner, randomUUID());
    await client.post("/api/v1/generations", { prompt: "two operations", preset: "fast" }, { status: 202 });
    const answer = await client.send("POST", "/api/v1/avatars/import", { json: STYLE });
    assert.ok([201, 422].includes(answer.status), "made, or refused as another body; never the generation's answer");
});

test("a refused request does not use the key up", async () => {
    const client = withKey(owner, randomUUID());
    await client.post("/api/v1/generations", { prompt: "" }, { status: 422 });
    await client.post("/api/v1/generations", { prompt: "now it is right", preset: "fast" }, { status: 202 });
});

test("an import is made once as well", async () => {
    const client = withKey(owner, randomUUID());
    const first = await client.post("/api/v1/avatars/import", STYLE, { status: 201 });
    const again = await client.post("/api/v1/avatars/import", STYLE, { status: 201 });
    assert.equal(again.headers["idempotent-replayed"], "true");
    assert.ok(again.bytes.equals(first.bytes));
    await client.post("/api/v1/avatars/import", { ...STYLE, name: "Another" }, { status: 422 });
});

test("keys may be quoted, and odd ones are refused", async () => {
    await withKey(owner, `"${randomUUID()}"`).post(
        "/api/v1/generations",
        { prompt: "quoted", preset: "fast" },
        { status: 202 },
    );
    for (const key of ["", "k".repeat(256), "with space", "tab\there", "ümlaut"]) {
        const answer = await withKey(owner, Buffer.from(key).toString("latin1")).send("POST", "/api/v1/generations", {
            json: { prompt: "odd key", preset: "fast" },
        });
        assert.equal(answer.status, 400, `key "${key}"`);
        assert.equal(answer.json.code, "idempotency_key_invalid");
    }
    assert.equal(await count(owner, "odd key"), 0);
    await withKey(owner, "k".repeat(255)).post(
        "/api/v1/generations",
        { prompt: "longest key", preset: "fast" },
        { status: 202 },
    );
});

test("without a key every request makes a generation", async () => {
    for (let i = 0; i < 2; i++)
        await owner.post("/api/v1/generations", { prompt: "no key", preset: "fast" }, { status: 202 });
    assert.equal(await count(owner, "no key"), 2);
});
