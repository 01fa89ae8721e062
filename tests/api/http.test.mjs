// The wire itself: what no client library sends. libh2o's defaults would let most of this pass.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exchange } from "./support/raw.mjs";
import { World } from "./support/world.mjs";

let world, auth;

before(async () => {
    world = await World.start({ env: { HTTP_REQUEST_TIMEOUT: "3" } });
    auth = `Authorization: Bearer ${world.owner.token}\r\n`;
});
after(() => world?.stop());

const get = (path, headers = "", version = "HTTP/1.1") =>
    `GET ${path} ${version}\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
const send = (bytes, ms) => exchange(world.url, bytes, ms);

// The server is as well as before.
async function assertWell() {
    const { answers } = await send(get("/health/live"));
    assert.equal(answers[0]?.status, 200);
}

// Refused with a problem document, or closed without a word. What is no HTTP gets libh2o's own line of text, and is closed.
async function assertRefused(bytes, statuses, what, ms, isHttp = true) {
    const { answers, closed, text } = await send(bytes, ms);
    assert.ok(answers.length <= 1, `${what}: ${answers.length} answers`);
    if (answers.length) {
        assert.ok(statuses.includes(answers[0].status), `${what}: ${answers[0].status}`);
        if (!isHttp && answers[0].headers["content-type"] !== "application/problem+json")
            return assert.ok(closed, what);
        assert.equal(answers[0].headers["content-type"], "application/problem+json", what);
        assert.equal(JSON.parse(answers[0].body).status, answers[0].status);
    } else {
        assert.ok(closed, `${what}: neither answered nor closed: ${text.slice(0, 200)}`);
    }
    await assertWell();
}

// Every case is tried, and all that fail are told.
async function each(cases, check) {
    const faults = [];
    for (const one of cases) await check(one).catch((error) => faults.push(error.message.split("\n")[0]));
    assert.deepEqual(faults, []);
}

test("HTTP/2 is not spoken", async () => {
    const preface = Buffer.concat([
        Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Buffer.from("000000040000000000", "hex"),
    ]);
    const { text } = await send(preface);
    assert.ok(!text.startsWith("\0\0"), "no frame of settings");
    assert.ok(text === "" || /^HTTP\/1\.1 4\d\d/.test(text), text.slice(0, 80));
    const upgrade = "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
    const { answers } = await send(
        `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\n${upgrade}\r\n`,
    );
    assert.equal(answers[0].status, 200, "answered as HTTP/1.1, not switched");
    await assertWell();
});

test("a chunked body of the usual size is taken", async () => {
    const body = '{"prompt":""}';
    const head = `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { answers } = await send(`${head}5\r\n${body.slice(0, 5)}\r\n8\r\n${body.slice(5)}\r\n0\r\n\r\n`);
    assert.equal(answers[0].status, 422);
});

test("headers over the limits", async () => {
    const many = Array.from({ length: 150 }, (_, i) => `X-${i}: v\r\n`).join("");
    const cases = [
        [get("/health/live", many), [400, 431], "150 headers", 2500, false],
        [get("/health/live", `X-Huge: ${"v".repeat(40000)}\r\n`), [431, 400], "a header of 40,000 bytes"],
        [get("/health/live", `X-Huge: ${"v".repeat(600000)}\r\n`), [431, 400], "a header of 600,000 bytes", 2500, false],
        [get(`/${"p".repeat(40000)}`), [431, 400, 404, 414], "a path of 40,000 bytes"],
        [get("/health/live", `Cookie: ${"a=b; ".repeat(8000)}\r\n`), [431, 400], "40,000 bytes of cookies"],
    ];
    await each(cases, (one) => assertRefused(...one));
    const { answers } = await send(get("/health/live", `X-Large: ${"v".repeat(20000)}\r\n`));
    assert.equal(answers[0].status, 200, "20,000 bytes are fine");
});

test("two lengths, a length beside chunks, and lengths that are none", async () => {
    const post = (headers, body = "{}") =>
        `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\n${headers}\r\n${body}`;
    const chunks = "0\r\n\r\n";
    const cases = [
        [post("Content-Length: 2\r\nContent-Length: 5\r\n"), [400], "two different lengths"],
        [post("Content-Length: 2\r\nContent-Length: 2\r\n"), [400], "the same length twice"],
        [post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunks), [400], "length and chunks"],
        [post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", chunks), [400], "chunks and length"],
        [post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks), [400, 501], "two encodings"],
        [post("Transfer-Encoding: gzip\r\n"), [400, 501], "an unknown encoding"],
    ];
    for (const length of ["-1", "2x", "0x2", "+2", "99999999999999999999999", "", "2,2", " "])
        cases.push([post(`Content-Length: ${length}\r\n`), [400, 413], `Content-Length: ${length}`, 4500]);
    await each(cases, (one) => assertRefused(...one));
});

test("what smuggled requests hide in is never answered as a second request", async () => {
    const inner = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    const outer = (headers, body) =>
        `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\n${headers}\r\n${body}`;
    const cases = [
        [`Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${inner}`],
        [`Content-Length: 0\r\nContent-Length: ${inner.length}\r\n`, inner],
        [`Transfer-Encoding: chunked\r\n`, `zz\r\n${inner}`],
        [`Transfer-Encoding: chunked\r\n`, `ffffffffffffffffff\r\n${inner}`],
        [`Transfer-Encoding : chunked\r\nContent-Length: 2\r\n`, `{}${inner}`],
    ];
    await each(cases, async ([headers, body]) => {
        for (const request of [outer(headers, body), outer(headers, body).replace("/api/v1/generations", "/files/a/b")]) {
            const { answers } = await send(request, 3500);
            assert.ok(answers.length <= 1, `${JSON.stringify(headers)}: ${answers.map((a) => a.status)}`);
            if (answers.length) assert.ok(answers[0].status >= 400, headers);
        }
    });
    await assertWell();
});

test("two Hosts, folded headers, a bare LF, other forms of targets", async () => {
    const cases = [
        ["GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", [400], "two Hosts"],
        [
            "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n",
            [400, 404, 405],
            "CONNECT",
        ],
        [
            "GET http://example.org/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            [400, 404],
            "an absolute target",
        ],
        ["OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [400, 404, 405], "OPTIONS *"],
        ["GET health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [400, 404], "a target without a slash"],
        [get("/health/live", "X-A: b\r\n c\r\n"), [400], "a folded header"],
        ["GARBAGE\r\n\r\n", [400], "no HTTP at all", 3000, false],
        ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400], "TLS", 4500, false],
        [
            "GET /health/live HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n",
            [400, 505],
            "another version",
            3000,
            false,
        ],
    ];
    await each(cases, (one) => assertRefused(...one));
});

test("%00, dots and odd bytes in the path and in the query", async () => {
    for (const path of [
        "/api/v1/images/%00",
        "/api/v1/images/..%2f..%2fme",
        "/api/v1/../v1/me",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "/api/v1/images/\x80\xff",
        "/api/v1/images/a%",
        "/api/v1/images/%zz",
        "/api/v1/images/{id}",
        "/static/x/..%2fopenapi.yaml",
        "/static/x/../openapi.yaml",
        "/static/x/%6fpenapi.yaml",
        "/static/x/css/../openapi.yaml",
        "/static/x//openapi.yaml",
        "/static/x/openapi.yaml/",
        "/static//openapi.yaml",
        "/static/openapi.yaml",
        "/static/x/",
        "/static/",
        "/docs/.hidden",
    ]) {
        const { answers } = await send(Buffer.from(get(path, auth), "latin1"));
        assert.ok([400, 404].includes(answers[0]?.status), `${path}: ${answers[0]?.status}`);
        assert.equal(answers[0].headers["content-type"], "application/problem+json");
    }
    for (const query of [
        "?a=%00",
        "?%00=1",
        "?limit=1%00",
        "?..",
        "?limit=%F0%9F%98%80",
        "?a[]=1",
        "?limit=1;drop",
        "?=",
        "?&&&=&",
        "?a=%ff",
        "?\x80\xff",
    ]) {
        const { answers } = await send(Buffer.from(get(`/api/v1/images${query}`, auth), "latin1"));
        assert.equal(answers[0]?.status, 400, query);
    }
    await assertWell();
});

test("unknown methods", async () => {
    await each(["BREW", "get", "G\0T", "X".repeat(300), "PATCH2"], (method) =>
        assertRefused(
            `${method} /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
            [400, 405, 501],
            method.slice(0, 10),
            3000,
            !method.includes("\0"),
        ),
    );
});

test("a header with NUL or control characters in it", async () => {
    for (const value of ["a\0b", "a\x01b", "a\x7fb"]) {
        const { answers, closed } = await send(get("/health/live", `X-A: ${value}\r\n`));
        assert.ok(answers.length === 0 ? closed : [200, 400].includes(answers[0].status));
    }
    await assertWell();
});

test("requests in one packet are answered in their order", async () => {
    const one = (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${auth}\r\n`;
    const { answers } = await send(
        one("/api/v1/me") + one("/health/live") + one("/api/v1/images/x") + get("/health/live"),
    );
    assert.deepEqual(
        answers.map((a) => a.status),
        [200, 200, 404, 200],
    );
    assert.ok("id" in JSON.parse(answers[0].body));
});

test("HTTP/1.0 is answered and closed", async () => {
    const { text, closed } = await send("GET /health/live HTTP/1.0\r\n\r\n");
    assert.match(text, /^HTTP\/1\.[01] 200 /);
    assert.ok(closed);
});
