// The static files: every one, in each of its forms, and how long it may be kept.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import { ROOT } from "./support/client.mjs";
import { World } from "./support/world.mjs";

const TYPES = {
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    svg: "image/svg+xml",
    png: "image/png",
    ico: "image/x-icon",
    txt: "text/plain; charset=utf-8",
    webmanifest: "application/manifest+json",
    yaml: "application/yaml",
};
const UNPACK = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync, undefined: (bytes) => bytes };
const FOR_EVER = "public, max-age=31536000, immutable";

let world, root, files;

before(async () => {
    world = await World.start();
    const page = await world.anonymous.raw("GET", "/docs");
    root = page.bytes.toString().match(/"(\/static\/[0-9a-f]{16})\//)[1];
    files = { "openapi.yaml": path.join(ROOT, "openapi.yaml") };
    for (const file of fs.readdirSync(path.join(ROOT, "static"), { recursive: true }))
        if (TYPES[path.extname(file).slice(1)]) files[file] = path.join(ROOT, "static", file);
    for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"])
        files[`vendor/${file}`] = path.join(ROOT, "node_modules/swagger-ui-dist", file);
});
after(() => world?.stop());

const get = (name, headers = {}, method = "GET") => world.anonymous.raw(method, `${root}/${name}`, { headers });
const accept = (encoding) => ({ "accept-encoding": encoding });

test("every file comes as it is in the tree, in all its forms, each with a tag of its own", async () => {
    for (const [name, source] of Object.entries(files)) {
        const bytes = fs.readFileSync(source);
        const tags = new Map();
        for (const wanted of ["identity", "gzip", "br", "gzip, br", "*"]) {
            const answer = await get(name, accept(wanted));
            const encoding = answer.headers["content-encoding"];
            assert.equal(answer.status, 200, name);
            assert.equal(answer.headers["content-type"], TYPES[path.extname(name).slice(1)], name);
            assert.equal(answer.headers["cache-control"], FOR_EVER, name);
            assert.equal(Number(answer.headers["content-length"]), answer.bytes.length, name);
            assert.deepEqual(UNPACK[encoding](answer.bytes), bytes, `${name} as ${encoding}`);
            if (encoding) assert.ok(answer.bytes.length < bytes.length, `${name} as ${encoding} is not smaller`);
            assert.match(answer.headers.etag, /^"[0-9a-z-]+"$/);
            tags.set(encoding, answer.headers.etag);
        }
        assert.equal(new Set(tags.values()).size, tags.size, `${name}: a tag for each form`);
    }
});

test("what compresses is compressed, pictures are not", async () => {
    for (const name of Object.keys(files)) {
        const { headers, bytes } = await get(name, accept("gzip, br"));
        if (/\.(png)$/.test(name)) assert.equal(headers["content-encoding"], undefined, name);
        else if (bytes.length > 300) assert.equal(headers["content-encoding"], "br", name);
        const varies = (await get(name, accept("identity"))).headers.vary;
        assert.equal(varies, headers.vary, `${name}: Vary does not depend on what was asked for`);
        if (headers["content-encoding"]) assert.equal(varies, "accept-encoding", name);
    }
});

test("HEAD has the headers of GET and no body", async () => {
    for (const encoding of ["identity", "gzip", "br"]) {
        const [head, whole] = [
            await get("openapi.yaml", accept(encoding), "HEAD"),
            await get("openapi.yaml", accept(encoding)),
        ];
        assert.equal(head.status, 200);
        assert.equal(head.bytes.length, 0);
        for (const { headers } of [head, whole]) for (const name of ["date", "x-request-id"]) delete headers[name];
        assert.deepEqual(head.headers, whole.headers);
    }
});

test("who has it already gets 304, by the tag of that form alone", async () => {
    const { etag } = (await get("openapi.yaml", accept("br"))).headers;
    for (const list of [etag, `W/${etag}`, `"x", ${etag}`, `"x",W/${etag},"y"`, "*"]) {
        const answer = await get("openapi.yaml", { ...accept("br"), "if-none-match": list });
        assert.equal(answer.status, 304, list);
        assert.equal(answer.bytes.length, 0);
        assert.equal(answer.headers.etag, etag);
        assert.equal(answer.headers["cache-control"], FOR_EVER);
        assert.equal(answer.headers.vary, "accept-encoding");
        assert.equal(answer.headers["content-encoding"], undefined);
    }
    for (const encoding of ["gzip", "identity"])
        assert.equal((await get("openapi.yaml", { ...accept(encoding), "if-none-match": etag })).status, 200);
    for (const list of ['"x"', etag.slice(1, -1), etag.toUpperCase(), ""])
        assert.equal((await get("openapi.yaml", { ...accept("br"), "if-none-match": list })).status, 200, list);
});

test("the contract says so, too", async () => {
    const { headers } = await world.anonymous.get("/openapi.yaml");
    const again = await world.anonymous.get("/openapi.yaml", {
        headers: { "if-none-match": headers.etag },
        status: 304,
    });
    assert.equal(again.headers.etag, headers.etag);
});

test("an address of another version gives today's file, which nobody keeps", async () => {
    for (const version of ["0000000000000000", "x", root.slice(8).toUpperCase().replace(/\d/g, "A")]) {
        const answer = await world.anonymous.raw("GET", `/static/${version}/css/base.css`);
        assert.equal(answer.status, 200, version);
        assert.equal(answer.headers["cache-control"], "no-store");
        assert.deepEqual(answer.bytes, fs.readFileSync(files["css/base.css"]));
    }
});

test("what is not there is not found, and is not kept", async () => {
    for (const name of ["", "css", "css/", "css/base.cs", "css/base.csss", "CSS/base.css", "%63ss/base.css", "index.html"]) {
        const answer = await get(name);
        assert.equal(answer.status, 404, name);
        assert.equal(answer.headers["cache-control"], "private, no-store", name);
    }
    assert.equal((await get("css/base.css?v=1")).status, 200, "a query changes nothing");
    assert.equal((await world.anonymous.raw("POST", `${root}/css/base.css`)).status, 405);
});

test("files under names that browsers and robots guess", async () => {
    const robots = await world.anonymous.raw("GET", "/robots.txt");
    assert.equal(robots.status, 200);
    assert.equal(robots.bytes.toString(), "User-agent: *\nDisallow: /\n");
    const icon = await world.anonymous.raw("GET", "/favicon.ico");
    assert.equal(icon.status, 200);
    assert.match(icon.headers["content-type"], /^image\//);
    for (const answer of [robots, icon]) assert.equal(answer.headers["cache-control"], "public, max-age=300");
});

// Random headers against a plain reading of RFC 9110, 12.5.3.
test("the form is the one that Accept-Encoding likes best", async () => {
    const ORDER = ["identity", "gzip", "br"];
    const expected = (entries) => {
        const weights = Object.fromEntries(entries.map(([name, q]) => [name.toLowerCase(), q]));
        const weight = (name) => weights[name] ?? weights["*"] ?? (name === "identity" ? 0.0001 : 0);
        return ORDER.reduce((best, name) => (weight(name) > 0 && weight(name) >= weight(best) ? name : best), "identity");
    };
    const entry = fc.tuple(
        fc.constantFrom("gzip", "br", "identity", "*", "deflate", "zstd", "GZIP", "Br"),
        fc.constantFrom(0, 0.001, 0.5, 0.999, 1),
        fc.constantFrom("", " ", "\t "),
    );
    await fc.assert(
        fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
            const header = entries.map(([name, q, space]) => `${space}${name}${space};${space}q=${q}${space}`).join(",");
            const { headers } = await get("openapi.yaml", accept(header));
            assert.equal(headers["content-encoding"] ?? "identity", expected(entries), header);
        }),
        { numRuns: 300, seed: 9110 },
    );
});
