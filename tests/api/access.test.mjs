// Who may do what: every operation of the contract by everybody. An operation without a row in support/rows.mjs fails.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { contract } from "./support/client.mjs";
import { accessOf, isUnsafe, Things } from "./support/matrix.mjs";
import { ROWS } from "./support/rows.mjs";
import { EventStream } from "./support/sse.mjs";
import { importAvatar, PORTRAIT, signIn } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const SCOPES = ["read", "write", "generate"];
let world, it, people, session;

before(async () => {
    world = await World.start({ generationMs: 3000 });
    it = await Things.make(world);
    await importAvatar(world.other, PORTRAIT);
    people = { anonymous: world.anonymous, other: world.other, service: world.service };
    for (const scope of SCOPES) {
        people[scope] = world.client((await world.token(world.owner, scope)).token);
        people[`no ${scope}`] = world.client(
            (await world.token(world.owner, SCOPES.filter((s) => s !== scope).join())).token,
        );
    }
    const admin = await world.person("Admin", "--admin");
    people.admin = world.client((await world.token(admin, "admin")).token);
    people["admin without the scope"] = admin;
    const revoked = await world.token(world.owner, SCOPES.join());
    people.revoked = world.client(revoked.token);
    await people.revoked.get("/api/v1/me");
    await world.owner.delete(`/api/v1/tokens/${revoked.id}`);
    const expired = await world.token(world.owner, SCOPES.join());
    await world.sql(`UPDATE api_tokens SET expires_at = now() - interval '1 minute' WHERE id = '${expired.id}'`);
    people.expired = world.client(expired.token);
    session = await signIn(world, world.owner);
    people.session = session.client;
    people["session without the page's token"] = world.anonymous.as({ cookie: session.cookie });
    people["session with another token"] = world.anonymous.as({
        cookie: session.cookie,
        "x-csrf-token": "0".repeat(session.csrf.length),
    });
    people["wrong session"] = world.anonymous.as({
        cookie: session.cookie.slice(0, -4) + "AAAA",
        "x-csrf-token": session.csrf,
    });
    people["wrong token"] = world.client(world.owner.token.slice(0, -4) + "AAAA");
    people.rubbish = world.anonymous.as({ authorization: "Bearer ais_<script>" });
    people["wrong scheme"] = world.anonymous.as({ authorization: `Basic ${Buffer.from("a:b").toString("base64")}` });
    people["service for nobody"] = world.anonymous.as({ authorization: world.service.headers.authorization });
    people["service for rubbish"] = world.service.with({ "x-acting-user": "telegram:-1; DROP" });
});
after(() => world?.stop());

test("every operation of the contract has a row", () => {
    const operations = contract.operations.map((o) => o.operationId);
    assert.deepEqual(
        operations.filter((id) => !ROWS[id]),
        [],
        "operations that nobody has thought about",
    );
    assert.deepEqual(
        Object.keys(ROWS).filter((id) => !operations.includes(id)),
        [],
        "rows of operations that are gone",
    );
});

// The status of one call; what it used up is made anew when it succeeded.
async function call(operation, who) {
    const row = ROWS[operation.operationId];
    if (row.stream) {
        const stream = await EventStream.open(people[who], { path: row.path(it) });
        stream.close();
        return stream.status;
    }
    const { status } = await it.call(operation, people[who]);
    if (status === row.ok && row.uses) await it.renew(row.uses);
    return status;
}

const NOT_SIGNED_IN = [
    "anonymous",
    "revoked",
    "expired",
    "wrong session",
    "wrong token",
    "rubbish",
    "wrong scheme",
    "service for nobody",
    "service for rubbish",
];

// The statuses by caller that an operation's security promises.
function expectations(operation) {
    const access = accessOf(operation);
    const row = ROWS[operation.operationId];
    const others = row.others === "own" ? row.ok : row.others;
    if (access === "public")
        return Object.fromEntries(["anonymous", "rubbish", "revoked", "read"].map((who) => [who, row.ok]));
    const refused = Object.fromEntries(NOT_SIGNED_IN.map((who) => [who, 401]));
    if (access === "service")
        return { ...refused, read: 403, other: 403, "no read": 403, session: 403, service: row.ok };
    if (access === "session")
        return {
            ...refused,
            read: 401,
            service: 401,
            "session without the page's token": 403,
            "session with another token": 403,
            session: row.ok,
        };
    if (access === "admin")
        return {
            ...refused,
            ...Object.fromEntries([...SCOPES, "other", "service", "session"].map((who) => [who, 403])),
            "admin without the scope": 403,
            admin: row.ok,
        };
    const csrf = isUnsafe(operation) ? 403 : row.ok;
    return {
        ...refused,
        [`no ${access}`]: 403,
        "session without the page's token": csrf,
        "session with another token": csrf,
        other: others,
        service: row.others === "own" ? row.ok : 404,
        [access]: row.ok,
        session: row.ok,
    };
}

describe("each operation", () => {
    const last = (operation) => (ROWS[operation.operationId]?.last ? 1 : 0);
    for (const operation of [...contract.operations].sort((a, b) => last(a) - last(b)))
        if (ROWS[operation.operationId])
            test(`${operation.operationId} (${accessOf(operation)})`, async () => {
                const expected = expectations(operation);
                const got = {};
                const { needs } = ROWS[operation.operationId];
                if (needs) await it.renew(needs);
                for (const who of Object.keys(expected)) got[who] = await call(operation, who);
                assert.deepEqual(got, expected);
            });
});

test("somebody else's things and things that never were look the same", async () => {
    const other = world.other;
    const neutral = (answer) => ({ ...answer.json, request_id: "", headers: Object.keys(answer.headers).sort() });
    for (const kind of ["avatars", "generations", "images"]) {
        const id = it[kind.slice(0, -1)];
        const missing = id.slice(0, -4) + "0000";
        const [foreign, nothing] = [
            await other.get(`/api/v1/${kind}/${id}`, { status: 404 }),
            await other.get(`/api/v1/${kind}/${missing}`, { status: 404 }),
        ];
        assert.deepEqual(neutral(foreign), neutral(nothing));
    }
    for (const list of ["avatars", "generations", "images", "tokens"]) {
        const { items } = (await other.get(`/api/v1/${list}`)).json;
        assert.ok(
            items.every((item) => ![it.avatar, it.generation, it.image, it.token].includes(item.id)),
            list,
        );
    }
});

test("other users' attempts have changed nothing", async () => {
    await world.owner.get(`/api/v1/avatars/${it.avatar}`);
    await world.owner.get(`/api/v1/images/${it.image}`);
    assert.notEqual((await world.owner.get(`/api/v1/generations/${it.generation}`)).json.status, "cancelled");
});

test("an admin's scope is not for everybody", async () => {
    const answer = await world.owner.post("/api/v1/tokens", { name: "more", scopes: ["admin"] }, { status: 403 });
    assert.equal(answer.json.code, "scope_missing");
    const writer = await world.owner.post("/api/v1/tokens", { name: "w", scopes: ["write"] }, { status: 201 });
    await world.client(writer.json.token).post("/api/v1/tokens", { name: "r", scopes: ["read"] }, { status: 403 });
});
