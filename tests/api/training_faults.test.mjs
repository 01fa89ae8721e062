// Trainings at a provider that answers badly, late, twice or not at all: each ends, says why, and costs what it should.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { until } from "./support/process.mjs";
import { followTraining, readyAvatar, sentFor, train, trained, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

const TRAINER = "fal-ai/flux-lora-portrait-trainer";
let world;
let people = 0;

before(async () => {
    world = await World.start({ generationMs: 100, falsim: ["--training-ms", "400", "--webhook-first-ms", "200"] });
});
after(() => world?.stop());
beforeEach(() => world.faults());

// A training under these rules: how it ended, what its avatar is then, and what its user has paid.
async function trainUnder(...rules) {
    const user = await world.person(`Person ${++people}`);
    const avatar = await readyAvatar(world, user);
    await world.faults(...rules.map((rule) => ({ endpoint: TRAINER, count: 1, ...rule })));
    await train(user, avatar.id);
    const { last } = await followTraining(user, avatar.id, 60000);
    const { spent, held } = (await user.get("/api/v1/me")).json.quota;
    assert.equal(held, 0);
    return { user, last, spent, avatar: (await user.get(`/api/v1/avatars/${avatar.id}`)).json, request: await sentFor(world, avatar.id) };
}

const WELL = [
    ["a configuration that is missing", { op: "result", fault: "missing_config" }],
    ["sizes that are not true", { op: "result", fault: "wrong_size" }],
    ["weights that come slowly", { op: "file", fault: "slow", delay_ms: 4000 }],
    ["weights that are cut short on their way", { op: "file", fault: "cut", times: 2 }],
    ["a result that comes slowly", { op: "result", fault: "slow", delay_ms: 2000 }],
    ["a result that is not there at first", { op: "result", fault: "lost" }],
    ["a result that is no JSON at first", { op: "result", fault: "garbage" }],
    ["a status of 100 MiB at first", { op: "status", fault: "oversized" }],
    ["statuses that fail", { op: "status", fault: "503", count: 3 }],
    ["a status that is not known", { op: "status", fault: "unknown" }],
    ["a submission that is refused for now", { op: "submit", fault: "503" }],
    ["a lost webhook", { op: "webhook", fault: "lost" }],
    ["a webhook that comes five times at once", { op: "webhook", fault: "duplicate", times: 5 }],
    ["a webhook that somebody else signed", { op: "webhook", fault: "forged" }],
];

for (const [what, rule] of WELL)
    test(`${what}: the model is there, and paid once`, { timeout: 90000 }, async () => {
        const { last, avatar, spent } = await trainUnder(rule);
        assert.equal(last.status, "completed", JSON.stringify(last.error));
        assert.equal(last.progress, 100);
        assert.deepEqual([avatar.status, avatar.has_model], ["completed", true]);
        assert.ok(avatar.model_bytes > 1 << 20);
        assert.equal(spent, last.cost);
    });

const BADLY = [
    ["no weights in the result", { op: "result", fault: "null_file" }, "model_missing"],
    ["a run that breaks", { op: "result", fault: "500" }, null],
    ["a runner that is lost", { op: "result", fault: "runner_disconnected" }, "provider_unavailable"],
    ["a run that takes too long", { op: "result", fault: "504" }, "provider_timeout"],
    ["photos that the provider does not take", { op: "result", fault: "422" }, null],
];

for (const [what, rule, code] of BADLY)
    test(`${what}: it fails, says so in words, and costs nothing`, { timeout: 90000 }, async () => {
        const { last, avatar, spent } = await trainUnder(rule);
        assert.equal(last.status, "failed");
        assert.ok(last.error.code && last.error.code !== "internal", JSON.stringify(last.error));
        if (code) assert.equal(last.error.code, code);
        assert.ok(last.error.message, JSON.stringify(last.error));
        assert.deepEqual([avatar.status, avatar.has_model], ["error", false]);
        assert.equal(spent, 0);
    });

// It could otherwise be tried for a week, and nothing else be trained meanwhile.
test("a model that cannot be fetched does not outlast its user's patience", { timeout: 90000 }, async () => {
    const user = await world.person(`Person ${++people}`);
    const { id } = await readyAvatar(world, user);
    await world.faults({ op: "file", fault: "cut", times: 100, endpoint: TRAINER });
    await train(user, id);
    await until("it was tried", 30000, async () => {
        const [row] = await world.sql(`SELECT t.status FROM trainings t JOIN jobs j ON j.ref = t.id
            WHERE t.avatar_id = '${id}' AND j.last_error IS NOT NULL`);
        return row?.[0] === "storing";
    });
    await user.expect(202, "DELETE", trainingPath(id));
    const { last } = await followTraining(user, id, 30000);
    assert.deepEqual([last.status, last.cost], ["cancelled", 0]);
    assert.equal((await user.get(`/api/v1/avatars/${id}`)).json.status, "draft");
});

test("a webhook that comes again when all is over changes nothing", { timeout: 90000 }, async () => {
    const user = await world.person(`Person ${++people}`);
    const before = await trained(world, user);
    const { request_id } = await sentFor(world, before.id);
    for (let i = 0; i < 3; i++) {
        const answer = await fetch(`${world.falsimUrl}/_sim/webhooks`, { method: "POST", body: JSON.stringify({ request_id }) });
        assert.equal(answer.status, 202);
    }
    await until("they were taken", 15000, async () => (await sentFor(world, before.id)).deliveries.filter((d) => d.status_code === 200).length >= 4);
    assert.deepEqual((await user.get(`/api/v1/avatars/${before.id}`)).json, before);
});
