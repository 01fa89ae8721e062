// Single pictures of the gallery, and their bytes behind signed addresses.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exchange } from "./support/raw.mjs";
import { generate, importAvatar, PORTRAIT, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, generation;

before(async () => {
    world = await World.start({ generationMs: 50 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
    generation = await generate(owner, { prompt: "for the gallery", preset: "fast", num_images: 4 });
});
after(() => world?.stop());

const target = (url) => url.slice(new URL(url).origin.length);

test("a picture is in the list, by itself, and in its generation", async () => {
    const listed = await walk(owner, "/api/v1/images");
    assert.equal(listed.length, 4);
    const [one] = listed;
    const alone = (await owner.get(`/api/v1/images/${one.id}`)).json;
    assert.deepEqual(alone, one);
    assert.equal(one.prompt, "for the gallery");
    assert.equal(one.generation_id, generation.id);
    assert.ok(listed.every((image) => generation.images.some((i) => i.id === image.id)));
});

test("favourite and name", async () => {
    const { id } = generation.images[0];
    const named = (await owner.patch(`/api/v1/images/${id}`, { custom_name: "Вечер 🌇", is_favorite: true })).json;
    assert.deepEqual([named.custom_name, named.is_favorite], ["Вечер 🌇", true]);
    assert.equal(
        (await owner.patch(`/api/v1/images/${id}`, { is_favorite: false }, { type: "application/merge-patch+json" }))
            .json.custom_name,
        "Вечер 🌇",
    );
    assert.equal((await owner.patch(`/api/v1/images/${id}`, { custom_name: null })).json.custom_name, null);
    const fields = async (body) =>
        (await owner.patch(`/api/v1/images/${id}`, body, { status: 422 })).json.errors.map((e) => e.field);
    assert.deepEqual(await fields({ custom_name: "x".repeat(101) }), ["custom_name"]);
    assert.deepEqual(await fields({ custom_name: "" }), ["custom_name"]);
    assert.deepEqual(await fields({ is_favorite: "yes" }), ["is_favorite"]);
    assert.deepEqual(await fields({ is_favorite: null }), ["is_favorite"]);
    await owner.expect(400, "PATCH", `/api/v1/images/${id}`, { body: "[" });
    await owner.expect(415, "PATCH", `/api/v1/images/${id}`, { body: "{}", type: "text/plain" });
    await owner.expect(413, "PATCH", `/api/v1/images/${id}`, {
        body: JSON.stringify({ custom_name: "x".repeat(70000) }),
    });
});

test("a deleted picture is out of sight", async () => {
    const { id } = generation.images[3];
    await owner.delete(`/api/v1/images/${id}`);
    await owner.get(`/api/v1/images/${id}`, { status: 404 });
    await owner.patch(`/api/v1/images/${id}`, { is_favorite: true }, { status: 404 });
    await owner.delete(`/api/v1/images/${id}`, { status: 404 });
    assert.ok(!(await walk(owner, "/api/v1/images")).some((image) => image.id === id));
});

test("a deleted picture comes back, as it was, and asking twice does no harm", async () => {
    const { id } = generation.images[2];
    const before = (await owner.get(`/api/v1/images/${id}`)).json;
    await owner.delete(`/api/v1/images/${id}`);
    assert.deepEqual((await owner.post(`/api/v1/images/${id}/restore`, undefined, { status: 200 })).json, before);
    assert.deepEqual((await owner.post(`/api/v1/images/${id}/restore`, undefined, { status: 200 })).json, before);
    assert.deepEqual((await owner.get(`/api/v1/images/${id}`)).json, before);
    await owner.expect(404, "POST", "/api/v1/images/01990000-0000-7000-8000-00000000dead/restore");
});

test("bytes come with their type, length and tag, and not again to who has them", async () => {
    const url = target(generation.images[0].url);
    const whole = await world.anonymous.get(url);
    assert.match(whole.headers["cache-control"], /private/);
    assert.match(whole.headers["content-security-policy"] ?? "", /default-src 'none'/);
    const tag = whole.headers.etag;
    const again = await world.anonymous.get(url, { headers: { "if-none-match": tag }, status: 304 });
    assert.equal(again.bytes.length, 0);
    await world.anonymous.get(url, { headers: { "if-none-match": '"nothing"' } });
    const head = await world.anonymous.expect(200, "HEAD", url);
    assert.equal(head.headers["content-length"], whole.headers["content-length"]);
    assert.equal(head.headers.etag, tag);
    await world.anonymous.expect(304, "HEAD", url, { headers: { "if-none-match": tag } });
});

test("with download=1 behind it an address gives the same bytes to be saved", async () => {
    const { id, url } = generation.images[0];
    const shown = await world.anonymous.get(target(url));
    const saved = await world.anonymous.get(`${target(url)}&download=1`);
    assert.equal(shown.headers["content-disposition"], undefined);
    assert.equal(saved.headers["content-disposition"], `attachment; filename="aisha-${id}.jpg"`);
    assert.deepEqual(saved.bytes, shown.bytes);
    await world.anonymous.get(`${target(url)}&download=1`, { headers: { "if-none-match": shown.headers.etag }, status: 304 });
    for (const query of ["&download=2", "&download=1&download=1", "&download=", "&download=1x", "&download=1&"])
        await world.anonymous.expect(404, "GET", target(url) + query);
    await world.anonymous.expect(404, "GET", `${target(url).replace("signature=", "download=1&signature=")}`);
});

test("a list of tags, a weak one and any one are understood", async () => {
    const url = target(generation.images[0].url);
    const { headers } = await world.anonymous.get(url);
    for (const list of ["*", `W/${headers.etag}`, `"nothing", ${headers.etag}`, `${headers.etag},"x"`])
        await world.anonymous.get(url, { headers: { "if-none-match": list }, status: 304 });
});

test("ranges", async () => {
    const url = target(generation.images[0].url);
    const { bytes } = await world.anonymous.get(url);
    const size = bytes.length;
    const parts = {
        "bytes=0-99": [0, 100],
        "bytes=100-": [100, size],
        "bytes=-50": [size - 50, size],
        [`bytes=${size - 1}-`]: [size - 1, size],
        "bytes=5-999999999": [5, size],
    };
    for (const [range, [from, to]] of Object.entries(parts)) {
        const part = await world.anonymous.get(url, { headers: { range }, status: 206 });
        assert.ok(part.bytes.equals(bytes.subarray(from, to)), range);
        assert.equal(part.headers["content-range"], `bytes ${from}-${to - 1}/${size}`);
    }
    for (const range of [`bytes=${size}-`, `bytes=${size + 5}-${size + 9}`]) {
        const answer = await world.anonymous.get(url, { headers: { range }, status: 416 });
        assert.equal(answer.headers["content-range"], `bytes */${size}`);
    }
    for (const range of ["bytes=a-b", "lines=1-2", "bytes=9-2"]) {
        const answer = await world.anonymous.send("GET", url, { headers: { range } });
        assert.ok([200, 416].includes(answer.status), `${range}: ${answer.status}`);
    }
});

test("a request for many ranges gets the file once", async () => {
    const url = target(generation.images[0].url);
    const { bytes } = await world.anonymous.get(url);
    for (const ranges of ["0-9,20-29", Array(1000).fill("0-").join(",")]) {
        const answer = await world.anonymous.send("GET", url, { headers: { range: `bytes=${ranges}` } });
        assert.equal(answer.status, 200);
        assert.ok(answer.bytes.equals(bytes));
    }
});

test("an address that was changed in any way leads nowhere", async () => {
    const url = target(generation.images[0].url);
    const [path, query] = url.split("?");
    const expires = Number(query.match(/expires=(\d+)/)[1]);
    const signature = query.match(/signature=([\w-]+)/)[1];
    assert.ok(expires > Date.now() / 1000 + 60);
    const other = signature[5] === "A" ? "B" : "A";
    const wrong = [
        path,
        `${path}?`,
        `${path}?expires=${expires}`,
        `${path}?signature=${signature}`,
        `${path}?expires=${expires + 1}&signature=${signature}`,
        `${path}?expires=${expires}&signature=${signature.slice(0, 5)}${other}${signature.slice(6)}`,
        `${path}?expires=${expires}&signature=${signature.slice(0, -1)}`,
        `${path}?expires=${expires}&signature=`,
        `${path}?expires=99999999999&signature=${signature}`,
        `${path}?expires=0${expires}&signature=${signature}`,
        `${path}?expires=-1&signature=${signature}`,
        `${url}&x=1`,
        `${path}x?${query}`,
        path.replace("aisha-v2-generated", "aisha-v2-photos") + `?${query}`,
        `/files/aisha-v2-generated/2020/01/01/none.jpg?${query}`,
        `/files/aisha-v2-generated?${query}`,
        `/files/?${query}`,
        "/files",
    ];
    for (const address of wrong) await world.anonymous.get(address, { status: 404 });
    const { pathname } = new URL(generation.images[1].url);
    await world.anonymous.get(`${pathname}?${query}`, { status: 404 });
});

test("an address expires", async () => {
    const [path] = target(generation.images[0].url).split("?");
    const past = Math.floor(Date.now() / 1000) - 10;
    await world.anonymous.get(`${path}?expires=${past}&signature=${"A".repeat(22)}`, { status: 404 });
});

test("no way leads out of the store", async () => {
    const [, query] = target(generation.images[0].url).split("?");
    const ways = [
        "/files/../etc/passwd",
        "/files/%2e%2e/%2e%2e/etc/passwd",
        "/files/aisha-v2-generated/..%2f..%2fetc/passwd",
        "/files//etc/passwd",
        "/files/aisha-v2-generated/2026/../../../secret",
        "/files/aisha-v2-generated/%00",
        "/files/aisha-v2-generated/a%00.jpg",
        "/files/aisha-v2-generated/.hidden",
        "/files/aisha-v2-generated/~temporary",
    ];
    for (const way of ways)
        for (const suffix of ["", `?${query}`]) {
            const { answers } = await exchange(
                world.url,
                `GET ${way}${suffix} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
            );
            assert.ok([400, 404].includes(answers[0]?.status), `${way}: ${answers[0]?.status}`);
            assert.equal(answers[0].headers["content-type"], "application/problem+json");
        }
});

test("HEAD of nothing has no body that would be taken for the next answer", async () => {
    const head = (path) => `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const last = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const { text } = await exchange(world.url, head("/files/aisha-v2-generated/none.jpg?expires=1&signature=x") + last);
    const [first, second] = text.split("\r\n\r\n");
    assert.match(first, /^HTTP\/1\.1 404 /);
    assert.match(second, /^HTTP\/1\.1 200 /);
    await world.anonymous.expect(404, "HEAD", "/files/aisha-v2-generated/none.jpg");
});

test("thumbnails share the signature of their picture and nobody else's", async () => {
    const [a, b] = generation.images;
    await world.anonymous.get(target(a.thumbnails.small));
    const query = target(a.url).split("?")[1];
    await world.anonymous.get(`${target(b.thumbnails.small).split("?")[0]}?${query}`, { status: 404 });
});
