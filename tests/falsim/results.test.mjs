import assert from "node:assert/strict";
import { download, jpegSize, readPng, sleep, startSim, test } from "./support.mjs";

const sim = await startSim();
const LORA = "fal-ai/flux-lora";
const FINETUNE = { finetune_id: "0f0e0d0c-0b0a-4908-8706-050403020100", finetune_strength: 1.1 };
const picture = async (result, i = 0) => download(result.body.images[i].url);

test("draws JPEGs of exactly the promised size for every preset and for free sizes", async () => {
  const sizes = {
    square_hd: [1024, 1024],
    square: [512, 512],
    portrait_4_3: [768, 1024],
    portrait_16_9: [576, 1024],
    landscape_4_3: [1024, 768],
    landscape_16_9: [1024, 576],
  };
  const wanted = [...Object.entries(sizes), [{ width: 333, height: 517 }, [333, 517]], [{ width: 640 }, [640, 512]], [undefined, [1024, 768]]];
  for (const [image_size, size] of wanted) {
    const result = await sim.result(LORA, { prompt: "горы на закате", image_size });
    const image = result.body.images[0];
    assert.deepEqual([image.width, image.height, image.content_type], [...size, "image/jpeg"]);
    assert.deepEqual(jpegSize(await picture(result)), size);
  }
});

test("draws the ultra model's ratios at about four megapixels", async () => {
  for (const [aspect_ratio, size] of [["1:1", [2048, 2048]], ["9:16", [1536, 2752]], [undefined, [2752, 1536]], ["what", [2752, 1536]]]) {
    const result = await sim.result("fal-ai/flux-pro/v1.1-ultra-finetuned", { prompt: "castle", ...FINETUNE, aspect_ratio });
    assert.deepEqual(jpegSize(await picture(result)), size);
  }
});

test("draws PNGs when they are ordered", async () => {
  const result = await sim.result(LORA, { prompt: "forest", image_size: "square", output_format: "png" });
  const { size, rows } = readPng(await picture(result));
  assert.deepEqual(size, [512, 512]);
  assert.equal(rows.length, 512 * (1 + 3 * 512));
  assert.equal(result.body.images[0].content_type, "image/png");
});

test("repeats a picture byte for byte from its seed, and draws others for other seeds, prompts and places", async () => {
  const input = { prompt: "city at night", seed: 77, num_images: 3, image_size: "square" };
  const once = await sim.result(LORA, input);
  const again = await sim.result(LORA, input);
  const files = await Promise.all([0, 1, 2].map((i) => picture(once, i)));
  for (const i of [0, 1, 2]) assert.ok(files[i].equals(await picture(again, i)));
  assert.ok(!files[0].equals(files[1]) && !files[1].equals(files[2]));
  assert.ok(!files[0].equals(await picture(await sim.result(LORA, { ...input, seed: 78, num_images: 1 }))));
  assert.ok(!files[0].equals(await picture(await sim.result(LORA, { ...input, prompt: "city at dawn", num_images: 1 }))));
});

test("gives unsigned 64-bit seeds as bare numbers, its own and the caller's", async () => {
  const seeds = [];
  const isLarge = (seed) => seed > 2n ** 63n - 1n; // one of two is
  while (!seeds.some(isLarge) && seeds.length < 64) {
    const own = await sim.result(LORA, { prompt: "sea", image_size: "square" });
    seeds.push(BigInt(/"seed":(\d+)/.exec(own.text)[1]));
  }
  assert.ok(seeds.some(isLarge));
  const { request_id: id } = JSON.parse(
    await (await sim.get("/" + LORA, { method: "POST", body: '{"prompt":"sea","seed":17454220438242315174}' })).text(),
  );
  await sim.finish(id);
  assert.match(await (await sim.get(`/${LORA}/requests/${id}`)).text(), /"seed":17454220438242315174,/);
});

test("has all five members in a result, and its headers", async () => {
  const { body, response, id } = await sim.result(LORA, { prompt: "луна", num_images: 2, image_size: "square" });
  assert.deepEqual(Object.keys(body).sort(), ["has_nsfw_concepts", "images", "prompt", "seed", "timings"]);
  assert.equal(body.images.length, 2);
  assert.deepEqual(body.has_nsfw_concepts, [false, false]);
  assert.equal(typeof body.timings.inference, "number");
  assert.equal(response.headers.get("x-fal-request-id"), id);
  assert.equal(response.headers.get("x-fal-billable-units"), "1");
  assert.match(response.headers.get("content-type"), /^application\/json/);
});

test("blackens a flagged picture of the LoRA models and says so", async () => {
  const input = { prompt: "nsfw-test", image_size: "square", output_format: "png" };
  const { body, response } = await sim.result(LORA, input);
  assert.equal(response.status, 200);
  assert.deepEqual(body.has_nsfw_concepts, [true]);
  const { size, rows } = readPng(await download(body.images[0].url));
  assert.deepEqual(size, [512, 512]);
  assert.ok(rows.every((byte, i) => byte === 0 || i % (1 + 3 * 512) === 0));
  const unchecked = await sim.result(LORA, { ...input, enable_safety_checker: false });
  assert.deepEqual(unchecked.body.has_nsfw_concepts, [false]);
});

test("refuses a flagged prompt for the pro models with a content policy violation", async () => {
  for (const endpoint of ["fal-ai/flux-pro/finetuned", "fal-ai/flux-pro/v1.1-ultra-finetuned"]) {
    const { body, response } = await sim.result(endpoint, { prompt: "a nsfw-test", ...FINETUNE });
    assert.equal(response.status, 422);
    assert.equal(body.detail[0].type, "content_policy_violation");
    assert.deepEqual(body.detail[0].loc, ["body", "prompt"]);
  }
});

test("puts the picture into the answer in sync mode", async () => {
  const { body } = await sim.result(LORA, { prompt: "sea", image_size: "square", sync_mode: true });
  const [head, data] = body.images[0].url.split(",");
  assert.equal(head, "data:image/jpeg;base64");
  assert.deepEqual(jpegSize(Buffer.from(data, "base64")), [512, 512]);
});

test("makes a variation of a picture in its size, closer to it when the strength is low", async () => {
  const source = await sim.result(LORA, { prompt: "desert", seed: 1, image_size: { width: 480, height: 320 } });
  const image_url = source.body.images[0].url;
  const result = await sim.result(LORA + "/image-to-image", { prompt: "desert", image_url, strength: 0.5, seed: 2 });
  assert.deepEqual(jpegSize(await picture(result)), [480, 320]);
  assert.ok(!(await picture(result)).equals(await picture(source)));
});

// The samples of an RGB PNG whose rows are stored as they are, each behind its filter's number.
function pixels(png) {
  const { size, rows } = readPng(png);
  const stride = 1 + 3 * size[0];
  for (let y = 0; y < size[1]; y++) assert.equal(rows[y * stride], 0, "no filter");
  return rows;
}

// How much the samples of two PNGs differ on average.
const unlike = (a, b) => {
  const [x, y] = [pixels(a), pixels(b)];
  return x.reduce((sum, value, i) => sum + Math.abs(value - y[i]), 0) / x.length;
};

test("a variation is the nearer to its picture the lower the strength, and ultra the nearer the higher its own", async () => {
  const size = { image_size: "square", output_format: "png" };
  const first = await sim.result(LORA, { prompt: "desert", seed: 1, ...size });
  const source = await picture(first);
  const image_url = first.body.images[0].url;
  const vary = async (strength) => picture(await sim.result(LORA + "/image-to-image", { prompt: "city at night", seed: 2, image_url, strength, ...size }));
  const [near, middle, far] = [unlike(await vary(0.05), source), unlike(await vary(0.5), source), unlike(await vary(1), source)];
  assert.ok(near < middle && middle < far, `${near} < ${middle} < ${far}`);
  const usual = { prompt: "city at night", seed: 2, image_url, output_format: "png" };
  const [unsaid, asUsual] = [await sim.result(LORA + "/image-to-image", usual), await sim.result(LORA + "/image-to-image", { ...usual, strength: 0.85 })];
  assert.ok((await picture(unsaid)).equals(await picture(asUsual)), "0.85 when it is not said");
  const ultra = (image_prompt_strength) =>
    sim.result("fal-ai/flux-pro/v1.1-ultra-finetuned", { prompt: "city", seed: 2, ...FINETUNE, aspect_ratio: "1:1", image_url, image_prompt_strength });
  const [none, some] = [await picture(await ultra(0)), await picture(await ultra(0.5))];
  assert.ok(!none.equals(some));
  const alone = await sim.result("fal-ai/flux-pro/v1.1-ultra-finetuned", { prompt: "city", seed: 2, ...FINETUNE, aspect_ratio: "1:1" });
  assert.ok(none.equals(await picture(alone)), "at 0 nothing is kept of it");
});

test("forgets results and files after their time, large results sooner", async () => {
  const short = await startSim("--result-ttl-s", "3", "--large-result-ttl-s", "1", "--file-ttl-s", "2");
  const small = await short.result(LORA, { prompt: "sea", image_size: "square" });
  const { url } = small.body.images[0];
  assert.equal((await fetch(url)).status, 200);
  const large = await short.result(LORA, { prompt: "sea", image_size: "square", sync_mode: true });
  const status = async (id, path) => (await short.get(`/${LORA}/requests/${id}${path}`)).status;
  const expires = async (what, ask) => {
    for (const end = Date.now() + 10000; Date.now() < end; await sleep(50)) if ((await ask()) === 404) return Date.now();
    throw new Error(`${what} is still there`);
  };
  const [largeGone, fileGone, smallGone] = await Promise.all([
    expires("the large result", () => status(large.id, "")),
    expires("the file", async () => (await fetch(url)).status),
    expires("the small result", () => status(small.id, "")),
  ]);
  assert.ok(largeGone < smallGone && fileGone < smallGone);
  for (const { id } of [small, large]) assert.deepEqual(await (await short.get(`/${LORA}/requests/${id}/status`)).json(), { status: "NOT_FOUND" });
  assert.equal((await short.requests()).length, 2); // who looks inside still sees them
  await short.stop();
});

test("lists what it accepted by pages", async () => {
  const other = await startSim("--generation-ms", "60000");
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await other.submit(LORA, { prompt: `number ${i}` })).request_id);
  const page = async (query) => (await (await other.get(`/_sim/requests?${query}`)).json()).requests.map((r) => r.request_id);
  assert.deepEqual(await page("limit=2"), ids.slice(0, 2));
  assert.deepEqual(await page(`since=${ids[1]}&limit=2`), ids.slice(2, 4));
  assert.deepEqual(await page(`since=${ids[2]}`), ids.slice(3));
  assert.deepEqual(await page(`since=${ids[4]}`), []);
  for (const query of ["since=nobody", "limit=0", "limit=x"]) assert.equal((await other.get(`/_sim/requests?${query}`)).status, 404);
  await other.stop();
});

test("draws one colour to order, by seed and prompt, in the right size and the same again", async () => {
  const plain = await startSim("--plain-pictures");
  const paint = async (input) => picture(await plain.result(LORA, { prompt: "sea", image_size: "portrait_4_3", ...input }));
  const [one, again, other, flagged] = await Promise.all([{ seed: 1 }, { seed: 1 }, { seed: 2 }, { seed: 1, prompt: "nsfw-test" }].map(paint));
  assert.deepEqual(jpegSize(one), [768, 1024]);
  assert.ok(one.equals(again));
  assert.ok(!one.equals(other) && !one.equals(flagged));
  await plain.stop();
});
