// Lists page by page: nothing missed, nothing twice, whatever happens meanwhile; cursors that were tampered with.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { generate, importAvatar, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, first, second;

// Copies of a picture, each its own row: a gallery of some size without making each picture. They belong to a generation
// that is never listed.
async function fill(count) {
    await importAvatar(world.other, PORTRAIT);
    const { id } = await generate(world.other, { prompt: "elsewhere", preset: "fast" });
    const columns =
        "user_id, avatar_id, object_key, content_type, width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content";
    await world.sql(`INSERT INTO images (id, position, generation_id, ${columns})
        SELECT ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, (1000 + n)::smallint, '${id}', ${columns}
        FROM (SELECT * FROM images WHERE user_id = '${owner.id}' ORDER BY id LIMIT 1) AS one, generate_series(1, ${count}) AS n`);
}

before(async () => {
    world = await World.start({ generationMs: 50 });
    owner = world.owner;
    first = await importAvatar(owner, PORTRAIT);
    second = await importAvatar(owner, STYLE);
    await generate(owner, { prompt: "one", preset: "fast" });
    await generate(owner, { prompt: "two", preset: "fast", avatar_id: second.id });
    await fill(150);
});
after(() => world?.stop());

test("every size of page gives the same list, newest first", async () => {
    const all = (await walk(owner, "/api/v1/images")).map((i) => i.id);
    assert.equal(all.length, 152);
    assert.equal(new Set(all).size, 152);
    assert.deepEqual([...all].sort().reverse(), all);
    for (const limit of [1, 7, 24, 76])
        assert.deepEqual(
            (await walk(owner, "/api/v1/images", limit)).map((i) => i.id),
            all,
            `limit ${limit}`,
        );
    assert.equal((await owner.get("/api/v1/images")).json.items.length, 24, "by default");
});

test("the last page says so, also when it is full", async () => {
    const page = (await owner.get("/api/v1/avatars?limit=2")).json;
    assert.equal(page.items.length, 2);
    assert.equal(page.next_cursor, null);
    const nothing = (await (await world.person("Nobody")).get("/api/v1/images")).json;
    assert.deepEqual(nothing, { items: [], next_cursor: null });
});

test("walking while pictures come and go misses nothing that stayed and shows nothing twice", async () => {
    const before = (await walk(owner, "/api/v1/images")).map((i) => i.id);
    const seen = [];
    const removed = [];
    let cursor = null;
    let made = 0;
    do {
        const page = (await owner.get(`/api/v1/images?limit=10${cursor ? `&cursor=${cursor}` : ""}`)).json;
        seen.push(...page.items.map((i) => i.id));
        cursor = page.next_cursor;
        if (made < 4) {
            made++;
            await generate(owner, { prompt: `meanwhile ${made}`, preset: "fast" });
            const victims = [page.items[0].id, page.items.at(-1).id, before.at(-made * 5)]; // also the one that the cursor names
            for (const id of victims.filter((id) => !removed.includes(id))) {
                removed.push(id);
                await owner.delete(`/api/v1/images/${id}`);
            }
        }
    } while (cursor);
    assert.equal(new Set(seen).size, seen.length, "nothing twice");
    const missed = before.filter((id) => !removed.includes(id) && !seen.includes(id));
    assert.deepEqual(missed, []);
});

test("filters", async () => {
    await generate(owner, { prompt: "by the second", preset: "fast", avatar_id: second.id });
    const ofSecond = await walk(owner, `/api/v1/images?avatar_id=${second.id}`);
    assert.ok(ofSecond.length >= 1 && ofSecond.every((i) => i.avatar_id === second.id));
    const all = await walk(owner, "/api/v1/images");
    for (const image of all.slice(0, 3)) await owner.patch(`/api/v1/images/${image.id}`, { is_favorite: true });
    const favorites = await walk(owner, "/api/v1/images?favorite=true", 2);
    assert.deepEqual(
        favorites.map((i) => i.id),
        all.slice(0, 3).map((i) => i.id),
    );
    const both = await walk(owner, `/api/v1/images?favorite=true&avatar_id=${first.id}`);
    assert.deepEqual(
        both.map((i) => i.id),
        all
            .slice(0, 3)
            .filter((i) => i.avatar_id === first.id)
            .map((i) => i.id),
    );
    assert.deepEqual(await walk(owner, "/api/v1/images?avatar_id=00000000-0000-7000-8000-000000000000"), []);
});

test("favorite=false is either everything else or refused, never ignored", async () => {
    const answer = await owner.send("GET", "/api/v1/images?favorite=false&limit=100");
    if (answer.status === 200) assert.ok(answer.json.items.every((i) => !i.is_favorite));
    else assert.equal(answer.status, 400);
});

test("a cursor that was changed, cut or made up is refused", async () => {
    const cursor = (await owner.get("/api/v1/images?limit=5")).json.next_cursor;
    const refuse = async (value, client = owner, path = "/api/v1/images?") => {
        const answer = await client.expect(400, "GET", `${path}cursor=${encodeURIComponent(value)}`);
        assert.match(answer.json.code, /^(cursor_invalid|invalid_query)$/, value);
    };
    for (let i = 0; i < cursor.length; i++) {
        const other = cursor[i] === "A" ? "B" : "A";
        await refuse(cursor.slice(0, i) + other + cursor.slice(i + 1));
    }
    for (const value of [
        "x",
        cursor.slice(0, -1),
        cursor + "A",
        cursor + "=",
        "A".repeat(cursor.length),
        "A".repeat(5000),
        "🙂",
        "../..",
        "' OR 1=1 --",
        "\0",
        "%00",
    ])
        await refuse(value);
    await refuse(cursor, world.other);
    await refuse(cursor, owner, "/api/v1/generations?");
    await refuse(cursor, owner, "/api/v1/images?favorite=true&");
    await refuse(cursor, owner, `/api/v1/images?avatar_id=${first.id}&`);
    await owner.get(`/api/v1/images?limit=50&cursor=${cursor}`);
});

test("generations and tokens are paged as well", async () => {
    const generations = (await walk(owner, "/api/v1/generations", 2)).map((g) => g.id);
    assert.deepEqual([...new Set(generations)].sort().reverse(), generations);
    assert.deepEqual(
        (await walk(owner, "/api/v1/generations")).map((g) => g.id),
        generations,
    );
    for (let i = 0; i < 4; i++)
        await owner.post("/api/v1/tokens", { name: `page ${i}`, scopes: ["read"] }, { status: 201 });
    const tokens = (await walk(owner, "/api/v1/tokens", 1)).map((t) => t.name);
    assert.deepEqual([...tokens].sort(), ["page 0", "page 1", "page 2", "page 3", "tests"]);
});
