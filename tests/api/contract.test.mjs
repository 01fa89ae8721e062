// The checker itself: what is wrong with an answer does not pass.
import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "./support/client.mjs";

const REQUEST_ID = "0123456789abcdef0123456789abcdef";
const ME = {
    id: "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11",
    name: "A",
    locale: "ru",
    time_zone: "UTC",
    default_preset: "fast",
    theme: "auto",
    main_avatar_id: null,
    is_admin: false,
    created_at: "2026-01-01T00:00:00Z",
    quota: { granted: 5, available: 2, held: 2, spent: 1 },
};
const HEADERS = { "content-type": "application/json", "x-request-id": REQUEST_ID, "cache-control": "no-store" };
const PROBLEM = {
    type: "about:blank",
    title: "t",
    status: 404,
    detail: "d",
    code: "not_found",
    request_id: REQUEST_ID,
};
const PROBLEM_HEADERS = { "content-type": "application/problem+json", "x-request-id": REQUEST_ID };

// Faults of an answer; what it covers is not counted.
function faults({ body = ME, ...exchange }) {
    const seen = new Set(contract.seen);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const found = contract.check({
        method: "GET",
        path: "/api/v1/me",
        status: 200,
        headers: HEADERS,
        ...exchange,
        body: text,
    });
    contract.seen = seen;
    return found;
}

const refused = (what, exchange, pattern) =>
    test(`${what} does not pass`, () => {
        const found = faults(exchange);
        assert.ok(
            found.some((fault) => pattern.test(fault)),
            JSON.stringify(found),
        );
    });

test("a right answer passes", () => assert.deepEqual(faults({}), []));
test("a right problem passes", () =>
    assert.deepEqual(faults({ path: "/nothing", status: 404, body: PROBLEM, headers: PROBLEM_HEADERS }), []));

const { name, ...nameless } = ME;
refused("a missing member", { body: nameless }, /required property 'name'/);
refused("a member too many", { body: { ...ME, extra: 1 } }, /additional properties/);
refused("a member of the wrong type", { body: { ...ME, is_admin: "no" } }, /is_admin must be boolean/);
refused("null where there must be something", { body: { ...ME, name: null } }, /name must be string/);
refused("a value outside an enumeration", { body: { ...ME, locale: "de" } }, /allowed values/);
refused("a time without its zone", { body: { ...ME, created_at: "2026-01-01T00:00:00" } }, /created_at/);
refused("an id in capitals", { body: { ...ME, id: ME.id.toUpperCase() } }, /id must match pattern/);
refused("broken JSON", { body: "{" }, /not JSON/);
refused("an empty body", { body: "" }, /not JSON/);
refused("another content type", { headers: { ...HEADERS, "content-type": "text/html" } }, /content type/);
refused("a missing header", { headers: { ...HEADERS, "x-request-id": undefined } }, /X-Request-Id is missing/);
refused("a wrong header", { headers: { ...HEADERS, "cache-control": "public" } }, /Cache-Control/);
refused("an undocumented status", { status: 299 }, /undocumented status 299/);
refused("a 500", { status: 500, body: PROBLEM, headers: PROBLEM_HEADERS }, /undocumented status 500/);
refused(
    "a problem with another status",
    { path: "/nothing", status: 404, body: { ...PROBLEM, status: 400 }, headers: PROBLEM_HEADERS },
    /the problem says 400/,
);
refused(
    "a problem of another request",
    { path: "/nothing", status: 404, body: { ...PROBLEM, request_id: "f".repeat(32) }, headers: PROBLEM_HEADERS },
    /request_id/,
);
refused("an unknown path that is answered", { path: "/nothing" }, /not in the contract/);
refused("a body with 204", { method: "DELETE", path: `/api/v1/images/${ME.id}`, status: 204 }, /must be none/);
refused(
    "an incomplete Allow",
    { method: "PUT", status: 405, body: { ...PROBLEM, status: 405 }, headers: { ...PROBLEM_HEADERS, allow: "GET" } },
    /Allow/,
);
refused(
    "a request that was taken though it may not be sent",
    { method: "PATCH", requestBody: '{"nope":1}', requestType: "application/json" },
    /the request was taken but/,
);

test("formats of our own", () => {
    const seed = contract.document.components.schemas.Seed;
    assert.deepEqual(contract.faults(seed, "18446744073709551615", ""), []);
    for (const wrong of ["18446744073709551616", "-1", "01", "1.0", ""])
        assert.notDeepEqual(contract.faults(seed, wrong, ""), [], wrong);
});

test("the most particular path wins", () => {
    assert.equal(contract.find("POST", "/api/v1/avatars/import").operation.operationId, "importAvatar");
    assert.equal(contract.find("GET", "/api/v1/avatars/x").operation.operationId, "getAvatar");
    assert.equal(contract.find("GET", "/files/b/2026/01/01/a.jpg").operation.operationId, "getFile");
    assert.equal(contract.find("HEAD", "/api/v1/me").operation.operationId, "getMe");
});
