// What holds for every operation of the contract alike: bodies too large, of the wrong type or broken, unknown parameters.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { contract } from "./support/client.mjs";
import { accessOf, Things } from "./support/matrix.mjs";
import { ROWS } from "./support/rows.mjs";
import { NOBODY, signIn } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, it, clients;

before(async () => {
    world = await World.start({ generationMs: 2000 });
    it = await Things.make(world);
    clients = {
        session: (await signIn(world, world.owner)).client,
        service: world.service,
        admin: world.client((await world.token(await world.person("Admin", "--admin"), "admin")).token),
    };
});
after(() => world?.stop());

const clientOf = (operation) => clients[accessOf(operation)] ?? world.owner;
const inApi = contract.operations.filter((o) => o.template.startsWith("/api/v1/") && !o.template.includes("webhooks"));

describe("a body", () => {
    // What takes bodies of every type has tests of its own.
    for (const operation of inApi.filter((o) => o.requestBody && !ROWS[o.operationId].raw)) {
        const send = (options) => it.call(operation, clientOf(operation), { json: undefined, ...options });
        test(`of ${operation.operationId} that is too large, of another type, empty or broken`, async () => {
            const bytes = ROWS[operation.operationId].bytes ?? 65536;
            assert.equal((await send({ body: `{"x":"${"y".repeat(bytes)}"}` })).status, 413);
            for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", null])
                assert.equal((await send({ body: "{}", type })).status, 415, type);
            for (const body of [
                ...(operation.requestBody.required === false ? [] : [""]),
                "{",
                '{"x":"\\ud800"}',
                '{"x":"\\u0000"}',
                "[".repeat(20) + "]".repeat(20),
                Buffer.from([0x22, 0xff, 0x22]),
            ])
                assert.equal((await send({ body })).status, 400, JSON.stringify(body));
            for (const body of ["[]", "null", '"x"', "7"]) assert.equal((await send({ body })).status, 422, body);
            assert.equal((await send({ body: '{"no_such_member":1}' })).status, 422);
            if (operation.method === "PATCH")
                assert.equal(
                    (await send({ body: '{"no_such_member":1}', type: "application/merge-patch+json; charset=utf-8" }))
                        .status,
                    422,
                );
        });
    }
});

describe("a parameter that does not exist", () => {
    for (const operation of inApi.filter((o) => "400" in o.responses))
        test(`at ${operation.operationId} is named`, async () => {
            const row = ROWS[operation.operationId];
            const path = row.path(it);
            const body = typeof row.body === "function" ? row.body(it) : row.body;
            const target = `${path}${path.includes("?") ? "&" : "?"}no_such=1`;
            const answer = await clientOf(operation).send(operation.method, target, body ? { json: body } : {});
            assert.equal(answer.status, 400);
            assert.equal(answer.json.code, "invalid_query");
            assert.ok(answer.json.errors[0].detail.includes("no_such"));
        });
});

test("operations that ask for no body do not mind an empty one of JSON", async () => {
    const id = it.running;
    await world.owner.expect(202, "POST", `/api/v1/generations/${id}/cancel`, { body: "", type: "application/json" });
});

test("wrong query parameters", async () => {
    const fields = async (query) => {
        const { json } = await world.owner.get(`/api/v1/images?${query}`, { status: 400 });
        assert.equal(json.code, "invalid_query", query);
        return json.errors.map((e) => [e.field, e.code].join(":"));
    };
    for (const limit of ["0", "101", "-1", "x", "", "1.5", "9".repeat(30), "1e1", "+5", "0x10"])
        assert.match((await fields(`limit=${limit}`))[0], /^limit:/, limit);
    assert.match((await fields("favorite=maybe"))[0], /^favorite:/);
    assert.match((await fields("avatar_id=anna"))[0], /^avatar_id:/);
    assert.match((await fields("nope=1"))[0], /:unknown_(parameter|field)$/);
    assert.match((await fields("limit=1&limit=2"))[0], /^limit:repeated$/);
    assert.equal((await fields("limit=0&favorite=x&nope=1")).length, 3, "all at once");
    for (const bad of ["limit=%", "limit=%zz", "limit=%0", "favorite=%00", "avatar_id=%ff"])
        await world.owner.get(`/api/v1/images?${bad}`, { status: 400 });
});

test("what a body may not have, elsewhere", async () => {
    await world.owner.patch("/api/v1/me", { locale: "de" }, { status: 422 });
    await world.owner.patch("/api/v1/me", { time_zone: "Mars/Olympus" }, { status: 422 });
    await world.owner.patch("/api/v1/me", { default_preset: "best" }, { status: 422 });
    await world.owner.patch("/api/v1/me", { is_admin: true }, { status: 422 });
    await world.owner.patch("/api/v1/me", { id: NOBODY }, { status: 422 });
    await world.owner.patch("/api/v1/me", { locale: null }, { status: 422 });
    await world.owner.patch("/api/v1/me", {}, { status: 422 });
    await world.owner.patch("/api/v1/me", { locale: "en" }, { status: 415, type: "text/plain" });
    await world.owner.expect(400, "PATCH", "/api/v1/me", { body: "{" });
    await world.owner.expect(413, "PATCH", "/api/v1/me", { body: JSON.stringify({ name: "x".repeat(70000) }) });
});
