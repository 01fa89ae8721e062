// A prompt becomes a picture: every preset on every kind of avatar, what is sent, and the bytes that come back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoMetadata, readJpeg, readPng, readWebp } from "./support/pictures.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, STYLE, STYLE_LORA } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const SIZES = {
    fast: [512, 512],
    balanced: [1024, 1024],
    quality: [1024, 1024],
    ultra: [2048, 2048],
    artistic: [1024, 1024],
    portrait: [768, 1024],
    landscape: [1024, 768],
    photorealistic: [1024, 1024],
};
const STEPS = { fast: 20, balanced: 28, quality: 50, artistic: 35, portrait: 35, landscape: 30, photorealistic: 40 };
const GUIDANCE = { fast: 3, balanced: 3.5, quality: 4, artistic: 4, portrait: 3.5, landscape: 3.5, photorealistic: 3 };
const LORA = {
    fast: 0.8,
    balanced: 1,
    quality: 1.2,
    ultra: 1.1,
    artistic: 1.3,
    portrait: 1.1,
    landscape: 1,
    photorealistic: 1.1,
};
const FINETUNE = { ...LORA, portrait: 1, photorealistic: 1 };

let world, owner, portrait, style, lora;

before(async () => {
    world = await World.start({ generationMs: 100 });
    owner = world.owner;
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
    lora = await importAvatar(owner, STYLE_LORA);
});
after(() => world?.stop());

// What the simulator took for this generation.
async function sent(generation) {
    const found = (await world.accepted()).filter((r) => String(r.input.prompt) === generation.final_prompt);
    assert.equal(found.length, 1, "accepted exactly once");
    return found[0];
}

async function download(url) {
    const answer = await world.anonymous.get(url);
    assert.equal(Number(answer.headers["content-length"]), answer.bytes.length);
    return answer;
}

async function assertThumbnail(url, image, side) {
    const answer = await download(url);
    assert.equal(answer.headers["content-type"], "image/webp");
    const { width, height } = readWebp(answer.bytes);
    assert.ok(Math.max(width, height) <= side, `${width}×${height} within ${side}`);
    assert.ok(Math.abs(width / height - image.width / image.height) < 0.02, "the same shape");
    assertNoMetadata(answer.bytes, "image/webp");
}

async function assertPicture(image, [width, height]) {
    const answer = await download(image.url);
    assert.equal(answer.headers["content-type"], image.content_type);
    assert.equal(answer.bytes.length, image.bytes);
    const read = image.content_type === "image/png" ? readPng(answer.bytes) : readJpeg(answer.bytes);
    assert.deepEqual([read.width, read.height], [width, height]);
    assert.deepEqual([image.width, image.height], [width, height]);
    assertNoMetadata(answer.bytes, image.content_type);
    await assertThumbnail(image.thumbnails.small, image, 320);
    await assertThumbnail(image.thumbnails.medium, image, 800);
}

function assertFinished(generation, preset, avatar) {
    assert.equal(generation.preset, preset);
    assert.equal(generation.avatar_id, avatar.id);
    assert.equal(generation.progress, 100);
    assert.equal(generation.source, "api");
    assert.equal(generation.images.length, generation.num_images);
    assert.ok(generation.seed !== null && generation.generation_time > 0);
    assert.ok(generation.created_at <= generation.finished_at);
    for (const image of generation.images) {
        assert.equal(image.generation_id, generation.id);
        assert.equal(image.preset, preset);
        assert.ok(image.stored && !image.has_nsfw_content && !image.is_favorite);
    }
}

for (const preset of Object.keys(SIZES).filter((p) => p !== "ultra"))
    test(`${preset} makes a picture of a portrait avatar`, async () => {
        const done = await generate(owner, { prompt: `a ${preset} portrait at noon`, preset, avatar_id: portrait.id });
        assertFinished(done, preset, portrait);
        await assertPicture(done.images[0], SIZES[preset]);
        const { endpoint_id: endpoint, input } = await sent(done);
        assert.equal(endpoint, "fal-ai/flux-lora");
        assert.deepEqual(input.loras, [{ path: PORTRAIT.diffusers_lora_file_url, scale: LORA[preset] }]);
        assert.equal(input.num_inference_steps, STEPS[preset]);
        assert.equal(input.guidance_scale, GUIDANCE[preset]);
        assert.equal(input.enable_safety_checker, true);
        for (const name of [
            "finetune_id",
            "finetune_strength",
            "safety_tolerance",
            "aspect_ratio",
            "raw",
            "lora_url",
            "lora_scale",
        ])
            assert.ok(!(name in input), `${name} is not for this endpoint`);
    });

for (const preset of Object.keys(SIZES).filter((p) => p !== "ultra"))
    test(`${preset} makes a picture of a style avatar`, async () => {
        const done = await generate(owner, { prompt: `a ${preset} castle at dusk`, preset, avatar_id: style.id });
        assertFinished(done, preset, style);
        await assertPicture(done.images[0], SIZES[preset]);
        const { endpoint_id: endpoint, input } = await sent(done);
        assert.equal(endpoint, "fal-ai/flux-pro/finetuned");
        assert.equal(input.finetune_id, STYLE.finetune_id);
        assert.equal(input.finetune_strength, FINETUNE[preset]);
        assert.equal(input.safety_tolerance, preset === "artistic" ? "3" : "2");
        assert.ok(!("loras" in input) && !("enable_safety_checker" in input));
    });

test("ultra makes a picture of a style avatar", async () => {
    const done = await generate(owner, {
        prompt: "an ultra harbour",
        preset: "ultra",
        avatar_id: style.id,
        aspect_ratio: "16:9",
    });
    const { endpoint_id: endpoint, input } = await sent(done);
    assert.equal(endpoint, "fal-ai/flux-pro/v1.1-ultra-finetuned");
    assert.equal(input.aspect_ratio, "16:9");
    assert.equal(input.raw, false);
    for (const name of ["image_size", "num_inference_steps", "guidance_scale"]) assert.ok(!(name in input), name);
    const [image] = done.images;
    assert.ok(Math.abs(image.width / image.height - 16 / 9) < 0.05, `${image.width}×${image.height}`);
    await assertPicture(image, [image.width, image.height]);
});

test("ultra without a ratio is square", async () => {
    const done = await generate(owner, { prompt: "an ultra square", preset: "ultra", avatar_id: style.id });
    assert.equal((await sent(done)).input.aspect_ratio, "1:1");
    await assertPicture(done.images[0], SIZES.ultra);
});

test("a style avatar with a LoRA file goes to flux-lora", async () => {
    const done = await generate(owner, { prompt: "a mill", preset: "fast", avatar_id: lora.id });
    const { endpoint_id: endpoint, input } = await sent(done);
    assert.equal(endpoint, "fal-ai/flux-lora");
    assert.deepEqual(input.loras, [{ path: STYLE_LORA.diffusers_lora_file_url, scale: 0.8 }]);
    assert.equal(done.final_prompt, "LINOCUT a mill");
});

test("the trigger is put before the prompt once", async () => {
    const plain = await ask(owner, { prompt: "in a park", preset: "fast", avatar_id: portrait.id });
    assert.equal(plain.final_prompt, "ANNA woman in a park");
    const within = await ask(owner, {
        prompt: "portrait of ANNA woman, smiling",
        preset: "fast",
        avatar_id: portrait.id,
    });
    assert.equal(within.final_prompt, "portrait of ANNA woman, smiling");
    const longer = await ask(owner, { prompt: "INKSTYLES of the world", preset: "fast", avatar_id: style.id });
    assert.equal(longer.final_prompt, "INKSTYLE INKSTYLES of the world");
    const punctuated = await ask(owner, { prompt: "a cat (INKSTYLE)", preset: "fast", avatar_id: style.id });
    assert.equal(punctuated.final_prompt, "a cat (INKSTYLE)");
    for (const generation of [plain, within, longer, punctuated]) {
        const done = await follow(owner, generation.id);
        assert.equal(done.status, "completed");
        await sent(done);
        assert.equal(done.prompt, generation.prompt, "the prompt is kept as it was written");
    }
});

test("four pictures of one generation, as PNG, of a size of one's own, with a seed beyond 2^53", async () => {
    const seed = "17454220438242315174";
    const body = {
        prompt: "four of a kind",
        avatar_id: portrait.id,
        num_images: 4,
        image_size: { width: 300, height: 420 },
        seed,
    };
    const done = await generate(owner, {
        ...body,
        overrides: { output_format: "png", num_inference_steps: 7, guidance_scale: 2.25, lora_scale: 0.5 },
    });
    assert.equal(done.seed, seed);
    assert.equal(done.images.length, 4);
    for (const image of done.images) {
        assert.equal(image.content_type, "image/png");
        await assertPicture(image, [300, 420]);
    }
    const { input } = await sent(done);
    assert.deepEqual(input.image_size, { width: 300, height: 420 });
    assert.equal(input.num_inference_steps, 7);
    assert.equal(input.guidance_scale, 2.25);
    assert.deepEqual(input.loras, [{ path: PORTRAIT.diffusers_lora_file_url, scale: 0.5 }]);
    assert.equal(new Set(done.images.map((i) => i.id)).size, 4);
});

test("without avatar and preset it takes the main avatar and the preset of the settings", async () => {
    await owner.patch("/api/v1/me", { default_preset: "fast" });
    const generation = await ask(owner, { prompt: "by default" });
    assert.equal(generation.avatar_id, portrait.id, "the first avatar is the main one");
    assert.equal(generation.preset, "fast");
    assert.equal((await follow(owner, generation.id)).status, "completed");
});

test("the answer to the request is the generation at Location", async () => {
    const answer = await owner.post(
        "/api/v1/generations",
        { prompt: "at its place", preset: "fast", avatar_id: portrait.id },
        { status: 202 },
    );
    assert.equal(answer.headers.location, `/api/v1/generations/${answer.json.id}`);
    assert.ok(["pending", "submitting"].includes(answer.json.status));
    assert.deepEqual(answer.json.images, []);
    assert.equal((await follow(owner, answer.json.id)).status, "completed");
});

test("a prompt of a thousand characters of four bytes each is taken as it is", async () => {
    const prompt = "😀".repeat(1000);
    const done = await generate(owner, { prompt, preset: "fast", avatar_id: style.id });
    assert.equal(done.prompt, prompt);
    assert.equal(done.images[0].prompt, prompt);
});

test("the presets' catalogue has all eight and tells what goes with an avatar", async () => {
    const { json } = await owner.get("/api/v1/presets");
    assert.deepEqual(
        json.presets.map((p) => p.name),
        Object.keys(SIZES),
    );
    assert.ok(json.presets.every((p) => p.supported));
    const sizes = Object.fromEntries(json.image_sizes.map((s) => [s.name, [s.width, s.height]]));
    assert.deepEqual(sizes.portrait_16_9, [576, 1024]);
    assert.deepEqual(json.aspect_ratios, ["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"]);
    assert.deepEqual(
        json.training_presets.map((p) => p.portrait.steps),
        [500, 1000, 2500],
    );
    for (const preset of json.presets.filter((p) => STEPS[p.name])) {
        assert.equal(preset.parameters.num_inference_steps, STEPS[preset.name]);
        assert.equal(preset.parameters.finetune_strength, FINETUNE[preset.name]);
    }
    const forPortrait = (await owner.get(`/api/v1/presets?avatar_id=${portrait.id}`)).json.presets;
    assert.deepEqual(
        forPortrait.filter((p) => !p.supported).map((p) => [p.name, p.reason]),
        [["ultra", "preset_not_supported"]],
    );
    const forStyle = (await owner.get(`/api/v1/presets?avatar_id=${style.id}`)).json.presets;
    assert.ok(forStyle.every((p) => p.supported));
});
