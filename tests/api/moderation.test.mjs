// What may not be asked for, and what may not be shown: words in prompts, the provider's refusals, pictures in quarantine.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { readWebp } from "./support/pictures.mjs";
import { ask, follow, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, portrait, style;

before(async () => {
    world = await World.start({ generationMs: 100 });
    owner = world.owner;
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
});
after(() => world?.stop());

const credits = async () => (await owner.get("/api/v1/me")).json.quota;
const wish = (body, options) => owner.post("/api/v1/generations", { preset: "fast", ...body }, options);
const sentWith = async (words) => (await world.accepted()).filter((r) => String(r.input.prompt).includes(words));

test("a prompt with a word that may not be asked for is refused, with category and word, in the reader's language", async () => {
    for (const [prompt, category, word] of [
        ["a naked statue", "nudity", "naked"],
        ["an explicit scene", "sexual", "explicit"],
        ["knight covered in blood", "violence", "blood"],
        ["weapons on a wall", "weapons", "weapons"],
        ["drugs on a table", "drugs", "drugs"],
        ["sexy schoolgirl", "minors", "schoolgirl"],
        ["обнажённая натура", "nudity", "обнажённая"],
        ["девушка с пистолетом", "weapons", "пистолетом"],
        ["n\u0430ked", "nudity", "n\u0430ked"],
    ]) {
        const { json } = await wish({ prompt }, { status: 422 });
        assert.equal(json.code, "moderation_blocked", prompt);
        assert.equal(json.category, category, prompt);
        assert.deepEqual(
            json.errors.map(({ field, code }) => [field, code]),
            [["prompt", "moderated"]],
        );
        assert.ok(json.detail.includes(word) && json.errors[0].detail.includes(word), json.detail);
    }
    const say = async (lang) =>
        (await wish({ prompt: "blood" }, { status: 422, headers: { "accept-language": lang } })).json;
    assert.match((await say("ru")).title, /модераци/);
    assert.match((await say("ru")).detail, /насилие и кровь: «blood»/);
    assert.match((await say("en")).detail, /violence and blood: “blood”/);
});

test("a trigger that may not be asked for makes no avatar, whether it is made or imported", async () => {
    const name = "Trigger", gender = "other";
    const count = async () => Number((await world.sql("SELECT count(*) FROM avatars"))[0][0]);
    const avatars = await count();
    for (const [path, body, field] of [
        ["/api/v1/avatars", { name, gender, training_type: "portrait", trigger_phrase: "naked woman" }, "trigger_phrase"],
        ["/api/v1/avatars", { name, gender, training_type: "style", trigger_word: "naked" }, "trigger_word"],
        ["/api/v1/avatars/import", { ...PORTRAIT, name, trigger_phrase: "n\u0430ked woman" }, "trigger_phrase"],
        ["/api/v1/avatars/import", { ...STYLE, name, trigger_word: "голая" }, "trigger_word"],
    ]) {
        const { json } = await owner.post(path, body, { status: 422 });
        assert.deepEqual([json.code, json.category], ["moderation_blocked", "nudity"]);
        assert.deepEqual(json.errors.map((e) => [e.field, e.code]), [[field, "moderated"]]);
    }
    const say = async (lang) =>
        (await owner.post("/api/v1/avatars/import", { ...STYLE, trigger_word: "gore" }, { status: 422, headers: { "accept-language": lang } })).json;
    assert.match((await say("ru")).errors[0].detail, /насилие и кровь: «gore»/);
    assert.match((await say("en")).errors[0].detail, /violence and blood: “gore”/);
    assert.equal(await count(), avatars);
});

test("a trigger is read with the prompt that it goes before", async () => {
    const avatar = await importAvatar(owner, { ...PORTRAIT, name: "Trigger", trigger_phrase: "schoolgirl photo" });
    const body = { prompt: "sexy pose", avatar_id: avatar.id ?? avatar };
    const { json } = await wish(body, { status: 422 });
    assert.deepEqual([json.code, json.category], ["moderation_blocked", "minors"]);
    assert.ok(json.errors[0].detail.includes("schoolgirl"), json.errors[0].detail);
    const dry = await wish({ ...body, dry_run: true }, { status: 200 });
    assert.deepEqual(dry.json.moderation, { allowed: false, category: "minors" });
});

test("what only looks like such a word is made", async () => {
    for (const prompt of ["a pegboard", "bloodhound in a drugstore in Scunthorpe", "weaponsmith with a sword", "голубых кровей"]) {
        const { json } = await wish({ prompt }, { status: 202 });
        assert.equal((await follow(owner, json.id)).status, "completed", prompt);
    }
});

test("nothing of a blocked prompt is kept, sent or charged", async () => {
    const before = await credits();
    const count = async () => Number((await world.sql("SELECT count(*) FROM generations"))[0][0]);
    const [rows, sent] = [await count(), (await world.accepted()).length];
    const headers = { "idempotency-key": "blocked-once" };
    await wish({ prompt: "gore" }, { status: 422, headers });
    assert.deepEqual([await count(), (await world.accepted()).length], [rows, sent]);
    assert.deepEqual(await credits(), before);
    const { json } = await wish({ prompt: "a meadow" }, { status: 202, headers }); // the key is still free
    await follow(owner, json.id);
});

test("a dry run says what moderation would", async () => {
    const { json } = await wish({ prompt: "a gun", dry_run: true }, { status: 200 });
    assert.equal(json.moderation.category ?? json.moderation?.verdict?.category, "weapons");
});

test("in a batch the blocked one alone is refused", async () => {
    const { json } = await owner.post(
        "/api/v1/generations/batches",
        { prompts: ["a calm lake", "a naked man", "a quiet hill"], preset: "fast" },
        { status: 202 },
    );
    for (const { generation_id } of json.items) if (generation_id) await follow(owner, generation_id);
    const refused = json.items.filter((item) => item.error);
    assert.equal(refused.length, 1);
    assert.equal(refused[0].error.code, "moderation_blocked");
});

test("more tolerance than the preset allows is refused with what is allowed; stricter is taken", async () => {
    const ask = (preset, safety_tolerance, status) =>
        wish({ prompt: `tolerance ${preset} ${safety_tolerance}`, preset, avatar_id: style.id, overrides: { safety_tolerance } }, { status });
    const { json } = await ask("balanced", "3", 422);
    assert.equal(json.errors[0].field, "overrides.safety_tolerance");
    assert.match(json.errors[0].detail, /1, 2\./);
    await ask("artistic", "4", 422);
    await follow(owner, (await ask("artistic", "3", 202)).json.id);
    const { id } = (await ask("balanced", "1", 202)).json;
    await follow(owner, id);
    assert.equal((await sentWith("tolerance balanced 1"))[0].input.safety_tolerance, "1");
    const { items, presets } = (await owner.get(`/api/v1/presets?avatar_id=${style.id}`)).json;
    for (const preset of presets ?? items)
        if (preset.overrides?.safety_tolerance)
            assert.deepEqual(preset.overrides.safety_tolerance.options, preset.name === "artistic" ? ["1", "2", "3"] : ["1", "2"]);
});

// Where the server keeps a file, whatever its address is.
const onDisk = (key) => path.join(world.env.OBJECTS_DIR, "aisha-v2-generated", key);

async function assertQuarantined(image) {
    assert.equal(image.has_nsfw_content, true);
    assert.deepEqual([image.url, image.thumbnails.medium], [null, null]);
    const blurred = await world.anonymous.get(image.thumbnails.small);
    assert.equal(blurred.headers["content-type"], "image/webp");
    assert.ok(Math.max(readWebp(blurred.bytes).width, readWebp(blurred.bytes).height) <= 320);
    // The signature of the blurred one opens no other file of it, under none of the names that those have.
    const url = new URL(image.thumbnails.small);
    for (const end of [".jpg", ".png", "_small.webp", "_medium.webp"]) {
        const other = url.href.replace("-blurred.webp", end);
        assert.notEqual(other, url.href);
        await world.anonymous.get(other, { status: 404 });
    }
}

test("of four pictures two in quarantine are blurred and free, and the others are delivered", async () => {
    await world.faults({ op: "result", fault: "nsfw", times: 2, prompt: "four of a kind" });
    const before = (await credits()).available;
    const { id } = await ask(owner, { prompt: "four of a kind", preset: "fast", num_images: 4, avatar_id: portrait.id });
    const done = await follow(owner, id);
    assert.equal(done.status, "completed");
    assert.deepEqual(done.images.map((image) => image.has_nsfw_content), [true, true, false, false]);
    for (const image of done.images.slice(0, 2)) await assertQuarantined(image);
    for (const image of done.images.slice(2)) await world.anonymous.get(image.url);
    const price = (await sentWith("four of a kind")).length && before - (await credits()).available;
    assert.equal(done.cost, price);
    const { id: clean } = await ask(owner, { prompt: "two clean ones", preset: "fast", num_images: 2, avatar_id: portrait.id });
    assert.equal((await follow(owner, clean)).cost, price, "two of four cost what two cost");

    const [[key]] = await world.sql(`SELECT object_key FROM images WHERE id = '${done.images[0].id}'`);
    assert.ok(fs.existsSync(onDisk(key)), "the original is kept");
    for (const end of ["_small.webp", "_medium.webp"])
        assert.ok(!fs.existsSync(onDisk(key.replace(/\.\w+$/, end))), `no ${end}`);
});

test("what is in quarantine is the same everywhere: in lists, by itself, and for nobody to make anything from", async () => {
    const { items } = (await owner.get("/api/v1/images?limit=100")).json;
    const hidden = items.filter((image) => image.has_nsfw_content);
    assert.equal(hidden.length, 2);
    for (const image of hidden) await assertQuarantined(image);
    const [image] = hidden;
    await assertQuarantined((await owner.get(`/api/v1/images/${image.id}`)).json);
    await assertQuarantined((await owner.patch(`/api/v1/images/${image.id}`, { is_favorite: true })).json);
    for (const what of ["variations", "repeat"])
        assert.equal(
            (await owner.post(`/api/v1/images/${image.id}/${what}`, {}, { status: 409 })).json.code,
            "image_quarantined",
        );
    await world.other.get(`/api/v1/images/${image.id}`, { status: 404 });
});

test("a generation all of whose pictures are in quarantine fails, free, and keeps them", async () => {
    await world.faults({ op: "result", fault: "nsfw", times: 4, prompt: "none to be shown" });
    const before = await credits();
    const { id } = await ask(owner, { prompt: "none to be shown", preset: "fast", num_images: 2 });
    const done = await follow(owner, id);
    assert.deepEqual([done.status, done.error.code, done.cost], ["failed", "nsfw_result", 0]);
    assert.deepEqual(await credits(), before);
    assert.equal(done.images.length, 2);
    for (const image of done.images) await assertQuarantined(image);
});

test("fal.ai's refusal in the result, by webhook or by polling, is a blocked prompt that nobody pays for", async () => {
    const before = (await credits()).available;
    for (const [prompt, ...rules] of [
        ["refused and told", { op: "result", fault: "422" }],
        ["refused and found", { op: "result", fault: "422" }, { op: "webhook", fault: "lost" }],
    ]) {
        await world.faults(...rules.map((rule) => ({ ...rule, prompt })));
        const { id } = await ask(owner, { prompt, preset: "fast" });
        const done = await follow(owner, id, 90000);
        assert.deepEqual([done.status, done.error.code, done.cost], ["failed", "moderation_blocked", 0], prompt);
        assert.match(done.error.message, /Измените|Change/);
    }
    assert.equal((await credits()).available, before);
});
