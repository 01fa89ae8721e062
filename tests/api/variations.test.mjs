// What comes from what there is: variations by every route, exact repeats, other tries, and dry runs that say exactly what
// would be sent.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, follow, generate, importAvatar, NOBODY, PORTRAIT, STYLE, STYLE_LORA } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const ULTRA = "fal-ai/flux-pro/v1.1-ultra-finetuned";

const ON_S3 = Boolean(process.env.API_ON_S3);
let world, owner, other, portrait, style, lora;

before(async () => {
    world = await World.start({ generationMs: 100 });
    ({ owner, other } = world);
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
    lora = await importAvatar(owner, STYLE_LORA);
});
after(() => world?.stop());

const vary = (client, image, body = {}, options = {}) =>
    client.post(`/api/v1/images/${image.id}/variations`, body, { status: 202, ...options });
const repeat = (client, image, options = {}) =>
    client.post(`/api/v1/images/${image.id}/repeat`, {}, { status: 202, ...options });
const retry = (client, generation, options = {}) =>
    client.post(`/api/v1/generations/${generation.id}/retry`, {}, { status: 202, ...options });

// What the simulator took for this prompt, oldest first.
async function sent(words) {
    return (await world.accepted()).filter((r) => String(r.input.prompt).includes(words));
}

// Nothing is sent to anybody meanwhile.
async function whileStopped(act) {
    const stop = (until) => world.sql(`UPDATE breakers SET open_until = ${until}, reason = 'test' WHERE endpoint = ''`);
    await stop("now() + interval '9 minutes'");
    try {
        return await act();
    } finally {
        await stop("NULL");
    }
}

async function finish({ json }) {
    const done = await follow(owner, json.id);
    assert.equal(done.status, "completed", JSON.stringify(done.error));
    return done;
}

const without = (input, ...names) => Object.fromEntries(Object.entries(input).filter(([k]) => !names.includes(k)));

// How unlike two pictures of the same size are, by what a client of the API can see of them: their placeholders.
const unlike = (a, b) => {
    const [x, y] = [a, b].map((image) => [...Buffer.from(image.placeholder, "base64")]);
    return x.reduce((sum, value, i) => sum + Math.abs(value - (y[i] ?? 0)), 0);
};

for (const [name, of, trigger] of [
    ["portrait", () => portrait, "ANNA woman"],
    ["style avatar with a LoRA", () => lora, "LINOCUT"],
])
    test(`a picture of a ${name} is varied from itself, and resembles it the more the less it may change`, async () => {
        const words = `a lighthouse for ${trigger} once`;
        const first = await generate(owner, { prompt: words, preset: "portrait", avatar_id: of().id, num_images: 2, seed: "5" });
        const [image] = first.images;
        const answer = await vary(owner, image, { change: "little", seed: "6" });
        assert.equal(answer.headers.location, `/api/v1/generations/${answer.json.id}`);
        assert.equal(answer.json.parent_image_id, image.id);
        const near = await finish(answer);
        const far = await finish(await vary(owner, image, { strength: 1, num_images: 2, seed: "6" }));
        assert.equal(near.endpoint, "fal-ai/flux-lora/image-to-image");
        assert.deepEqual([near.images.length, far.images.length], [1, 2]);
        assert.deepEqual([near.preset, near.prompt], ["portrait", words]);
        for (const made of [...near.images, ...far.images]) {
            assert.equal(made.parent_image_id, image.id);
            assert.deepEqual([made.width, made.height], [image.width, image.height]);
        }
        assert.ok(unlike(near.images[0], image) < unlike(far.images[0], image), "less change, more alike");
        const [, little, much] = await sent(words);
        assert.equal(little.endpoint_id, "fal-ai/flux-lora/image-to-image");
        assert.deepEqual(
            [little.input.strength, little.input.image_size, little.input.num_inference_steps, much.input.strength],
            [0.35, "portrait_4_3", 35, 1],
        );
        assert.deepEqual(little.input.loras, [{ path: of().id === lora.id ? STYLE_LORA.diffusers_lora_file_url : PORTRAIT.diffusers_lora_file_url, scale: 1.1 }]);
        const source = await world.anonymous.raw("GET", little.input.image_url);
        assert.equal(source.status, 200);
        assert.deepEqual(source.bytes, (await world.anonymous.raw("GET", image.url)).bytes, "the original itself was sent");
        assert.equal((await owner.get(`/api/v1/images/${near.images[0].id}`)).json.parent_image_id, image.id);
    });

test("a picture of a finetune goes beside the prompt, in the ratio that is nearest to its shape", async () => {
    const words = "a castle made of paper";
    const { images } = await generate(owner, { prompt: words, preset: "landscape", avatar_id: style.id });
    const done = await finish(await vary(owner, images[0]));
    assert.equal(done.endpoint, ULTRA);
    const [first, second] = await sent(words);
    assert.deepEqual(without(second.input, "image_url", "seed"), {
        prompt: "INKSTYLE a castle made of paper",
        finetune_id: STYLE.finetune_id,
        finetune_strength: first.input.finetune_strength,
        image_prompt_strength: 0.1,
        aspect_ratio: "4:3",
        safety_tolerance: first.input.safety_tolerance,
        num_images: 1,
    });
    assert.notEqual(second.input.seed, first.input.seed);
    const own = await finish(await vary(owner, images[0], { image_prompt_strength: 0.75 }));
    assert.equal(own.parameters.image_prompt_strength, 0.75);
});

test("where no endpoint takes the picture, the same words go out with another seed, and say so honestly", async () => {
    const words = "a bridge of ink";
    const { images } = await generate(owner, { prompt: words, preset: "fast", avatar_id: style.id });
    const switchTo = async (state, endpoint) => {
        await world.command("admin", "endpoint", ULTRA, "--state", state);
        await until(`the server knows that it is ${state}`, 5000, async () => {
            const { json } = await vary(owner, images[0], { dry_run: true }, { status: 200 });
            return json.endpoint === endpoint;
        });
    };
    await switchTo("gone", "fal-ai/flux-pro/finetuned");
    try {
        const refused = await vary(owner, images[0], { strength: 0.5 }, { status: 422 });
        assert.deepEqual(refused.json.errors.map((e) => [e.field, e.code]), [["strength", "not_accepted_here"]]);
        const done = await finish(await vary(owner, images[0], { change: "little" }));
        assert.equal(done.endpoint, "fal-ai/flux-pro/finetuned");
        const [first, second] = await sent(words);
        assert.deepEqual(without(second.input, "seed"), without(first.input, "seed"));
        assert.notEqual(second.input.seed, first.input.seed);
        assert.equal(done.images[0].parent_image_id, images[0].id);
    } finally {
        await switchTo("active", ULTRA);
    }
});

test("a repeat sends the very same body, for all pictures of the generation", async () => {
    const words = "a repeated heron";
    const first = await generate(owner, { prompt: words, preset: "quality", num_images: 3, avatar_id: portrait.id, overrides: { guidance_scale: 6.5 } });
    const done = await finish(await repeat(owner, first.images[1]));
    assert.equal(done.seed, first.seed);
    assert.equal(done.images.length, 3);
    assert.ok(done.images.every((i) => i.parent_image_id === first.images[1].id));
    const [a, b] = await sent(words);
    assert.equal(b.endpoint_id, a.endpoint_id);
    assert.deepEqual(b.input, a.input);
    assert.deepEqual(done.parameters, first.parameters);
    const bytes = async (image) => (await world.anonymous.raw("GET", image.url)).bytes;
    assert.deepEqual(await bytes(done.images[2]), await bytes(first.images[2]), "the same seed, the same picture");
});

test("a repeated variation starts from the same picture as the first", async () => {
    const words = "a varied heron";
    const { images } = await generate(owner, { prompt: words, preset: "fast", avatar_id: portrait.id });
    const varied = await finish(await vary(owner, images[0], { strength: 0.42, seed: "77" }));
    const again = await finish(await repeat(owner, varied.images[0]));
    const [, a, b] = await sent(words);
    assert.deepEqual(without(b.input, "image_url"), without(a.input, "image_url"));
    assert.deepEqual([b.input.strength, String(b.input.seed)], [0.42, "77"]);
    const bare = (url) => new URL(url).pathname;
    assert.equal(bare(b.input.image_url), bare(a.input.image_url));
    assert.equal(again.parent_image_id, varied.images[0].id);
    await owner.delete(`/api/v1/images/${images[0].id}`);
    assert.equal((await repeat(owner, varied.images[0], { status: 409 })).json.code, "source_missing");
});

test("what failed is tried again as it was wished for", async () => {
    await world.faults({ op: "result", fault: "422", prompt: "an unlucky owl", count: 1 });
    const failed = await follow(owner, (await ask(owner, { prompt: "an unlucky owl", preset: "fast", seed: "12", num_images: 2, avatar_id: portrait.id })).id);
    assert.equal(failed.status, "failed");
    assert.equal((await retry(owner, (await generate(owner, { prompt: "fine", preset: "fast" })), { status: 409 })).json.code, "generation_completed");
    const answer = await retry(owner, failed, { headers: { "idempotency-key": "once-more" } });
    assert.equal(answer.json.retry_of, failed.id);
    const replayed = await retry(owner, failed, { headers: { "idempotency-key": "once-more" } });
    assert.equal(replayed.json.id, answer.json.id);
    assert.equal(replayed.headers["idempotent-replayed"], "true");
    const done = await finish(answer);
    assert.deepEqual([done.seed, done.images.length, done.preset], ["12", 2, "fast"]);
    const inputs = (await sent("an unlucky owl")).map((r) => r.input);
    assert.deepEqual(inputs.at(-1), inputs[0]);
});

test("one that runs is not tried again, a cancelled one is", async () => {
    await whileStopped(async () => {
        const first = await ask(owner, { prompt: "a slow snail", preset: "fast", avatar_id: portrait.id });
        assert.equal((await retry(owner, first, { status: 409 })).json.code, "generation_unfinished");
        await owner.post(`/api/v1/generations/${first.id}/cancel`, undefined, { status: 202 });
        const { json } = await retry(owner, first);
        assert.equal(json.retry_of, first.id);
        await owner.post(`/api/v1/generations/${json.id}/cancel`, undefined, { status: 202 });
        assert.equal((await retry(other, first, { status: 404 })).json.code, "not_found");
    });
});

test("nothing is made of what is deleted, hidden or somebody else's", async () => {
    const { images } = await generate(owner, { prompt: "four things", preset: "fast", avatar_id: portrait.id, num_images: 4 });
    await owner.delete(`/api/v1/images/${images[0].id}`);
    await world.sql(`UPDATE images SET has_nsfw_content = true WHERE id = '${images[1].id}'`);
    for (const make of [vary, repeat]) {
        const code = async (client, image, status) => {
            const options = { status };
            return (await (make === vary ? vary(client, image, {}, options) : repeat(client, image, options))).json.code;
        };
        assert.equal(await code(owner, images[0], 409), "image_deleted");
        assert.equal(await code(owner, images[1], 409), "image_quarantined");
        assert.equal(await code(other, images[2], 404), "not_found");
        assert.equal(await code(owner, { id: NOBODY }, 404), "not_found");
    }
    const spare = await importAvatar(owner, { ...PORTRAIT, name: "Spare" });
    const gone = await generate(owner, { prompt: "of a spare", preset: "fast", avatar_id: spare.id });
    await owner.delete(`/api/v1/avatars/${spare.id}`);
    assert.equal((await vary(owner, gone.images[0], {}, { status: 409 })).json.code, "avatar_deleted");
});

test("a picture that is deleted before its variation is sent makes it fail, free", async () => {
    const { images } = await generate(owner, { prompt: "here and gone", preset: "fast", avatar_id: portrait.id });
    const before = (await owner.get("/api/v1/me")).json.quota;
    const wished = await whileStopped(async () => {
        const { json } = await vary(owner, images[0]);
        await owner.delete(`/api/v1/images/${images[0].id}`);
        return json;
    });
    const ended = await follow(owner, wished.id);
    assert.deepEqual([ended.status, ended.error.code, ended.cost], ["failed", "source_missing", 0]);
    assert.equal((await sent("here and gone")).length, 1, "nothing was sent");
    assert.equal((await owner.get("/api/v1/me")).json.quota.available, before.available);
});

test("a picture that the provider cannot fetch makes it fail in words that fit, free", { skip: ON_S3 && "it is taken away on local disk" }, async () => {
    const { images } = await generate(owner, { prompt: "out of reach", preset: "fast", avatar_id: portrait.id });
    const key = new URL(images[0].url).pathname.replace(/^\/files\//, "");
    const file = path.join(world.env.OBJECTS_DIR, key);
    const wished = await whileStopped(async () => {
        fs.renameSync(file, `${file}.away`);
        return (await vary(owner, images[0])).json;
    });
    const ended = await follow(owner, wished.id);
    fs.renameSync(`${file}.away`, file);
    assert.deepEqual([ended.status, ended.error.code, ended.cost], ["failed", "source_unreachable", 0]);
    assert.equal((await finish(await retry(owner, ended))).parent_image_id, images[0].id);
});

test("who has too few credits, too much that runs or a bad body is told", async () => {
    const person = await world.person("Poor varier");
    await importAvatar(person, PORTRAIT);
    const { images } = await generate(person, { prompt: "the last one", preset: "fast" });
    await world.faults({ op: "result", fault: "422", prompt: "never", count: 1 });
    const failed = (await ask(person, { prompt: "never", preset: "fast" })).id;
    assert.equal((await follow(person, failed)).status, "failed");
    const targets = [`/api/v1/images/${images[0].id}/variations`, `/api/v1/images/${images[0].id}/repeat`, `/api/v1/generations/${failed}/retry`];
    await world.sql(`UPDATE accounts SET unfinished = 10000 WHERE user_id = '${person.id}'`);
    for (const path of targets) await person.post(path, {}, { status: 429 });
    await world.sql(`UPDATE accounts SET unfinished = 0, granted = granted - available + 1, available = 1 WHERE user_id = '${person.id}'`);
    for (const path of targets) assert.equal((await person.post(path, {}, { status: 402 })).json.code, "quota_exceeded");
    for (const path of targets) {
        await person.post(`${path}?x=1`, {}, { status: 400 });
        await person.expect(422, "POST", path, { json: { size: 1 } });
        await person.expect(415, "POST", path, { body: "a=1", type: "text/plain" });
        await person.expect(413, "POST", path, { body: `{"dry_run":true${" ".repeat(70000)}}` });
        const shown = await person.post(path, { dry_run: true });
        assert.deepEqual([shown.json.affordable, shown.json.available], [false, 1]);
    }
});

// Dry runs

test("a dry run shows the very body that is sent afterwards, and does nothing", async () => {
    const wishes = [
        { prompt: "dry and then wet", preset: "artistic", avatar_id: portrait.id, num_images: 2, overrides: { guidance_scale: 2 } },
        { prompt: "dry ink", preset: "ultra", aspect_ratio: "3:2", avatar_id: style.id },
    ];
    for (const wish of wishes) {
        const seed = "9007199254740881";
        const before = (await world.sql("SELECT count(*) FROM generations"))[0][0];
        const accepted = (await world.accepted()).length;
        const options = { headers: { "idempotency-key": `dry-${wish.preset}` } };
        const { json } = await owner.post("/api/v1/generations", { ...wish, seed, dry_run: true }, options);
        assert.equal((await world.sql("SELECT count(*) FROM generations"))[0][0], before);
        assert.equal((await world.accepted()).length, accepted);
        assert.ok(json.affordable && json.moderation.allowed && json.expected_seconds.min > 0);
        assert.deepEqual(json.request.decided_when_sent, []);
        const { json: made } = await owner.post("/api/v1/generations", { ...wish, seed }, { status: 202, ...options });
        assert.deepEqual([made.cost, made.endpoint, made.final_prompt], [json.cost, json.endpoint, json.final_prompt]);
        await follow(owner, made.id);
        const [request] = await sent(wish.prompt);
        assert.deepEqual(request.input, json.request.body);
        assert.equal(json.request.url, `${world.falsimUrl}/${request.endpoint_id}`);
    }
});

test("a dry run of a variation shows the very body, with the picture's address", async () => {
    const words = "a dry variation";
    const { images } = await generate(owner, { prompt: words, preset: "fast", avatar_id: portrait.id });
    const body = { seed: "31", change: "much" };
    const { json } = await vary(owner, images[0], { ...body, dry_run: true }, { status: 200 });
    await finish(await vary(owner, images[0], body));
    const request = (await sent(words)).at(-1);
    const bare = (url) => new URL(url).pathname;
    assert.deepEqual(without(request.input, "image_url"), without(json.request.body, "image_url"));
    assert.equal(bare(request.input.image_url), bare(json.request.body.image_url));
    assert.equal((await world.anonymous.raw("GET", json.request.body.image_url)).status, 200);
    const open = (await vary(owner, images[0], { dry_run: true }, { status: 200 })).json;
    assert.deepEqual([open.seed, open.request.decided_when_sent], [null, ["seed"]]);
});

test("a blocked prompt is a verdict of a dry run, every other fault is a fault", async () => {
    const { json } = await owner.post("/api/v1/generations", { prompt: "a nude", dry_run: true });
    assert.equal(json.moderation.allowed, false);
    assert.ok(json.moderation.category);
    await owner.post("/api/v1/generations", { prompt: "x", preset: "none", dry_run: true }, { status: 422 });
    await owner.post("/api/v1/generations", { prompt: "x", avatar_id: NOBODY, dry_run: true }, { status: 404 });
    await owner.post("/api/v1/generations", { prompt: "x", dry_run: "yes" }, { status: 422 });
});
