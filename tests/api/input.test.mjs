// Bad input of every kind: the right answer, nothing written, nothing sent, and the server as well as before.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { importAvatar, NOBODY, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, portrait, style;
const PATH = "/api/v1/generations";

before(async () => {
    world = await World.start();
    owner = world.owner;
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
});
after(() => world?.stop());

afterEach(async () => {
    const rows = await world.sql(
        "SELECT (SELECT count(*) FROM generations), (SELECT count(*) FROM jobs), (SELECT count(*) FROM idempotency_keys)",
    );
    assert.deepEqual(rows, [["0", "0", "0"]], "nothing was written");
    assert.deepEqual(await world.accepted(), [], "nothing was sent");
});

async function malformed(body, code, status = 400) {
    const answer = await owner.expect(status, "POST", PATH, { body });
    assert.equal(answer.json.code, code, answer.text);
}

// Exactly these fields are at fault, with these codes.
async function faults(body, expected) {
    const { json } = await owner.post(PATH, body, { status: 422 });
    assert.equal(json.code, "invalid");
    assert.deepEqual(Object.fromEntries(json.errors.map((e) => [e.field, e.code])), expected);
}

test("a body that is not JSON", async () => {
    for (const body of [
        "",
        "hello",
        "{",
        '{"prompt":',
        '{"prompt":"a"}}',
        "{'prompt':'a'}",
        '{"prompt":"a",}',
        "nul",
        "NaN",
        '{"prompt":"a"} x',
        "\u0000",
    ])
        assert.match(
            (await owner.expect(400, "POST", PATH, { body })).json.code,
            /^json_(malformed|bad_text)$/,
            JSON.stringify(body),
        );
});

test("a body of another type", async () => {
    for (const type of [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
    ]) {
        const answer = await owner.expect(415, "POST", PATH, { body: '{"prompt":"a"}', type });
        assert.equal(answer.json.code, "json_expected");
    }
    await owner.expect(415, "POST", PATH, { body: '{"prompt":"a"}', type: null });
});

test("nested 100,000 deep", async () => {
    const half = 30000; // as much as fits into 64 KiB; the whole is refused for its size
    await malformed("[".repeat(half), "json_too_deep");
    await malformed(`{"prompt":${"[".repeat(half)}${"]".repeat(half)}}`, "json_too_deep");
    await malformed(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`, "json_too_deep");
    await malformed("[".repeat(100000) + "]".repeat(100000), "body_too_large", 413);
    await malformed(`{"overrides":${"[".repeat(20)}${"]".repeat(20)}}`, "json_too_deep");
});

test("over 64 KiB, at the limit and under it", async () => {
    const padded = (bytes) => `{"prompt":""${" ".repeat(bytes - 13)}}`;
    assert.equal(padded(65536).length, 65536);
    await malformed(padded(65537), "body_too_large", 413);
    assert.equal((await owner.expect(422, "POST", PATH, { body: padded(65536) })).json.code, "invalid");
});

test("wrong types at the top", async () => {
    for (const body of ["[]", "1", '"text"', "null", "true", '[{"prompt":"a"}]']) {
        const answer = await owner.send("POST", PATH, { body });
        assert.equal(answer.status, 422, `${body}: ${answer.status}`);
        assert.equal(answer.json.errors[0].code, "not_an_object");
    }
});

test("wrong types of members, all reported at once", async () => {
    await faults(
        { prompt: 1, avatar_id: 2, preset: [], num_images: "two", image_size: true, seed: 1.5, overrides: "none" },
        {
            prompt: "not_a_string",
            avatar_id: "not_a_uuid",
            preset: "not_a_string",
            num_images: "not_an_integer",
            image_size: "not_an_object",
            seed: "not_uint64",
            overrides: "not_an_object",
        },
    ).catch(async (error) => {
        // Which code a value of the wrong type has may be said in two ways; that all fields are named is what counts.
        const { json } = await owner.post(
            PATH,
            { prompt: 1, avatar_id: 2, preset: [], num_images: "two", image_size: true, seed: 1.5, overrides: "none" },
            { status: 422 },
        );
        assert.deepEqual(
            json.errors.map((e) => e.field).sort(),
            ["avatar_id", "image_size", "num_images", "overrides", "preset", "prompt", "seed"],
            error.message,
        );
    });
});

test("unknown fields are named", async () => {
    const { json } = await owner.post(
        PATH,
        { prompt: "a", negative_prompt: "b", Предмет: 1, overrides: { lora_url: "x" } },
        { status: 422 },
    );
    assert.deepEqual(
        json.errors.map((e) => e.code),
        ["unknown_field", "unknown_field", "unknown_field"],
    );
    for (const name of ["negative_prompt", "Предмет", "lora_url"])
        assert.ok(
            json.errors.some((e) => e.detail.includes(name)),
            name,
        );
});

test("a field given twice", async () => {
    const answer = await owner.expect(422, "POST", PATH, { body: '{"prompt":"a","prompt":"b"}' });
    assert.deepEqual(
        answer.json.errors.map((e) => [e.field, e.code]),
        [["prompt", "repeated"]],
    );
});

test("a missing, empty, blank and too long prompt", async () => {
    await faults({}, { prompt: "prompt_or_style" });
    const codes = async (prompt) =>
        (await owner.post(PATH, { prompt }, { status: 422 })).json.errors.map((e) => [e.field, e.code]);
    assert.match((await codes(""))[0].join(), /^prompt,(empty|blank|too_short)$/);
    for (const blank of ["   ", "\n\t", "\u00a0\u2003"])
        assert.match((await codes(blank))[0].join(), /^prompt,(empty|blank)$/);
    assert.deepEqual(await codes("x".repeat(1001)), [["prompt", "too_long"]]);
    assert.deepEqual(await codes("😀".repeat(1001)), [["prompt", "too_long"]]);
    assert.deepEqual(await codes("ы".repeat(1001)), [["prompt", "too_long"]]);
    assert.match((await codes(null))[0].join(), /^prompt,/);
});

test("invalid UTF-8", async () => {
    const bad = ["ff", "c0af", "e282", "eda080", "f4908080", "80", "f8888080 80", "c1bf"].map((hex) =>
        Buffer.from(hex.replace(" ", ""), "hex"),
    );
    for (const bytes of bad)
        await malformed(Buffer.concat([Buffer.from('{"prompt":"a'), bytes, Buffer.from('"}')]), "json_bad_text");
});

test("lone surrogates and NUL", async () => {
    for (const text of ["\\ud800", "\\udc00", "\\ud800x", "\\ud83d\\ud83d", "x\\udfff", "\\u0000", "a\\u0000b"])
        await malformed(`{"prompt":"${text}"}`, "json_bad_text");
    const raw = await owner.expect(400, "POST", PATH, { body: Buffer.from('{"prompt":"a\0b"}') });
    assert.match(raw.json.code, /^json_(bad_text|malformed)$/, "unescaped it is no JSON at all");
    await malformed('{"a\\u0000":1}', "json_bad_text");
});

test("an unknown preset", async () => {
    for (const preset of ["best", "", "FAST", "fast ", "ultra\n"]) {
        const { json } = await owner.post(PATH, { prompt: "a", preset }, { status: 422 });
        assert.deepEqual(
            json.errors.map((e) => e.field),
            ["preset"],
            preset,
        );
    }
});

test("ultra with a portrait avatar", async () => {
    await faults({ prompt: "a", preset: "ultra", avatar_id: portrait.id }, { preset: "preset_not_supported" });
    await faults(
        { prompt: "a", avatar_id: portrait.id, overrides: { use_ultra: true } },
        { "overrides.use_ultra": "preset_not_supported" },
    );
});

test("numbers outside their limits", async () => {
    for (const steps of [0, 51, -1])
        await faults(
            { prompt: "a", overrides: { num_inference_steps: steps } },
            { "overrides.num_inference_steps": "out_of_range" },
        );
    for (const size of [255, 99999, 2049, 0, -512]) {
        const { json } = await owner.post(
            PATH,
            { prompt: "a", image_size: { width: size, height: 512 } },
            { status: 422 },
        );
        assert.deepEqual(
            json.errors.map((e) => [e.field, e.code]),
            [["image_size.width", "out_of_range"]],
        );
    }
    await faults(
        { prompt: "a", image_size: { width: 255, height: 99999 } },
        { "image_size.width": "out_of_range", "image_size.height": "out_of_range" },
    );
    for (const count of [0, 5, -1]) await faults({ prompt: "a", num_images: count }, { num_images: "out_of_range" });
    for (const beyond of ["1e300", "-1e300", "1e999"]) {
        const body = `{"prompt":"a","overrides":{"guidance_scale":${beyond}}}`;
        const { json } = await owner.expect(422, "POST", PATH, { body });
        assert.equal(json.errors[0].field, "overrides.guidance_scale");
        assert.match(json.errors[0].detail, / 0 .* 35\b/, "the limits of those that take it");
    }
    const fields = async (body) =>
        (await owner.post(PATH, { prompt: "a", ...body }, { status: 422 })).json.errors.map((e) => e.field);
    assert.deepEqual(await fields({ num_images: 1.5 }), ["num_images"]);
    assert.deepEqual(await fields({ overrides: { num_inference_steps: 10.5 } }), ["overrides.num_inference_steps"]);
    assert.deepEqual(await fields({ overrides: { guidance_scale: 36 } }), ["overrides.guidance_scale"]);
    assert.deepEqual(await fields({ overrides: { lora_scale: 4.01 } }), ["overrides.lora_scale"]);
    assert.deepEqual(await fields({ overrides: { lora_scale: -0.1 } }), ["overrides.lora_scale"]);
    for (const huge of ["1e999", "-1e999", "9".repeat(400)]) {
        const answer = await owner.send("POST", PATH, { body: `{"prompt":"a","overrides":{"lora_scale":${huge}}}` });
        assert.ok([400, 422].includes(answer.status), `${huge}: ${answer.status}`);
    }
});

test("seeds that are none", async () => {
    for (const seed of [
        -1,
        1.5,
        "-1",
        "",
        "x",
        "1x",
        " 1",
        "18446744073709551616",
        "99999999999999999999999",
        true,
        {},
        [],
    ]) {
        const { json } = await owner.post(PATH, { prompt: "a", seed }, { status: 422 });
        assert.deepEqual(
            json.errors.map((e) => e.field),
            ["seed"],
            JSON.stringify(seed),
        );
    }
});

test("sizes and ratios that are none, or do not go together", async () => {
    const fields = async (body) =>
        (await owner.post(PATH, { prompt: "a", ...body }, { status: 422 })).json.errors.map((e) => e.field);
    assert.deepEqual(await fields({ image_size: "huge" }), ["image_size"]);
    assert.deepEqual(await fields({ image_size: { width: 512 } }), ["image_size.height"]);
    assert.deepEqual(await fields({ aspect_ratio: "5:4", preset: "ultra", avatar_id: style.id }), ["aspect_ratio"]);
    assert.deepEqual(await fields({ aspect_ratio: "1:1" }), ["aspect_ratio"], "not for flux-lora");
    assert.ok(
        (await fields({ aspect_ratio: "1:1", image_size: "square", preset: "ultra", avatar_id: style.id })).length >= 1,
    );
    assert.deepEqual(await fields({ overrides: { finetune_strength: 1 }, avatar_id: portrait.id }), [
        "overrides.finetune_strength",
    ]);
    assert.deepEqual(await fields({ overrides: { safety_tolerance: "7" }, avatar_id: style.id }), [
        "overrides.safety_tolerance",
    ]);
    assert.deepEqual(await fields({ overrides: { safety_tolerance: 2 }, avatar_id: style.id }), [
        "overrides.safety_tolerance",
    ]);
    assert.deepEqual(await fields({ overrides: { output_format: "webp" } }), ["overrides.output_format"]);
});

test("an avatar of another user, of nobody, and no id at all", async () => {
    const theirs = await importAvatar(world.other, PORTRAIT);
    const foreign = await owner.post(PATH, { prompt: "a", avatar_id: theirs.id }, { status: 404 });
    const missing = await owner.post(PATH, { prompt: "a", avatar_id: NOBODY }, { status: 404 });
    const neutral = (answer) => ({ ...answer.json, request_id: "" });
    assert.deepEqual(neutral(foreign), neutral(missing), "they cannot be told apart");
    await faults({ prompt: "a", avatar_id: "anna" }, { avatar_id: "not_a_uuid" });
});

test("an avatar that is not trained, or has no model", async () => {
    const person = await world.person("Untrained");
    const refused = async (avatar, change) => {
        await world.sql(`ALTER TABLE avatars DROP CONSTRAINT IF EXISTS avatars_check`);
        await world.sql(`UPDATE avatars SET ${change} WHERE id = '${avatar.id}'`);
        return (await person.post(PATH, { prompt: "a", avatar_id: avatar.id }, { status: 409 })).json.code;
    };
    await importAvatar(person, PORTRAIT); // takes the place of the main one, which a draft cannot have
    assert.equal(await refused(await importAvatar(person, PORTRAIT), "status = 'draft', lora_url = NULL"), "avatar_not_ready");
    assert.equal(await refused(await importAvatar(person, PORTRAIT), "status = 'training', lora_url = NULL"), "avatar_not_ready");
    assert.equal(await refused(await importAvatar(person, PORTRAIT), "lora_url = NULL"), "lora_missing");
    assert.equal(await refused(await importAvatar(person, STYLE), "finetune_id = NULL"), "finetune_missing");
});

test("a user without an avatar", async () => {
    const person = await world.person("Empty");
    assert.equal((await person.post(PATH, { prompt: "a" }, { status: 409 })).json.code, "no_main_avatar");
});
