// A wish in a style: whose words are made for the avatar; and words that may not be asked for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { generate, importAvatar, NOBODY, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const LIST = "/api/v1/generations";
const STYLE_ID = "business-portrait";

let world, owner, portrait, style;

before(async () => {
    world = await World.start({ generationMs: 100 });
    owner = world.owner;
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
});
after(() => world?.stop());

const refuse = async (client, body, status = 422) => (await client.post(LIST, body, { status })).json;
const fault = (problem, field) => problem.errors.find((e) => e.field === field)?.code;
const value = async (statement) => (await world.sql(statement))[0][0];
const generations = () => value("SELECT count(*) FROM generations");

test("a shipped style has other words for each kind of avatar, and its own preset", async () => {
    const woman = await generate(owner, { template_id: STYLE_ID, avatar_id: portrait.id });
    const ink = await generate(owner, { template_id: STYLE_ID, avatar_id: style.id });
    for (const made of [woman, ink]) {
        assert.equal(made.template_id, STYLE_ID);
        assert.equal(made.preset, "portrait");
        assert.doesNotMatch(made.prompt, /[{}]/, "nothing is left to be filled in");
    }
    assert.match(woman.prompt, /\bwoman\b/);
    assert.doesNotMatch(ink.prompt, /\bwoman\b/, "a manner of drawing is nobody in particular");
    assert.equal(woman.final_prompt, `ANNA woman ${woman.prompt}`);
    const variant = await value(`SELECT template_variant FROM generations WHERE id = '${woman.id}'`);
    assert.match(variant, /^[a-z]+$/, "what is compared is written down");
    assert.equal(await value(`SELECT template_id FROM images WHERE generation_id = '${woman.id}'`), STYLE_ID);
});

test("the same user gets the same words every time, and choices go into them", async () => {
    const grey = await generate(owner, { template_id: STYLE_ID, avatar_id: portrait.id });
    const again = await generate(owner, { template_id: STYLE_ID, avatar_id: portrait.id, choices: { backdrop: "grey" } });
    const office = await generate(owner, {
        template_id: STYLE_ID,
        avatar_id: portrait.id,
        choices: { backdrop: "office" },
        preset: "fast",
    });
    assert.equal(again.prompt, grey.prompt, "the first option is the default");
    assert.match(office.prompt, /bright office/);
    assert.notEqual(office.prompt, grey.prompt);
    assert.equal(office.preset, "fast", "what the wish names itself goes first");
});

test("one of your own styles is as good as a shipped one, and is nobody else's", async () => {
    const own = await owner.post(
        "/api/v1/templates",
        { title: "Night train", prompt: "{subject} in a night train, {their} face lit by a phone", preset: "fast" },
        { status: 201 },
    );
    const made = await generate(owner, { template_id: own.json.id, avatar_id: portrait.id });
    assert.equal(made.template_id, own.json.id);
    assert.equal(made.prompt, "woman in a night train, her face lit by a phone");
    assert.equal(made.preset, "fast");
    const other = await world.person("Mallory");
    await importAvatar(other, PORTRAIT);
    assert.equal(fault(await refuse(other, { template_id: own.json.id }), "template_id"), "style_unknown");
    const choices = await refuse(owner, { template_id: own.json.id, avatar_id: portrait.id, choices: { place: "sea" } });
    assert.equal(fault(choices, "choices"), "choices_without_style");
});

const WRONG = [
    [{}, "prompt", "prompt_or_style"],
    [{ prompt: "tea", template_id: STYLE_ID }, "template_id", "exclusive"],
    [{ template_id: "no-such-style" }, "template_id", "style_unknown"],
    [{ template_id: NOBODY }, "template_id", "style_unknown"],
    [{ prompt: "tea", choices: { backdrop: "grey" } }, "choices", "choices_without_style"],
    [{ template_id: STYLE_ID, choices: { backdrop: "moon" } }, "choices.backdrop", "not_one_of"],
    [{ template_id: STYLE_ID, choices: { weather: "rain" } }, "choices", "unknown_choice"],
    [{ template_id: STYLE_ID, choices: "grey" }, "choices", "not_an_object"],
];
for (const [body, field, code] of WRONG)
    test(`${JSON.stringify(body)} is refused at ${field}`, async () => {
        const before = await generations();
        const problem = await refuse(owner, body);
        const found = fault(problem, field);
        assert.equal(found, code, JSON.stringify(problem.errors));
        assert.equal(await generations(), before);
    });

test("blocked words are told with their category, cost nothing, and a key that met them is free", async () => {
    const before = await generations();
    const credits = (await owner.get("/api/v1/me")).json.quota;
    const options = { status: 422, headers: { "idempotency-key": "blocked-1", "accept-language": "en" } };
    const blocked = (await owner.post(LIST, { prompt: "a nude figure by the sea" }, options)).json;
    assert.equal(blocked.code, "moderation_blocked");
    assert.match(blocked.category, /^[a-z_]+$/);
    assert.equal(blocked.errors[0].field, "prompt");
    const russian = await owner.post(LIST, { prompt: "обнажённая фигура у моря" }, { status: 422 });
    assert.equal(russian.json.category, blocked.category);
    assert.equal(await generations(), before);
    assert.deepEqual((await owner.get("/api/v1/me")).json.quota, credits);
    options.status = 202;
    await owner.post(LIST, { prompt: "a figure in a coat by the sea" }, options);
});
