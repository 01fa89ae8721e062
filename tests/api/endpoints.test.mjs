// The registry of endpoints: who may look and switch, what follows from it in every process, and what happens when the
// provider no longer knows one.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Client } from "./support/client.mjs";
import { freePort, until } from "./support/process.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, STYLE, STYLE_LORA } from "./support/things.mjs";
import { followTraining, readyAvatar, train, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

const LORA = "fal-ai/flux-lora";
const FINETUNED = "fal-ai/flux-pro/finetuned";
const ULTRA = "fal-ai/flux-pro/v1.1-ultra-finetuned";
const PORTRAIT_TRAINER = "fal-ai/flux-lora-portrait-trainer";
const STYLE_TRAINER = "fal-ai/flux-pro-trainer";
const FAST_TRAINER = "fal-ai/flux-lora-fast-training";
const FOLLOWED_MS = 8000; // two seconds are meant, on a machine that has nothing else to do
const at = (id) => `/api/v1/endpoints/${encodeURIComponent(id)}`;

let world, owner, admin, portrait, finetune, both, second, secondProcess;

before(async () => {
    world = await World.start({ generationMs: 1500, falsim: ["--training-ms", "300"], env: { FAL_CONCURRENCY: "2" } });
    owner = world.owner;
    const person = await world.person("Operator", "--admin");
    admin = world.client((await world.token(person, "admin")).token);
    admin.id = person.id;
    portrait = await importAvatar(owner, PORTRAIT);
    finetune = await importAvatar(owner, STYLE);
    both = await importAvatar(owner, STYLE_LORA); // no import gives it two models, as one that was trained twice has
    await world.sql(`UPDATE avatars SET finetune_id = '${STYLE.finetune_id}' WHERE id = '${both.id}'`);
    const port = await freePort();
    secondProcess = world.spawnServer({ LISTEN: `127.0.0.1:${port}`, PUBLIC_URL: world.url });
    await secondProcess.line(/event=listening\b.*url=/);
    second = new Client(`http://127.0.0.1:${port}`, owner.headers);
});
after(async () => {
    second?.close();
    await secondProcess?.stop();
    secondProcess?.assertClean();
    await world?.stop();
});

const state = async (id) => (await admin.get("/api/v1/endpoints")).json.endpoints.find((e) => e.id === id);
const patch = async (id, body, status = 200) => (await admin.patch(at(id), body, { status })).json;
const refusal = (client, body) => client.post("/api/v1/generations", body, { status: 409 });

beforeEach(async () => {
    for (const { id, state: now, shipped, replacement } of (await admin.get("/api/v1/endpoints")).json.endpoints)
        if (now !== shipped.state || replacement !== shipped.replacement)
            await patch(id, { state: shipped.state, replacement: shipped.replacement, note: null });
    await world.faults();
});

test("the registry tells of every endpoint", async () => {
    const { endpoints, account_breaker } = (await admin.get("/api/v1/endpoints")).json;
    assert.equal(endpoints.length, 7);
    assert.deepEqual(account_breaker, { state: "closed", next_trial_at: null, trips: 0, reason: null });
    const { changed_at, changed_by, note, vanished_count, vanished_at, ...lora } = endpoints.find((e) => e.id === LORA);
    assert.deepEqual(lora, {
        id: LORA,
        kind: "generation",
        state: "active",
        replacement: null,
        shipped: { state: "active", replacement: null },
        routes: ["lora"],
        price: 4,
        breaker: { state: "closed", next_trial_at: null, trips: 0, reason: null },
        waiting: 0,
        at_provider: 0,
    });
    assert.deepEqual((await state(STYLE_TRAINER)).shipped, { state: "deprecated", replacement: FAST_TRAINER });
});

test("it is for operators alone, also by a session", async () => {
    for (const client of [owner, world.service]) {
        assert.equal((await client.get("/api/v1/endpoints", { status: 403 })).json.code, "scope_missing");
        assert.equal((await client.patch(at(LORA), { state: "gone" }, { status: 403 })).json.code, "scope_missing");
    }
    await world.anonymous.get("/api/v1/endpoints", { status: 401 });
    assert.equal((await state(LORA)).state, "active");
});

test("what is wrong with a patch is said in the reader's language", async () => {
    const wrong = async (id, body) => {
        const { errors } = await patch(id, body, 422);
        return errors.map((e) => `${e.field}:${e.code}`).join();
    };
    assert.equal(await wrong(LORA, {}), ":nothing_to_change");
    assert.equal(await wrong(LORA, { state: "dead" }), "state:not_one_of");
    assert.equal(await wrong(LORA, { replacement: "fal-ai/x" }), "replacement:no_such_endpoint");
    assert.equal(await wrong(LORA, { replacement: LORA }), "replacement:endpoint_circle");
    assert.equal(await wrong(LORA, { replacement: FAST_TRAINER }), "replacement:endpoint_other_kind");
    assert.equal(await wrong(FAST_TRAINER, { replacement: STYLE_TRAINER }), "replacement:endpoint_circle");
    assert.equal(await wrong(LORA, { state: "dead", replacement: "fal-ai/x", note: "" }), "note:empty,state:not_one_of,replacement:no_such_endpoint");
    await patch(FINETUNED, { state: "gone" });
    assert.equal(await wrong(LORA, { replacement: FINETUNED }), "replacement:endpoint_itself_gone");
    const inRussian = await admin.with({ "accept-language": "ru" }).patch(at(LORA), { replacement: LORA }, { status: 422 });
    assert.equal(inRussian.json.errors[0].detail, "Замены образуют круг.");
    await admin.patch(at("fal-ai/none"), { state: "gone" }, { status: 404 });
    await admin.patch("/api/v1/endpoints/fal-ai", { state: "gone" }, { status: 404 });
    await admin.patch("/api/v1/endpoints/%ZZ", { state: "gone" }, { status: 404 });
    await admin.patch(`${at(LORA)}?x=1`, { state: "gone" }, { status: 400 });
    await admin.get("/api/v1/endpoints?x=1", { status: 400 });
    await admin.expect(400, "PATCH", at(LORA), { body: "{", type: "application/json" });
    await admin.expect(415, "PATCH", at(LORA), { body: "state=gone", type: "text/plain" });
    await admin.expect(413, "PATCH", at(LORA), { body: `"${"x".repeat(70000)}"`, type: "application/json" });
    assert.equal((await state(LORA)).state, "active");
});

test("switched in one process it holds there at once, and soon in the other", async () => {
    const wish = { prompt: "a lighthouse", preset: "fast", avatar_id: portrait.id };
    const changed = await patch(LORA, { state: "gone", note: "404 since this morning" });
    const started = Date.now();
    assert.equal(changed.state, "gone");
    assert.equal(changed.note, "404 since this morning");
    assert.equal(changed.changed_by, admin.id);
    assert.ok(Math.abs(Date.parse(changed.changed_at) - Date.now()) < 60000);
    const { json } = await refusal(owner.with({ "accept-language": "en" }), wish);
    assert.equal(json.code, "endpoint_gone");
    assert.deepEqual(json.suggestion, { presets: [], avatar_types: ["style"] });
    assert.equal(json.detail, "Style avatars work at present.");
    const before = (await world.accepted()).length;
    await until("the other process refuses, too", FOLLOWED_MS, async () => {
        const answer = await second.send("POST", "/api/v1/generations", { json: { ...wish, dry_run: true } });
        return answer.status === 409 && answer.json.code === "endpoint_gone";
    });
    console.log(`# followed by the other process after ${Date.now() - started} ms`);
    assert.equal((await world.accepted()).length, before, "nothing was sent");
    await patch(LORA, { state: "active" });
    await generate(owner, wish);
    await until("the other process takes it again", FOLLOWED_MS, async () => {
        const answer = await second.send("POST", "/api/v1/generations", { json: { ...wish, dry_run: true } });
        return answer.status === 200;
    });
});

test("what works in place of what is gone is named in the reader's language", async () => {
    await patch(FINETUNED, { state: "gone" });
    const { json } = await refusal(owner.with({ "accept-language": "ru" }), { prompt: "x", preset: "fast", avatar_id: finetune.id });
    assert.deepEqual(json.suggestion, { presets: ["ultra"], avatar_types: ["portrait", "style"] });
    assert.equal(
        json.detail,
        "С этим аватаром работают пресеты: Ультра. Сейчас работают портретные аватары. Сейчас работают художественные аватары.",
    );
    await patch(LORA, { state: "gone" });
    await patch(ULTRA, { state: "gone" });
    const nothing = await refusal(owner.with({ "accept-language": "en" }), { prompt: "x", preset: "ultra", avatar_id: finetune.id });
    assert.deepEqual(nothing.json.suggestion, { presets: [], avatar_types: [] });
    assert.match(nothing.json.detail, /No kind of avatar works at present/);
});

test("a replacement that fits the model is used, and one that does not fit is not", async () => {
    await patch(LORA, { state: "gone", replacement: FINETUNED });
    const done = await generate(owner, { prompt: "by the other way", preset: "fast", avatar_id: both.id });
    assert.equal(done.endpoint, FINETUNED);
    const { input } = (await world.accepted()).at(-1);
    assert.equal(input.finetune_id, STYLE.finetune_id);
    assert.equal(input.loras, undefined);
    const { json } = await refusal(owner, { prompt: "x", preset: "fast", avatar_id: portrait.id });
    assert.equal(json.code, "endpoint_gone");
    await patch(LORA, { state: "deprecated" });
    const still = await generate(owner, { prompt: "as long as it lasts", preset: "fast", avatar_id: portrait.id });
    assert.equal(still.endpoint, LORA);
});

test("presets tell what an avatar may have, where it goes, and what may be changed", async () => {
    const presets = async (avatar) => {
        const path = `/api/v1/presets${avatar ? `?avatar_id=${avatar.id}` : ""}`;
        return Object.fromEntries((await owner.get(path)).json.presets.map((p) => [p.name, p]));
    };
    const plain = await presets();
    for (const preset of Object.values(plain)) {
        assert.equal(preset.supported, true);
        for (const key of ["reason", "reason_text", "endpoint", "price", "num_images", "shape", "overrides"])
            assert.equal(preset[key], null);
    }
    const { fast, ultra } = await presets(portrait);
    assert.equal(ultra.reason, "preset_not_supported");
    assert.match(ultra.reason_text.ru, /не подходит/);
    assert.match(ultra.reason_text.en, /does not work/);
    assert.equal(ultra.overrides, null);
    assert.deepEqual(fast.endpoint, { id: LORA, state: "active", instead_of: null });
    assert.equal(fast.price, 4);
    assert.deepEqual(fast.num_images, { min: 1, max: 4, default: 1 });
    assert.equal(fast.shape.parameter, "image_size");
    assert.equal(fast.shape.default, "square");
    assert.deepEqual(fast.shape.custom, { min: 256, max: 2048 });
    assert.deepEqual(fast.overrides, {
        num_inference_steps: { type: "integer", min: 1, max: 50, default: 20 },
        guidance_scale: { type: "number", min: 0, max: 35, default: 3 },
        lora_scale: { type: "number", min: 0, max: 4, default: 0.8 },
        output_format: { type: "enum", options: ["jpeg", "png"], default: "jpeg" },
        acceleration: { type: "enum", options: ["none", "regular"], default: "none" },
    });
    const own = await presets(finetune);
    assert.deepEqual(own.ultra.shape.options.length, 9);
    assert.equal(own.ultra.shape.default, "1:1");
    assert.deepEqual(Object.keys(own.ultra.overrides).sort(), [
        "enhance_prompt",
        "finetune_strength",
        "output_format",
        "raw",
        "safety_tolerance",
    ]);
    assert.deepEqual(own.fast.overrides.guidance_scale, { type: "number", min: 1, max: 20, default: 3 });
    await patch(LORA, { state: "gone", replacement: FINETUNED });
    assert.equal((await presets(portrait)).fast.reason, "endpoint_gone");
    assert.deepEqual((await presets(both)).fast.endpoint, { id: FINETUNED, state: "active", instead_of: LORA });
    assert.equal((await presets(both)).fast.price, 6);
    assert.equal((await presets(finetune)).fast.supported, true);
});

test("what the presets promise is what a generation takes", async () => {
    for (const avatar of [portrait, finetune]) {
        const { presets } = (await owner.get(`/api/v1/presets?avatar_id=${avatar.id}`)).json;
        for (const preset of presets.filter((p) => p.supported)) {
            const all = Object.entries(preset.overrides);
            const highest = ({ type, max, options }) => (type === "boolean" ? true : type === "enum" ? options.at(-1) : max);
            const body = {
                prompt: "at the limits",
                preset: preset.name,
                avatar_id: avatar.id,
                dry_run: true,
                num_images: preset.num_images.max,
                [preset.shape.parameter]: preset.shape.options.at(-1),
                overrides: Object.fromEntries(all.map(([name, range]) => [name, highest(range)])),
            };
            const { json } = await owner.post("/api/v1/generations", body, { status: 200 });
            assert.equal(json.endpoint, preset.endpoint.id);
            assert.equal(json.cost, preset.num_images.max * preset.price);
            for (const [name, range] of all.filter(([, { type }]) => type === "integer" || type === "number")) {
                const over = { ...body, overrides: { [name]: range.max + 1 } };
                const { errors } = (await owner.post("/api/v1/generations", over, { status: 422 })).json;
                assert.deepEqual(errors.map((e) => e.field), [`overrides.${name}`]);
            }
        }
    }
});

test("what waits for an endpoint that is switched off fails soon, free; what was sent goes on", async () => {
    const quota = async () => (await owner.get("/api/v1/me")).json.quota;
    const wish = (i) => ({ prompt: `in line ${i}`, preset: "fast", avatar_id: portrait.id });
    const before = await quota();
    const line = [];
    for (let i = 0; i < 6; i++) line.push((await ask(owner, wish(i))).id);
    await until("some are at the provider, and some wait", 15000, async () => {
        const { at_provider, waiting } = await state(LORA);
        return at_provider === 2 && waiting > 0 && waiting <= 4;
    });
    await patch(LORA, { state: "gone" });
    const ended = await Promise.all(line.map((id) => follow(owner, id)));
    const failed = ended.filter((g) => g.status === "failed");
    const completed = ended.filter((g) => g.status === "completed");
    assert.equal(failed.length + completed.length, 6, JSON.stringify(ended.map((g) => g.status)));
    assert.ok(failed.length > 0 && completed.length >= 2, JSON.stringify(ended.map((g) => g.status)));
    for (const { error, cost } of failed) {
        assert.equal(error.code, "endpoint_gone");
        assert.match(error.message, /not charged|nothing was charged|не списаны/);
        assert.ok(cost >= 0);
    }
    const spent = completed.length * 4;
    await until("credits are back", 15000, async () => (await quota()).available === before.available - spent);
    assert.equal((await state(LORA)).waiting, 0);
});

test("an endpoint that the provider no longer knows ends what was sent there, free, and its operators are told", async () => {
    const metric = async () => {
        const { text } = await world.anonymous.get("/metrics");
        return Number(text.match(/^aisha_endpoint_vanished_total\{endpoint="fal-ai\/flux-lora"\} (\d+)$/m)?.[1] ?? 0);
    };
    const before = (await state(LORA)).vanished_count;
    await world.faults({ op: "submit", fault: "404", endpoint: LORA, count: 1 });
    const { id } = await ask(owner, { prompt: "where to", preset: "fast", avatar_id: portrait.id });
    const done = await follow(owner, id);
    assert.equal(done.status, "failed");
    assert.equal(done.error.code, "endpoint_gone");
    const now = await state(LORA);
    assert.equal(now.vanished_count, before + 1);
    assert.equal(now.state, "active", "it is switched by people alone");
    assert.equal(now.breaker.state, "closed");
    assert.equal(await metric(), before + 1);
    const log = world.aisha.log + secondProcess.log;
    assert.match(log, /level=error event=endpoint_vanished endpoint=fal-ai\/flux-lora/);
    await generate(owner, { prompt: "there again", preset: "fast", avatar_id: portrait.id });
});

test("trainings follow the registry, too", async () => {
    const avatar = await readyAvatar(world, owner, { training_type: "style", name: "To learn" });
    await patch(STYLE_TRAINER, { state: "gone", replacement: null });
    const { json } = await owner.post(trainingPath(avatar.id), { preset: "fast" }, { status: 409 });
    assert.equal(json.code, "endpoint_gone");
    await patch(STYLE_TRAINER, { state: "deprecated", replacement: FAST_TRAINER });
    await train(owner, avatar.id);
    await followTraining(owner, avatar.id);
    assert.equal((await world.accepted()).at(-1).endpoint_id, FAST_TRAINER);
    const other = await readyAvatar(world, owner, { name: "A face" });
    await patch(PORTRAIT_TRAINER, { state: "gone" });
    await owner.post(trainingPath(other.id), { preset: "fast" }, { status: 409 });
    await patch(PORTRAIT_TRAINER, { state: "active" });
    await world.faults({ op: "submit", fault: "404", endpoint: PORTRAIT_TRAINER, count: 1 });
    await train(owner, other.id);
    const { json: failed } = await until("it has failed", 15000, async () => {
        const answer = await owner.get(trainingPath(other.id));
        return answer.json.status === "failed" && answer;
    });
    assert.equal(failed.error.code, "endpoint_gone");
    assert.ok((await state(PORTRAIT_TRAINER)).vanished_count >= 1);
});

test("the command line does the same, and running servers follow", async () => {
    const one = await world.command("admin", "endpoint", LORA);
    assert.equal(one.id, LORA);
    assert.equal(one.state, "active");
    const changed = await world.command("admin", "endpoint", LORA, "--state", "gone", "--replacement", FINETUNED, "--note", "по \"звонку\"");
    assert.equal(changed.state, "gone");
    assert.equal(changed.replacement, FINETUNED);
    assert.equal(changed.note, "по \"звонку\"");
    assert.equal(changed.changed_by, null);
    await until("the server follows", FOLLOWED_MS, async () => {
        const answer = await owner.send("POST", "/api/v1/generations", {
            json: { prompt: "x", preset: "fast", avatar_id: portrait.id, dry_run: true },
        });
        return answer.status === 409;
    });
    const back = await world.command("admin", "endpoint", LORA, "--state", "active", "--replacement", "none", "--note", "none");
    assert.deepEqual([back.state, back.replacement, back.note], ["active", null, null]);
    for (const [args, code, words] of [
        [["fal-ai/none"], 1, /there is no endpoint fal-ai\/none/],
        [["--state", "gone"], 2, /name the endpoint/],
        [[LORA, "--state", "dead"], 2, /--state: It must be one of: active, deprecated, gone/],
        [[LORA, "--replacement", LORA], 2, /--replacement: The replacements would form a circle/],
        [[LORA, "--replacement", "fal-ai/x"], 2, /--replacement: The registry has no such endpoint/],
        [[LORA, "--note", "x".repeat(501)], 2, /--note has up to 500 characters/],
    ]) {
        const ended = await world.vainCommand("admin", "endpoint", ...args);
        assert.equal(ended.code, code, ended.words);
        assert.match(ended.words, words);
    }
});
