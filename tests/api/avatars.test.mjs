// Avatars as far as generation needs them: importing, the one main avatar, renaming, deleting.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, follow, importAvatar, NOBODY, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start({ generationMs: 400 });
    owner = world.owner;
});
after(() => world?.stop());

const mains = async (client) => (await walk(client, "/api/v1/avatars")).filter((a) => a.is_main).map((a) => a.name);

test("an import is completed at once and can be read at its Location", async () => {
    const answer = await owner.post("/api/v1/avatars/import", PORTRAIT, { status: 201 });
    const avatar = answer.json;
    assert.equal(answer.headers.location, `/api/v1/avatars/${avatar.id}`);
    assert.deepEqual((await owner.get(answer.headers.location)).json, avatar);
    const { name, gender, status, training_progress, trigger_phrase, trigger_word, has_model, error, photos_count } =
        avatar;
    assert.deepEqual(
        { name, gender, status, training_progress, trigger_phrase, trigger_word, has_model, error, photos_count },
        {
            name: "Anna",
            gender: "female",
            status: "completed",
            training_progress: 100,
            trigger_phrase: "ANNA woman",
            trigger_word: null,
            has_model: true,
            error: null,
            photos_count: 0,
        },
    );
    assert.ok(avatar.completed_at);
});

test("the first one is the main one, and there is always exactly one", async () => {
    const person = await world.person("Mains");
    assert.equal((await person.get("/api/v1/me")).json.main_avatar_id, null);
    const first = await importAvatar(person, PORTRAIT, { name: "first" });
    const second = await importAvatar(person, STYLE, { name: "second" });
    const third = await importAvatar(person, STYLE, { name: "third" });
    assert.ok(first.is_main && !second.is_main && !third.is_main);
    assert.deepEqual(await mains(person), ["first"]);
    assert.ok((await person.patch(`/api/v1/avatars/${second.id}`, { is_main: true })).json.is_main);
    assert.deepEqual(await mains(person), ["second"]);
    assert.equal((await person.get("/api/v1/me")).json.main_avatar_id, second.id);
    await person.delete(`/api/v1/avatars/${second.id}`);
    assert.deepEqual(await mains(person), ["third"], "the newest of the others");
    await person.patch(`/api/v1/avatars/${third.id}`, { is_main: false }, { status: 422 });
    assert.deepEqual(await mains(person), ["third"]);
});

test("making two of them the main one at the same moment leaves one", async () => {
    const person = await world.person("Race");
    const avatars = await Promise.all(["a", "b", "c", "d"].map((name) => importAvatar(person, STYLE, { name })));
    assert.equal((await mains(person)).length, 1, "imported at once");
    await Promise.all(avatars.map((a) => person.send("PATCH", `/api/v1/avatars/${a.id}`, { json: { is_main: true } })));
    assert.equal((await mains(person)).length, 1);
});

test("a patch changes what it names and nothing else", async () => {
    const avatar = await importAvatar(owner, STYLE);
    const named = (
        await owner.patch(
            `/api/v1/avatars/${avatar.id}`,
            { name: "Чернила 🖋" },
            { type: "application/merge-patch+json" },
        )
    ).json;
    assert.deepEqual({ ...named, name: "", updated_at: "" }, { ...avatar, name: "", updated_at: "" });
    assert.equal(named.name, "Чернила 🖋");
    assert.ok(named.updated_at >= avatar.updated_at);
    assert.equal(
        (await owner.patch(`/api/v1/avatars/${avatar.id}`, { default_lora_scale: 1.4 })).json.default_lora_scale,
        1.4,
    );
    assert.equal(
        (await owner.patch(`/api/v1/avatars/${avatar.id}`, { default_lora_scale: null })).json.default_lora_scale,
        null,
    );
});

test("an avatar that is not trained cannot be the main one", async () => {
    const person = await world.person("Untrained");
    await importAvatar(person, PORTRAIT);
    const body = { name: "Draft", gender: "other", training_type: "style" };
    const draft = (await person.post("/api/v1/avatars", body, { status: 201 })).json;
    const refused = await person.patch(`/api/v1/avatars/${draft.id}`, { is_main: true }, { status: 409 });
    assert.equal(refused.json.code, "avatar_not_ready");
});

test("deleting keeps the pictures, and waits for what is being generated", async () => {
    const person = await world.person("Deleter");
    const avatar = await importAvatar(person, PORTRAIT);
    const { id } = await ask(person, { prompt: "while it lasts", preset: "fast" });
    assert.equal((await person.delete(`/api/v1/avatars/${avatar.id}`, { status: 409 })).json.code, "avatar_in_use");
    assert.equal((await follow(person, id)).status, "completed");
    await person.delete(`/api/v1/avatars/${avatar.id}`);
    await person.get(`/api/v1/avatars/${avatar.id}`, { status: 404 });
    await person.delete(`/api/v1/avatars/${avatar.id}`, { status: 404 });
    assert.deepEqual((await person.get("/api/v1/avatars")).json.items, []);
    assert.equal((await person.get("/api/v1/me")).json.main_avatar_id, null);
    assert.equal((await walk(person, "/api/v1/images")).length, 1);
    assert.equal(
        (await person.post("/api/v1/generations", { prompt: "no avatar" }, { status: 409 })).json.code,
        "no_main_avatar",
    );
    await person.post("/api/v1/generations", { prompt: "gone", avatar_id: avatar.id }, { status: 404 });
});

test("ten avatars are enough", async () => {
    const person = await world.person("Collector");
    for (let i = 0; i < 10; i++) await importAvatar(person, STYLE, { name: `no ${i}` });
    assert.equal((await person.post("/api/v1/avatars/import", STYLE, { status: 409 })).json.code, "limit_reached");
    assert.equal((await walk(person, "/api/v1/avatars")).length, 10);
});

test("importing takes what goes together and refuses what does not", async () => {
    const faults = async (body) => {
        const { json } = await owner.post("/api/v1/avatars/import", body, { status: 422 });
        return json.errors.map((e) => e.field);
    };
    const { trigger_phrase, ...withoutTrigger } = PORTRAIT;
    assert.deepEqual(await faults(withoutTrigger), ["trigger_phrase"]);
    const { diffusers_lora_file_url, ...withoutModel } = PORTRAIT;
    assert.ok((await faults(withoutModel)).includes("diffusers_lora_file_url"));
    assert.ok((await faults({ ...PORTRAIT, finetune_id: "abc" })).includes("finetune_id"), "a portrait is no finetune");
    assert.ok((await faults({ ...PORTRAIT, trigger_word: "W" })).includes("trigger_word"));
    for (const url of [
        "http://v3.fal.media/x.safetensors",
        "ftp://x/y",
        "https://",
        "javascript:alert(1)",
        "https://u:p@host/x",
        " https://h/x",
    ])
        assert.deepEqual(await faults({ ...PORTRAIT, diffusers_lora_file_url: url }), ["diffusers_lora_file_url"], url);
    assert.ok((await faults({})).length >= 3, "all faults at once");
    assert.deepEqual(await faults({ ...PORTRAIT, name: "x".repeat(65) }), ["name"]);
    assert.deepEqual(await faults({ ...PORTRAIT, name: "   " }), ["name"]);
    assert.deepEqual(await faults({ ...PORTRAIT, gender: "robot" }), ["gender"]);
    await owner.get(`/api/v1/avatars/${NOBODY}`, { status: 404 });
    await owner.get("/api/v1/avatars/not-an-id", { status: 404 });
});
