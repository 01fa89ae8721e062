// From photos to a trained model: what is sent, what is kept, what it costs, and what cannot go wrong.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, follow, generate } from "./support/things.mjs";
import { ENDED, followTraining, readyAvatar, sentFor, train, trained, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start({ generationMs: 100, falsim: ["--training-ms", "1500"] });
    owner = world.owner;
});
after(() => world?.stop());
beforeEach(() => world.faults());

const creditsOf = async (user) => (await user.get("/api/v1/me")).json.quota;
// One person cannot train twice at once: each test has its own.
let people = 0;
const somebody = () => world.person(`Person ${++people}`);

test("a portrait is trained: parameters, archive, progress, our own copy of the model, credits", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user, {}, 12);
    assert.equal(avatar.status, "draft");
    const answer = await user.post(trainingPath(avatar.id), { preset: "fast" }, { status: 202 });
    assert.equal(answer.headers.location, trainingPath(avatar.id));
    assert.equal(answer.json.photos, 12);
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "training");
    const { last, seen } = await followTraining(user, avatar.id);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    const progress = seen.map((s) => s.progress);
    assert.deepEqual(progress, progress.toSorted((a, b) => a - b), "never backwards");
    assert.ok(seen.every((s) => s.progress < 100 || s.status === "completed"), "100 is the result alone");

    const sent = await sentFor(world, avatar.id);
    assert.equal(sent.endpoint_id, "fal-ai/flux-lora-portrait-trainer");
    const { images_data_url, ...parameters } = sent.input;
    assert.deepEqual(parameters, {
        trigger_phrase: "TOK",
        steps: 500,
        learning_rate: 0.0003,
        multiresolution_training: true,
        subject_crop: true,
        create_masks: false,
        data_archive_format: "zip",
    });
    assert.match(images_data_url, new RegExp(`^${world.url}/files/aisha-v2-photos/trainings/`));
    assert.match(sent.webhook_url, /\/api\/avatar\/status_update\?training_type=portrait&attempt=/);

    const done = (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
    assert.equal(done.status, "completed");
    assert.equal(done.training_progress, 100);
    assert.equal(done.is_main, true, "the first one is the main one");
    assert.equal(done.has_model, true);
    assert.deepEqual(done.runs_on, ["fal-ai/flux-lora"]);
    const [[key, sha256, config]] = await world.sql(`SELECT model_key, encode(model_sha256, 'hex'), config_key FROM avatars WHERE id = '${avatar.id}'`);
    const models = path.join(world.env.OBJECTS_DIR, "aisha-v2-models");
    const model = fs.readFileSync(path.join(models, key));
    assert.equal(createHash("sha256").update(model).digest("hex"), sha256);
    assert.equal(model.length, done.model_bytes);
    const header = JSON.parse(model.subarray(8, 8 + Number(model.readBigUInt64LE(0))).toString());
    assert.ok(Object.keys(header).length > 1, "tensors");
    assert.ok(JSON.parse(fs.readFileSync(path.join(models, config), "utf8")));

    await until("the archive of faces is gone", 10000, async () => (await fetch(images_data_url)).status === 404);
    const credits = await creditsOf(user);
    assert.equal(credits.spent, 240);
    assert.equal(credits.held, 0);
});

test("pictures are made with our own copy, at an address that ends", async () => {
    const user = await somebody();
    const avatar = await trained(world, user);
    const done = await generate(user, { prompt: "in a garden", preset: "fast", avatar_id: avatar.id });
    const sent = (await world.accepted()).find((r) => r.input.prompt === done.final_prompt);
    assert.equal(done.final_prompt, "TOK in a garden");
    assert.match(sent.input.loras[0].path, new RegExp(`^${world.url}/files/aisha-v2-models/.*\\.safetensors\\?expires=\\d+&signature=`));
    const model = await fetch(sent.input.loras[0].path);
    assert.equal(model.status, 200);
    assert.equal(Number(model.headers.get("content-length")), avatar.model_bytes);
    assert.equal((await fetch(sent.input.loras[0].path.replace("safetensors?", "json?"))).status, 200, "one signature, one model");
    assert.ok([403, 404].includes((await fetch(sent.input.loras[0].path.split("?")[0])).status), "unsigned");
});

test("a style goes to the endpoint that took the deprecated one's place, with its parameters", async () => {
    const user = await somebody();
    const avatar = await trained(world, user, { training_type: "style", trigger_word: "INKY", name: "Ink", gender: "other" });
    const sent = await sentFor(world, avatar.id);
    assert.equal(sent.endpoint_id, "fal-ai/flux-lora-fast-training");
    const { images_data_url, ...parameters } = sent.input;
    assert.ok(images_data_url);
    assert.deepEqual(parameters, { trigger_word: "INKY", is_style: true, create_masks: false, steps: 500, data_archive_format: "zip" });
    assert.equal(avatar.trigger_word, "INKY");
});

test("each preset has its own numbers", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    for (const [preset, steps, rate] of [["fast", 500, 0.0003], ["balanced", 1000, 0.0002], ["quality", 2500, 0.0001]]) {
        await train(user, avatar.id, preset);
        await followTraining(user, avatar.id);
        const { input } = await sentFor(world, avatar.id);
        assert.deepEqual([input.steps, input.learning_rate], [steps, rate]);
    }
});

test("without a preset it is the default; an unknown one is named", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    const refused = await user.post(trainingPath(avatar.id), { preset: "best" }, { status: 422 });
    assert.equal(refused.json.errors[0].field, "preset");
    const begun = await user.post(trainingPath(avatar.id), {}, { status: 202 });
    assert.equal(begun.json.preset, "balanced");
    await followTraining(user, avatar.id);
});

test("nine photos are too few, and nothing is charged", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user, {}, 9);
    const refused = await user.post(trainingPath(avatar.id), { preset: "fast" }, { status: 409 });
    assert.deepEqual([refused.json.code, refused.json.needed, refused.json.available], ["photos_too_few", 10, 9]);
    assert.match(refused.json.detail, /10.*9/);
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "draft");
    assert.equal((await creditsOf(user)).held, 0);
});

test("of two at once one begins; the same key begins one", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    const second = await readyAvatar(world, user, { name: "Second" });
    const answers = await Promise.all([1, 2, 3, 4].map(() => user.send("POST", trainingPath(avatar.id), { json: { preset: "fast" } })));
    assert.deepEqual(answers.map((a) => a.status).toSorted(), [202, 409, 409, 409]);
    for (const { json } of answers.filter((a) => a.status === 409)) assert.equal(json.code, "avatar_training");
    const refused = await user.post(trainingPath(second.id), { preset: "fast" }, { status: 409 });
    assert.equal(refused.json.code, "training_running");
    await followTraining(user, avatar.id);

    const headers = { "idempotency-key": "train-once" };
    const twice = await Promise.all([1, 2, 3].map(() => user.send("POST", trainingPath(second.id), { json: { preset: "fast" }, headers })));
    assert.deepEqual(twice.map((a) => a.status), [202, 202, 202]);
    assert.equal(new Set(twice.map((a) => a.json.id)).size, 1);
    const reused = await user.send("POST", trainingPath(second.id), { json: { preset: "quality" }, headers });
    assert.equal(reused.json.code, "idempotency_key_reused");
    await followTraining(user, second.id);
    const begun = await world.sql(`SELECT count(*) FROM trainings WHERE user_id = '${user.id}'`);
    assert.deepEqual(begun, [["2"]]);
});

test("without the credits it does not begin", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await world.sql(`SELECT account_open('${user.id}', 239)`);
    const refused = await user.post(trainingPath(avatar.id), { preset: "fast" }, { status: 402 });
    assert.deepEqual([refused.json.code, refused.json.needed, refused.json.available], ["quota_exceeded", 240, 239]);
});

test("a cancel after completion changes nothing", async () => {
    const user = await somebody();
    const avatar = await trained(world, user);
    assert.equal((await user.expect(409, "DELETE", trainingPath(avatar.id))).json.code, "training_not_running");
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "completed");
});

test("who learns anew stays the main one, makes pictures meanwhile, and keeps the model when it fails", async () => {
    const user = await somebody();
    const avatar = await trained(world, user);
    const [[old]] = await world.sql(`SELECT model_key FROM avatars WHERE id = '${avatar.id}'`);
    await world.faults({ op: "result", fault: "null_file", endpoint: "fal-ai/flux-lora-portrait-trainer" });
    await train(user, avatar.id, "balanced");
    const during = (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
    assert.deepEqual([during.status, during.is_main, during.has_model], ["training", true, true]);
    const picture = await ask(user, { prompt: "meanwhile", preset: "fast" });
    assert.equal((await follow(user, picture.id)).status, "completed");
    const { last } = await followTraining(user, avatar.id, 60000);
    assert.deepEqual([last.status, last.error.code, last.cost], ["failed", "model_missing", 0]);
    const after = (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
    assert.deepEqual([after.status, after.is_main, after.has_model, after.error.code], ["completed", true, true, "model_missing"]);
    assert.deepEqual(await world.sql(`SELECT model_key FROM avatars WHERE id = '${avatar.id}'`), [[old]]);
});

test("a result without a model, a model that is cut short, and one that is gone are errors that cost nothing", { timeout: 120000 }, async () => {
    const rules = [
        { op: "result", fault: "null_file", endpoint: "fal-ai/flux-lora-portrait-trainer" },
        { op: "file", fault: "404" },
        { op: "file", fault: "garbage" },
        { op: "file", fault: "truncated" },
    ];
    for (const rule of rules) {
        const user = await somebody();
        const avatar = await readyAvatar(world, user);
        await world.faults(rule);
        await train(user, avatar.id);
        await until(`the training ends: ${rule.fault}`, 60000, async () => {
            await world.sql("UPDATE jobs SET run_at = now() WHERE kind = 'training' AND state = 'ready'");
            return ENDED.includes((await user.get(trainingPath(avatar.id))).json.status);
        });
        const last = (await user.get(trainingPath(avatar.id))).json;
        assert.deepEqual([last.status, last.error?.code, last.cost], ["failed", "model_missing", 0], rule.fault);
        const broken = (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
        assert.deepEqual([broken.status, broken.has_model, broken.training_progress], ["error", false, 0]);
        assert.equal((await creditsOf(user)).spent, 0);
    }
});

test("a lost answer is found again, and the training is not sent twice", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await world.faults({ op: "submit", fault: "accept_then_close", endpoint: "fal-ai/flux-lora-portrait-trainer", count: 1 });
    await train(user, avatar.id);
    const { last } = await followTraining(user, avatar.id, 60000);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    const url = (await sentFor(world, avatar.id)).input.images_data_url;
    assert.equal((await world.accepted()).filter((r) => r.input.images_data_url === url).length, 1);
});

test("when nobody knows whether it was taken, it is not sent again: it fails and costs nothing", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await world.faults(
        { op: "submit", fault: "hang", endpoint: "fal-ai/flux-lora-portrait-trainer", count: 1, delay_ms: 100 },
        { op: "submit", fault: "close", endpoint: "fal-ai/flux-lora-portrait-trainer", count: 1 },
    );
    await train(user, avatar.id);
    await until("its outcome is not known", 40000, async () => {
        const [[status, attempt]] = await world.sql(`SELECT status, attempts FROM trainings WHERE avatar_id = '${avatar.id}'`);
        return status === "submitting" && attempt === "1";
    });
    const before = (await world.accepted()).length;
    await until("its time is over", 60000, async () => {
        await world.sql(`WITH t AS (UPDATE trainings SET sent_at = least(sent_at, now() - interval '9 minutes'),
            late_looks = greatest(late_looks, 1), looks = greatest(looks, 2)
            WHERE avatar_id = '${avatar.id}' AND status = 'submitting' RETURNING id)
            UPDATE jobs SET run_at = now() FROM t WHERE ref = t.id AND state = 'ready'`);
        return ENDED.includes((await user.get(trainingPath(avatar.id))).json.status);
    });
    const last = (await user.get(trainingPath(avatar.id))).json;
    assert.deepEqual([last.status, last.error.code, last.cost], ["failed", "training_unknown", 0]);
    assert.equal((await world.accepted()).length, before, "nothing was sent again");
});

test("a server that is killed in the middle goes on where it was, and sends nothing twice", { timeout: 120000 }, async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    for (const wait of [150, 500, 900]) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        await world.aisha.stop("SIGKILL");
        await world.startServer();
    }
    const { last } = await followTraining(user, avatar.id, 60000);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    const [[count]] = await world.sql(`SELECT count(*) FROM ledger l JOIN trainings t ON t.id = l.training_id WHERE t.avatar_id = '${avatar.id}'`);
    assert.equal(count, "2", "reserved once, settled once");
    const url = (await sentFor(world, avatar.id)).input.images_data_url;
    assert.equal((await world.accepted()).filter((r) => r.input.images_data_url === url).length, 1);
});

test("somebody else's avatar does not exist", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    for (const method of ["GET", "POST", "DELETE"])
        await world.other.expect(404, method, trainingPath(avatar.id), method === "POST" ? { json: { preset: "fast" } } : {});
    await user.expect(404, "GET", trainingPath(avatar.id)); // none was begun
    await owner.expect(404, "POST", trainingPath("0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11"), { json: {} });
});

test("the owner's stream tells of every step", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    await followTraining(user, avatar.id);
    const events = (await world.sql(`SELECT payload FROM events WHERE user_id = '${user.id}' AND kind = 'avatar' AND ref = '${avatar.id}' ORDER BY id`)).map(([p]) => JSON.parse(p));
    const versions = events.map((e) => e.version);
    assert.deepEqual(versions, [...new Set(versions)].toSorted((a, b) => a - b));
    assert.equal(events.at(-1).status, "completed");
    assert.ok(events.some((e) => e.status === "training" && e.progress > 0 && e.progress < 100));
});
