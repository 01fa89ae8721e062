// What fal.ai may tell us, and what nobody else may: forged, stale, foreign, repeated and broken webhooks.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { Relay } from "./support/relay.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT } from "./support/things.mjs";
import { okBody, signature, trusted, trustedKeys } from "./support/webhook.mjs";
import { World } from "./support/world.mjs";

let world, owner, hooks, front, avatarId;

before(async () => {
    hooks = await Relay.start();
    front = await Relay.start(trustedKeys(() => world));
    world = await World.start({
        generationMs: 2500,
        ownPostgres: true,
        falsimPublicUrl: front.url,
        env: { FAL_WEBHOOK_URL: hooks.url },
        onFalsim: (w) => ((world = w), (front.target = w.falsimUrl)),
    });
    hooks.target = world.url;
    owner = world.owner;
    avatarId = (await importAvatar(owner, PORTRAIT)).id;
});
after(async () => {
    await world?.stop();
    await hooks?.stop();
    await front?.stop();
});

const post = (path, body, headers, type) => world.anonymous.send("POST", path, { body, headers, type });

// A generation that has been submitted and still runs: its id at fal.ai and where its webhook is expected.
async function running(prompt) {
    const { id, final_prompt } = await ask(owner, { prompt, preset: "fast", avatar_id: avatarId });
    const sent = await until("it is submitted", 8000, async () =>
        (await world.accepted()).find((r) => r.input.prompt === final_prompt),
    );
    const url = sent.webhook_url;
    assert.ok(url?.startsWith(hooks.url), JSON.stringify(sent).slice(0, 500));
    return { id, requestId: sent.request_id, path: url.slice(hooks.url.length) };
}

// The webhook that the simulator sent for a completed generation.
async function captured(prompt) {
    const done = await generate(owner, { prompt, preset: "fast", avatar_id: avatarId });
    const sent = (await world.accepted()).find((r) => r.input.prompt === done.final_prompt);
    const record = await until("its webhook", 10000, () => hooks.records.find((r) => r.body.includes(sent.request_id)));
    const headers = Object.fromEntries(
        Object.entries(record.headers).filter(([name]) => name.startsWith("x-fal-webhook") || name === "content-type"),
    );
    return { done, record, headers };
}

const stateOf = async () => {
    const rows = await world.sql("SELECT id, status, version FROM generations ORDER BY id");
    const images = await world.sql("SELECT id FROM images ORDER BY id");
    return JSON.stringify([rows, images]);
};

test("a genuine one is taken, and again, and again, without effect", async () => {
    const { done, record, headers } = await captured("called back");
    assert.equal(record.status, 200);
    const before = await stateOf();
    for (let i = 0; i < 3; i++) assert.equal((await post(record.path, record.body, headers)).status, 200);
    const many = await Promise.all(Array.from({ length: 20 }, () => post(record.path, record.body, headers)));
    assert.deepEqual([...new Set(many.map((a) => a.status))], [200]);
    assert.equal(await stateOf(), before);
    assert.equal((await owner.get(`/api/v1/generations/${done.id}`)).json.images.length, 1);
});

test("a forged, changed, unsigned or stale one changes nothing", async () => {
    const { id, requestId, path } = await running("attacked");
    const body = okBody(requestId);
    const good = (more = {}) => signature(body, { requestId, key: trusted, ...more });
    const now = Math.floor(Date.now() / 1000);
    const attempts = {
        "another key": signature(body, { requestId }),
        "no headers": {},
        "a changed body": signature(`${body} `, { requestId, key: trusted }),
        "a changed timestamp": { ...good(), "x-fal-webhook-timestamp": String(now - 1) },
        "a changed user": { ...good(), "x-fal-webhook-user-id": "somebody" },
        "6 minutes old": good({ timestamp: now - 360 }),
        "6 minutes ahead": good({ timestamp: now + 360 }),
        "no time": { ...good(), "x-fal-webhook-timestamp": "soon" },
        "a time with a sign": good({ timestamp: `+${now}` }),
        "a short signature": { ...good(), "x-fal-webhook-signature": good()["x-fal-webhook-signature"].slice(2) },
        "no hexadecimal": { ...good(), "x-fal-webhook-signature": "z".repeat(128) },
        "an empty signature": { ...good(), "x-fal-webhook-signature": "" },
        zeroes: { ...good(), "x-fal-webhook-signature": "0".repeat(128) },
    };
    for (const name of Object.keys(good())) {
        const { [name]: dropped, ...rest } = good();
        attempts[`without ${name}`] = rest;
    }
    const before = (await owner.get(`/api/v1/generations/${id}`)).json;
    for (const [what, headers] of Object.entries(attempts)) {
        const answer = await post(path, body, headers);
        assert.equal(answer.status, 401, `${what}: ${answer.status}`);
        assert.equal(answer.json.code, "signature_invalid");
    }
    assert.deepEqual(await world.sql(`SELECT count(*) FROM webhook_inbox WHERE generation_id = '${id}'`), [["0"]]);
    assert.notEqual(before.status, "completed");
    assert.equal((await follow(owner, id)).status, "completed");
});

test("the address alone proves nothing, and without the right address nothing is heard", async () => {
    const { record, headers } = await captured("address");
    const { pathname } = new URL(record.path, "http://x");
    const token = pathname.split("/").at(-1);
    for (let i = 0; i < token.length; i += 3) {
        const wrong = token.slice(0, i) + (token[i] === "0" ? "1" : "0") + token.slice(i + 1);
        assert.equal((await post(`/api/v1/webhooks/fal/${wrong}`, record.body, headers)).status, 404, `character ${i}`);
    }
    for (const wrong of ["x", token.slice(1), token + "0", token.toUpperCase() + "Z", randomUUID(), "..%2f", "%00"])
        assert.equal((await post(`/api/v1/webhooks/fal/${wrong}`, record.body, headers)).status, 404, wrong);
});

test("a genuine one about another request changes nothing", async () => {
    const { record, headers } = await captured("foreign");
    const { id, path } = await running("target of a foreign one");
    const before = await stateOf();
    assert.ok([200, 404].includes((await post(path, record.body, headers)).status));
    const stranger = randomUUID();
    const body = okBody(stranger);
    assert.ok(
        [200, 404].includes((await post(path, body, signature(body, { requestId: stranger, key: trusted }))).status),
    );
    const mixed = okBody(stranger);
    const answer = await post(path, mixed, signature(mixed, { requestId: randomUUID(), key: trusted }));
    assert.ok([200, 400, 401, 404].includes(answer.status), "header and body of different requests");
    assert.equal(JSON.parse(await stateOf())[1].length, JSON.parse(before)[1].length, "no picture more");
    assert.equal((await follow(owner, id)).status, "completed");
});

test("one that comes too early is not believed", async () => {
    const { id, requestId, path } = await running("too early");
    const body = okBody(requestId);
    assert.equal((await post(path, body, signature(body, { requestId, key: trusted }))).status, 200);
    const done = await follow(owner, id);
    assert.equal(done.status, "completed");
    assert.equal(done.images.length, 1, "the picture is the provider's");
});

test("one that says an untrue error is not believed either", async () => {
    const { id, requestId, path } = await running("untrue error");
    const body = JSON.stringify({
        error: "Invalid status code: 422",
        gateway_request_id: requestId,
        payload: { detail: [{ loc: ["body"], msg: "no", type: "x" }] },
        request_id: requestId,
        status: "ERROR",
    });
    assert.equal((await post(path, body, signature(body, { requestId, key: trusted }))).status, 200);
    assert.ok(["completed", "failed"].includes((await follow(owner, id)).status));
});

test("broken bodies are refused as such", async () => {
    const { requestId, path } = await running("broken bodies");
    const signed = (body) => post(path, body, signature(body, { requestId, key: trusted }));
    for (const body of [
        `{"request_id":"${requestId}"}`,
        `{"request_id":"${requestId}","status":"MAYBE"}`,
        `{"request_id":"${requestId}","status":["OK"]}`,
    ])
        assert.equal((await signed(body)).status, 400, body);
    // Without the id that the signature speaks of, it is not what was signed.
    for (const body of [
        "{",
        "[]",
        "null",
        '{"a":1}',
        `{"request_id":7,"status":"OK"}`,
        "[".repeat(5000),
        `{"request_id":"\\ud800","status":"OK"}`,
    ])
        assert.ok([400, 401].includes((await signed(body)).status), body.slice(0, 60));
    const large = JSON.stringify({ request_id: requestId, status: "OK", payload: { x: "y".repeat(300000) } });
    assert.equal((await signed(large)).status, 413);
    const body = okBody(requestId);
    assert.equal((await post(path, body, signature(body, { requestId, key: trusted }), "text/plain")).status, 415);
});

test("the older address takes signed bodies, and others only with the secret", async () => {
    const path = "/api/avatar/status_update?training_type=portrait";
    const plain = JSON.stringify({
        request_id: randomUUID(),
        status: "in_progress",
        progress: 40,
        training_type: "portrait",
    });
    const secret = { "x-webhook-secret": world.secrets.FAL_WEBHOOK_SECRET };
    const before = await stateOf();
    assert.equal((await post(path, plain, {})).status, 401);
    assert.equal((await post(path, plain, { "x-webhook-secret": "wrong" })).status, 401);
    assert.equal((await post(path, plain, { "x-webhook-secret": "" })).status, 401);
    assert.equal((await post(path, plain, secret)).status, 200);
    const requestId = randomUUID();
    const body = okBody(requestId);
    assert.equal((await post(path, body, signature(body, { requestId, key: trusted }))).status, 200);
    assert.equal((await post(path, body, signature(body, { requestId }))).status, 401);
    assert.equal((await post(path, "{", secret)).status, 400);
    assert.equal((await post("/api/avatar/status_update?training_type=nude", plain, secret)).status, 400);
    assert.equal((await post(path, plain, secret, "text/plain")).status, 415);
    const large = JSON.stringify({ request_id: "x", status: "completed", result: { x: "y".repeat(300000) } });
    assert.equal((await post(path, large, secret)).status, 413);
    assert.equal(await stateOf(), before);
});

test("without the database it says 503, so that fal.ai comes again", async () => {
    const { record, headers } = await captured("no database");
    await world.postgres.kill();
    try {
        assert.equal((await post(record.path, record.body, headers)).status, 503);
        const secret = { "x-webhook-secret": world.secrets.FAL_WEBHOOK_SECRET };
        const plain = JSON.stringify({ request_id: randomUUID(), status: "completed" });
        assert.equal((await post("/api/avatar/status_update", plain, secret)).status, 503);
    } finally {
        await world.postgres.start();
    }
    await until("it is taken again", 3000, async () => (await post(record.path, record.body, headers)).status === 200);
});

test("what the simulator forges or sends too late is refused", async () => {
    for (const [fault, status] of [
        ["forged", [401, 404]],
        ["bad_signature", [401]],
        ["old_timestamp", [401]],
    ]) {
        const prompt = `by the simulator ${fault}`;
        await world.faults({ op: "webhook", fault, prompt, count: 1 });
        const done = await generate(owner, { prompt, preset: "fast", avatar_id: avatarId });
        const sent = (await world.accepted()).find((r) => r.input.prompt === done.final_prompt);
        const record = await until("the webhook", 8000, () =>
            hooks.records.find((r) => r.body.includes(sent.request_id)),
        );
        await until("its answer", 3000, () => record.status);
        assert.ok(status.includes(record.status), `${fault}: ${record.status}`);
    }
});
