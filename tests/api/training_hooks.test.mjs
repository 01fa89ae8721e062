// Notifications of trainings: what they set going, and what they cannot do.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { until } from "./support/process.mjs";
import { Relay } from "./support/relay.mjs";
import { followTraining, readyAvatar, sentFor, train, trainingPath } from "./support/trainings.mjs";
import { okBody, signature, trusted, trustedKeys } from "./support/webhook.mjs";
import { World } from "./support/world.mjs";

let world, hooks, front;

before(async () => {
    hooks = await Relay.start();
    front = await Relay.start(trustedKeys(() => world));
    world = await World.start({
        falsim: ["--training-ms", "4000"],
        falsimPublicUrl: front.url,
        env: { FAL_WEBHOOK_URL: hooks.url },
        onFalsim: (w) => ((world = w), (front.target = w.falsimUrl)),
    });
    hooks.target = world.url;
});
after(async () => {
    await world?.stop();
    await hooks?.stop();
    await front?.stop();
});
beforeEach(() => world.faults());

const post = (path, body, headers, type) => world.anonymous.send("POST", path, { body, headers, type });
const signed = (path, requestId, body = okBody(requestId)) => post(path, body, signature(body, { requestId, key: trusted }));
const stateOf = async () => JSON.stringify([
    await world.sql("SELECT id, status, version, request_id FROM trainings ORDER BY id"),
    await world.sql("SELECT id, status, version, error_code FROM avatars ORDER BY id"),
]);

let people = 0;
// A training that has been accepted and still runs.
async function running() {
    const user = await world.person(`Person ${++people}`);
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    const sent = await until("it is submitted", 15000, () => sentFor(world, avatar.id));
    return { user, avatar, requestId: sent.request_id, path: sent.webhook_url.slice(hooks.url.length) };
}

test("the simulator's own tells of the end, once; the same again is news to nobody", async () => {
    const { user, avatar, requestId } = await running();
    assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
    const record = await until("its webhook", 10000, () => hooks.records.find((r) => r.body.includes(requestId)));
    assert.equal(record.status, 200);
    assert.match(record.path, /^\/api\/avatar\/status_update\?training_type=portrait&attempt=/);
    const headers = Object.fromEntries(Object.entries(record.headers).filter(([name]) => name.startsWith("x-fal-webhook") || name === "content-type"));
    await until("its job has nothing left to do", 10000, async () => (await world.sql("SELECT FROM jobs WHERE kind = 'training'")).length === 0);
    const before = await stateOf();
    for (let i = 0; i < 3; i++) {
        const answer = await post(record.path, record.body, headers);
        assert.deepEqual([answer.status, answer.json.status], [200, "ignored"]);
    }
    assert.equal(await stateOf(), before);
});

test("one of an unknown request, or of another's avatar, changes nothing", async () => {
    const first = await running(), second = await running();
    const stranger = randomUUID();
    const before = await stateOf();
    const paths = [
        ["/api/avatar/status_update?training_type=portrait", stranger],
        ["/api/avatar/status_update", stranger],
        [first.path, stranger],
        [`/api/avatar/status_update?training_type=portrait&avatar_id=${second.avatar.id}`, first.requestId],
        [`${first.path}&avatar_id=${second.avatar.id}`, first.requestId],
    ];
    for (const [path, requestId] of paths) {
        const answer = await signed(path, requestId);
        assert.deepEqual([answer.status, answer.json.status], [200, "ignored"], path);
    }
    assert.deepEqual(JSON.parse(await stateOf())[0].map((t) => t[3]), JSON.parse(before)[0].map((t) => t[3]), "nobody's request was changed");
    for (const { user, avatar } of [first, second])
        assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
});

test("one that comes after a cancel changes nothing", async () => {
    const { user, avatar, requestId, path } = await running();
    await user.expect(202, "DELETE", trainingPath(avatar.id));
    assert.equal((await followTraining(user, avatar.id)).last.status, "cancelled");
    const before = await stateOf();
    assert.equal((await signed(path, requestId)).json.status, "ignored");
    assert.equal(await stateOf(), before);
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "draft");
});

// Accepted, and then nobody waited for it any longer; its end is told of later.
async function givenUp(...more) {
    await world.faults({ op: "cancel", fault: "500", count: 5 }, ...more);
    const one = await running();
    await until("it is given up", 20000, async () => {
        await world.sql(`WITH t AS (UPDATE trainings SET sent_at = least(sent_at, now() - interval '9 hours')
            WHERE request_id = '${one.requestId}' AND status IN ('queued', 'running') RETURNING id)
            UPDATE jobs SET run_at = now() FROM t WHERE ref = t.id AND state = 'ready'`);
        return (await one.user.get(trainingPath(one.avatar.id))).json.status === "failed";
    });
    return one;
}

test("a model that comes after the training was given up is its user's, and free", async () => {
    const { user, avatar } = await givenUp();
    const ended = (await user.get(trainingPath(avatar.id))).json;
    assert.deepEqual([ended.error.code, ended.cost], ["provider_timeout", 0]);
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "error");
    const late = await until("its end is told of", 20000, async () => {
        const now = (await user.get(trainingPath(avatar.id))).json;
        return now.status === "completed" && now;
    });
    assert.deepEqual([late.error, late.cost, late.progress], [null, 0, 100]);
    const has = (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
    assert.deepEqual([has.status, has.has_model, has.error], ["completed", true, null]);
    assert.equal((await user.get("/api/v1/me")).json.quota.spent, 0);
});

test("it does not take the place of one that was begun since", async () => {
    const { user, avatar, requestId, path } = await givenUp({ op: "webhook", fault: "lost" }); // told of when it is followed
    await until("it is made", 15000, async () => (await world.accepted()).some((r) => r.request_id === requestId && r.status_code === 200));
    await train(user, avatar.id);
    assert.equal((await signed(path, requestId)).status, 200);
    assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
    await until("nothing is left to do", 15000, async () => (await world.sql("SELECT FROM jobs WHERE kind = 'training'")).length === 0);
    const rows = await world.sql(`SELECT status, request_id = '${requestId}', told_late FROM trainings WHERE avatar_id = '${avatar.id}' ORDER BY id`);
    assert.deepEqual(rows, [["failed", "t", "f"], ["completed", "f", "f"]]);
});

test("one that is true only makes us look: nothing that it says is believed", async () => {
    const { user, avatar, requestId, path } = await running();
    const lie = JSON.stringify({ request_id: requestId, gateway_request_id: requestId, status: "OK", error: null,
        payload: { diffusers_lora_file: { url: "https://evil.example/lora.safetensors" }, config_file: { url: "https://evil.example/c.json" } } });
    const answer = await post(path, lie, signature(lie, { requestId, key: trusted }));
    assert.deepEqual([answer.status, answer.json.status], [200, "accepted"]);
    assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
    const [[url]] = await world.sql(`SELECT lora_url FROM avatars WHERE id = '${avatar.id}'`);
    assert.ok(!url.includes("evil"), url);
});

test("forged, unsigned, stale and wrongly addressed ones are refused", async () => {
    const { user, avatar, requestId, path } = await running();
    const body = okBody(requestId);
    for (const headers of [{}, signature(body, { requestId }), signature(body, { requestId, key: trusted, timestamp: Math.floor(Date.now() / 1000) - 400 })])
        assert.equal((await post(path, body, headers)).status, 401);
    const wrong = path.replace(/attempt=(.)/, (_, c) => `attempt=${c === "0" ? "1" : "0"}`);
    assert.ok([400, 404].includes((await signed(wrong, requestId)).status));
    assert.equal((await signed("/api/avatar/status_update?training_type=statue", requestId)).status, 400);
    assert.equal((await signed(`${path}&avatar_id=nobody`, requestId)).status, 400);
    assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
});

test("a plain body is taken with the shared secret alone", async () => {
    const { user, avatar, requestId } = await running();
    const path = "/api/avatar/status_update?training_type=portrait";
    const body = JSON.stringify({ request_id: requestId, status: "in_progress", progress: 40, training_type: "portrait", result: null });
    assert.equal((await post(path, body, {})).status, 401);
    assert.equal((await post(path, body, { "x-webhook-secret": "wrong" })).status, 401);
    const answer = await post(path, body, { "x-webhook-secret": world.secrets.FAL_WEBHOOK_SECRET });
    assert.deepEqual([answer.status, answer.json.status], [200, "accepted"]);
    assert.equal((await followTraining(user, avatar.id)).last.status, "completed");
});

test("lost, doubled, late and forged by the way, all the same: polling is behind it", { timeout: 120000 }, async () => {
    for (const fault of ["lost", "duplicate", "forged", "bad_signature"]) {
        await world.faults({ op: "webhook", fault });
        const { user, avatar } = await running();
        assert.equal((await followTraining(user, avatar.id, 40000)).last.status, "completed", fault);
    }
});

test("an answer that was lost is settled by the notification", async () => {
    await world.faults({ op: "submit", fault: "accept_then_close", count: 1 }, { op: "listing", fault: "delayed", delay_ms: 600000 });
    const user = await world.person(`Person ${++people}`);
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    const { last } = await followTraining(user, avatar.id, 40000);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    const url = (await sentFor(world, avatar.id)).input.images_data_url;
    assert.equal((await world.accepted()).filter((r) => r.input.images_data_url === url).length, 1);
});
