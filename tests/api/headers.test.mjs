// What every answer says to browsers: all routes of the server, all methods, everybody, every kind of answer and error.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { contract, ROOT } from "./support/client.mjs";
import { Things } from "./support/matrix.mjs";
import { exchange } from "./support/raw.mjs";
import { ROWS } from "./support/rows.mjs";
import { EventStream } from "./support/sse.mjs";
import { NOBODY, signIn } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const BYTES_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
const PAGE_POLICY =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'";
const DOCS_POLICY =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const PUBLIC = /^\/(static\/|robots\.txt|favicon\.ico|openapi\.yaml)/;
const METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "PROPFIND"];

let world, it, session;

before(async () => {
    world = await World.start();
    it = await Things.make(world);
    session = await signIn(world, world.owner);
    await world.stopServer();
    await world.startServer({ PUBLIC_URL: "https://aisha.example" });
});
after(() => world?.stop());

// Method and path of every line of the table of routes.
function routes() {
    const table = fs.readFileSync(path.join(ROOT, "server/routes.c"), "utf8");
    return [...table.matchAll(/^ {4}\{"([A-Z]+)",\s+"([^"]+)"/gm)].map(([, method, pattern]) => ({ method, pattern }));
}

function caching(target, status, isPage) {
    if (isPage) return /^private, no-(cache|store)$/;
    if (status >= 400) return /^private, no-store$/;
    if (target.startsWith("/files/")) return /^private, max-age=86400, immutable$/;
    if (PUBLIC.test(target)) return /^(public, max-age=(300|31536000, immutable)|no-store)$/;
    return /^private, no-store$/;
}

function wanted(target, { status, headers }, isHttps) {
    const isPage = /^text\/html/.test(headers["content-type"] ?? "");
    const policy = isPage ? (target.startsWith("/docs") && status === 200 ? DOCS_POLICY : PAGE_POLICY) : BYTES_POLICY;
    return {
        "x-request-id": /^[0-9a-f]{24}$/,
        "x-content-type-options": /^nosniff$/,
        "content-security-policy": policy,
        "referrer-policy": isPage ? /^(same-origin|no-referrer)$/ : /^no-referrer$/,
        "cross-origin-resource-policy": /^same-origin$/,
        "cross-origin-opener-policy": isPage ? /^same-origin$/ : undefined,
        "permissions-policy": isPage ? /^camera=\(\), / : undefined,
        "strict-transport-security": isHttps ? /^max-age=(3153600\d|[4-9]\d{7}|\d{9})$/ : undefined,
        "cache-control": caching(target, status, isPage),
        "content-type": /^text\/(?!event-stream)/.test(headers["content-type"] ?? "") ? /charset=utf-8$/ : /./s,
        server: undefined,
        "x-powered-by": undefined,
        "access-control-allow-origin": undefined,
    };
}

// In words; a header that comes twice is joined by the client, and does not fit.
function faults(target, answer, isHttps = true) {
    return Object.entries(wanted(target, answer, isHttps)).flatMap(([name, rule]) => {
        const value = answer.headers[name];
        if (name === "content-type" && (value === undefined || [204, 304].includes(answer.status))) return [];
        const fits = rule instanceof RegExp ? rule.test(value ?? "") : value === rule;
        return fits ? [] : [`${target} → ${answer.status}: ${name} is ${value}`];
    });
}

const fill = (pattern, value) => pattern.replace(/\{\*\}/, "css/base.css").replace(/\{[^}]+\}/g, value);

test("every route, by every method, asked by everybody, for a page and for data", async () => {
    const found = [];
    const statuses = {};
    const clients = { anonymous: world.anonymous, owner: world.owner, session: world.anonymous.as({ cookie: session.cookie }) };
    for (const pattern of [...new Set(routes().map((r) => r.pattern)), "/nothing", "/api/v1/nothing", "/files/a/b"])
        for (const method of METHODS)
            for (const [who, client] of Object.entries(clients))
                for (const accept of ["text/html", "*/*"]) {
                    if (pattern === "/api/v1/events" && /GET|HEAD/.test(method) && who !== "anonymous") continue;
                    const target = fill(pattern, NOBODY);
                    const answer = await client.raw(method, target, { headers: { accept } });
                    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
                    found.push(...faults(target, answer).map((fault) => `${method} by ${who}: ${fault}`));
                }
    assert.deepEqual(found, []);
    assert.ok(routes().length > 40, "the table is read");
    for (const status of [200, 303, 401, 403, 404, 405]) assert.ok(statuses[status], `some ${status}`);
});

test("what is there, by those who may have it", async () => {
    const found = [];
    for (const operation of contract.operations) {
        const row = ROWS[operation.operationId];
        if (!row || row.stream || row.last) continue;
        const client = operation.operationId === "createLink" ? world.service : world.owner;
        if (row.needs) await it.renew(row.needs);
        const body = typeof row.body === "function" ? row.body(it) : row.body;
        const target = row.path(it);
        const answer = await client.raw(operation.method, target, body && { json: body });
        if (row.uses) await it.renew(row.uses).catch(() => {});
        assert.ok(answer.status < 500, `${operation.operationId}: ${answer.status}`);
        found.push(...faults(target, answer));
    }
    assert.deepEqual(found, []);
});

test("pages of a session, with what they show", async () => {
    const targets = ["/images", `/images/${it.image}`, "/create", "/avatars", `/avatars/${it.avatar}`, "/settings"];
    for (const target of [...targets, "/generations", `/generations/${it.generation}`, "/docs", "/login"]) {
        const answer = await session.client.raw("GET", target, { headers: { accept: "text/html" } });
        assert.deepEqual(faults(target, answer), []);
    }
});

test("files: whole, in part, known already, and what is wrong with asking for them", async () => {
    const { etag } = (await world.anonymous.raw("GET", it.file)).headers;
    for (const [status, headers] of [
        [200, {}],
        [206, { range: "bytes=0-9" }],
        [304, { "if-none-match": etag }],
        [416, { range: "bytes=99999999-" }],
    ]) {
        const answer = await world.anonymous.raw("GET", it.file, { headers });
        assert.equal(answer.status, status);
        assert.deepEqual(faults(it.file, answer), []);
    }
    const forged = it.file.replace(/.$/, "!");
    const answer = await world.anonymous.raw("GET", forged);
    assert.equal(answer.status, 404);
    assert.deepEqual(faults(forged, answer), []);
});

test("the stream of events", async () => {
    const stream = await EventStream.open(world.owner);
    stream.close();
    assert.deepEqual(faults("/api/v1/events", stream), []);
});

test("input that is wrong, too large, or of another type", async () => {
    for (const [status, options] of [
        [400, { body: "{" }],
        [413, { body: "x".repeat(100_000) }],
        [415, { body: "x", type: "text/plain" }],
        [422, { json: {} }],
    ]) {
        const answer = await world.owner.raw("POST", "/api/v1/generations", options);
        assert.equal(answer.status, status);
        assert.deepEqual(faults("/api/v1/generations", answer), []);
    }
});

// By raw bytes. What is no HTTP at all is answered by libh2o with a line of its own, and closed: nothing of ours can be
// there.
test("errors that libh2o finds by itself", async () => {
    const head = (line, headers) => `${line} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
    for (const [statuses, bytes] of [
        [[413], head("POST /api/v1/generations", "Content-Length: 9999999\r\n")],
        [[413], head("POST /files/a/b", "Content-Length: 9999999\r\n")],
        [[400], `${head("POST /create", "Transfer-Encoding: chunked\r\n")}zz\r\n`],
        [[400], `${head("GET /images", "Content-Length: 1\r\nContent-Length: 1\r\n")}x`],
        [[400], head("GET /files/a/b", "Host: y\r\n")],
        [[417], head("POST /api/v1/generations", "Expect: miracles\r\nContent-Length: 2\r\n")],
        [[431, 400], head("GET /images", `X-Huge: ${"v".repeat(40000)}\r\n`)],
        [[404, 405, 400], head("OPTIONS *", "")],
    ]) {
        const { answers } = await exchange(world.url, bytes, 3000);
        assert.ok(statuses.includes(answers[0]?.status), `${bytes.slice(0, 60)}: ${answers[0]?.status}`);
        assert.deepEqual(faults(bytes.split(" ")[1], answers[0]), []);
    }
});

test("strict transport security is for https alone", async () => {
    await world.stopServer();
    await world.startServer({ PUBLIC_URL: world.url });
    for (const target of ["/health/live", "/login", "/nothing", "/robots.txt", it.file, "/api/v1/me"])
        assert.deepEqual(faults(target, await world.anonymous.raw("GET", target), false), []);
});
