// Trainings: what they check, say, give, and how they fail.
import { File } from "node:buffer";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { download, makeZip, pictureOf, pictures, readSafetensors, signatureIsGood, sleep, startReceiver, startSim, test } from "./support.mjs";

const sim = await startSim("--webhook-first-ms", "100");
const PORTRAIT = "fal-ai/flux-lora-portrait-trainer";
const STYLE = "fal-ai/flux-lora-fast-training";
const PRO = "fal-ai/flux-pro-trainer";
const inline = (bytes) => `data:application/zip;base64,${Buffer.from(bytes).toString("base64")}`;
const good = inline(makeZip(pictures(5), { packed: true }));

/** The one fault of an input, which is the archive's. */
async function faultOf(images_data_url, endpoint = PORTRAIT, rest = {}) {
  const { body, response } = await sim.result(endpoint, { images_data_url, ...rest });
  assert.equal(response.status, 422, JSON.stringify(body));
  assert.equal(response.headers.get("x-fal-billable-units"), "0");
  assert.equal(body.detail.length, 1);
  return body.detail[0];
}

const upload = (bytes) => sim.fal.storage.upload(new File([bytes], "face.zip", { type: "application/zip" }));

test("trains a LoRA and gives its files, most of whose facts are null", async () => {
  const images_data_url = await upload(makeZip(pictures(10)));
  for (const endpoint of [PORTRAIT, STYLE]) {
    const { data } = await sim.fal.subscribe(endpoint, { input: { images_data_url, steps: 100 }, pollInterval: 50, logs: true });
    const lora = data.diffusers_lora_file;
    assert.deepEqual([lora.content_type, lora.file_name, lora.file_size], [null, null, null]);
    const weights = await download(lora.url);
    const { metadata, tensors } = readSafetensors(weights);
    assert.ok(weights.length > 1.7 * 2 ** 20 && weights.length < 2.1 * 2 ** 20, String(weights.length));
    assert.equal(metadata.format, "pt");
    assert.deepEqual(tensors["transformer.transformer_blocks.0.attn.to_q.lora_A.weight"].shape, [16, 3072]);
    assert.deepEqual(tensors["transformer.transformer_blocks.0.attn.to_q.lora_B.weight"].shape, [3072, 16]);
    assert.equal(data.config_file.file_name, "config.json");
    const config = await download(data.config_file.url);
    assert.equal(config.length, data.config_file.file_size);
    assert.equal(JSON.parse(config).steps, 100);
  }
});

test("makes weights as large as they are ordered, with all blocks of the model when there is room", async () => {
  for (const [mib, low, high, rank] of [[0, 0.1, 0.3, 16], [40, 37, 41, 32]]) {
    const other = await startSim("--lora-mib", String(mib));
    const { body } = await other.result(STYLE, { images_data_url: good });
    const weights = await download(body.diffusers_lora_file.url);
    const { tensors } = readSafetensors(weights);
    assert.ok(weights.length > low * 2 ** 20 && weights.length < high * 2 ** 20, String(weights.length));
    assert.equal(tensors["transformer.transformer_blocks.0.attn.to_q.lora_A.weight"].shape[0], rank);
    assert.equal("transformer.single_transformer_blocks.0.attn.to_v.lora_B.weight" in tensors, mib > 20);
    await other.stop();
  }
  await assert.rejects(startSim("--lora-mib", "1025"), /too large a number for --lora-mib/);
});

test("writes the steps of a training into its log, while it runs, for those who ask", async () => {
  const slow = await startSim("--training-ms", "20000");
  const { request_id: id } = await slow.submit(PORTRAIT, { images_data_url: good, steps: 200 });
  const status = async (query) => (await slow.get(`/${PORTRAIT}/requests/${id}/status${query}`)).json();
  let running;
  for (const end = Date.now() + 15000; Date.now() < end && !running?.logs?.length; await sleep(50)) running = await status("?logs=1");
  assert.equal(running.status, "IN_PROGRESS");
  assert.equal(running.logs[0].message, "step 10/200");
  assert.ok(running.logs.length < 20);
  assert.equal((await status("")).logs, null);
  assert.equal((await status("?logs=0")).logs, null);
  await slow.stop();
  const { request_id: other } = await sim.submit(PORTRAIT, { images_data_url: good, steps: 200 });
  await sim.finish(other, PORTRAIT);
  const done = await (await sim.get(`/${PORTRAIT}/requests/${other}/status?logs=true`)).json();
  assert.equal(done.logs.at(-1).message, "step 200/200");
});

test("says that a training has no steps of its own by the trainers' defaults", async () => {
  for (const [endpoint, last] of [[PORTRAIT, "step 2500/2500"], [STYLE, "step 1000/1000"]]) {
    const { request_id: id } = await sim.submit(endpoint, { images_data_url: good });
    await sim.finish(id, endpoint);
    const { logs } = await (await sim.get(`/${endpoint}/requests/${id}/status?logs=1`)).json();
    assert.equal(logs.at(-1).message, last);
  }
});

test("checks every field of a training", async () => {
  for (const [endpoint, input, faults] of [
    [PORTRAIT, {}, { images_data_url: "missing" }],
    [PORTRAIT, { images_data_url: good, steps: 0 }, { steps: "greater_than_equal" }],
    [PORTRAIT, { images_data_url: good, steps: 10001, learning_rate: 0.01 }, { steps: "less_than_equal", learning_rate: "less_than_equal" }],
    [PORTRAIT, { images_data_url: 7, subject_crop: "perhaps" }, { images_data_url: "string_type", subject_crop: "bool_parsing" }],
    [STYLE, { is_style: [] }, { images_data_url: "missing", is_style: "bool_type" }],
  ]) {
    const { body, response } = await sim.result(endpoint, input);
    assert.equal(response.status, 422);
    assert.deepEqual(Object.fromEntries(body.detail.map((d) => [d.loc[1], d.type])), faults);
  }
});

test("looks into the archive", async () => {
  const type = async (bytes) => (await faultOf(inline(bytes))).type;
  assert.equal(await type("this is no archive"), "invalid_archive");
  assert.equal(await type(pictureOf(1)), "invalid_archive"); // a picture that was renamed
  assert.equal(await type(makeZip(pictures(10)).subarray(0, -30)), "invalid_archive");
  assert.equal(await type(makeZip(pictures(10)).subarray(0, 60)), "invalid_archive");
  assert.equal(await type(makeZip(pictures(10), { flags: 1 })), "invalid_archive");
  assert.equal(await type(makeZip({ ...pictures(10), "x.jpg": "this is a text, and no picture" })), "invalid_archive");
  const spoiled = makeZip(pictures(10));
  spoiled[200] ^= 1;
  assert.equal(await type(spoiled), "invalid_archive");
  const fault = await faultOf(inline("x"));
  assert.deepEqual(fault.loc, ["body", "images_data_url"]);
  assert.deepEqual(fault.ctx, { supported_extensions: [".zip"] });
  assert.equal((await faultOf(inline("x"), STYLE)).type, "invalid_archive");
});

test("counts the pictures in the archive", async () => {
  const below = await faultOf(inline(makeZip({ ...pictures(3), "__MACOSX/a.jpg": "2", "b.txt": "a caption" }, { packed: true })));
  assert.equal(below.type, "archive_file_count_below_minimum");
  assert.deepEqual([below.ctx.min_count, below.ctx.provided_count], [4, 3]);
  assert.equal((await faultOf(inline(makeZip({})))).ctx.provided_count, 0);
  assert.equal((await sim.result(PORTRAIT, { images_data_url: inline(makeZip(pictures(4))) })).response.status, 200);
});

test("fetches the archive from where it is said to be, and says when it is not there", async () => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    const status = { "/good.zip?sign=1": 200, "/expired.zip": 403, "/moved.zip": 302, "/broken.zip": 500 }[request.url] ?? 404;
    if (request.url === "/cut.zip") return response.writeHead(200, { "content-length": 100000 }).write("PK", () => request.socket.destroy());
    return response.writeHead(status, { location: "/good.zip?sign=1" }).end(status === 200 ? makeZip(pictures(10)) : "<xml>");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const at = (path) => `http://127.0.0.1:${server.address().port}/${path}`;
  assert.equal((await sim.result(PORTRAIT, { images_data_url: at("good.zip?sign=1") })).response.status, 200);
  assert.deepEqual(asked, [["/good.zip?sign=1", undefined]]);
  for (const url of [at("expired.zip"), at("broken.zip"), at("moved.zip"), at("cut.zip"), at("nothing.zip"), `${sim.url}/files/in/nothing.zip`, "http://127.0.0.1:1/closed.zip", "data:application/zip;base64,****", "no address"])
    assert.equal((await faultOf(url)).type, "file_download_error", url);
  server.close();
});

test("forgets an uploaded archive after the time that was asked for", async () => {
  const put = async (seconds) => {
    const headers = { "x-fal-object-lifecycle": JSON.stringify({ expiration_duration_seconds: seconds }) };
    const body = JSON.stringify({ content_type: "application/zip", file_name: "photos.zip" });
    const { upload_url, file_url } = await (await sim.get("/storage/upload/initiate?storage_type=fal-cdn-v3", { method: "POST", body, headers })).json();
    assert.equal((await fetch(upload_url, { method: "PUT", body: makeZip(pictures(10)) })).status, 200);
    return file_url;
  };
  const [short, long] = [await put(2), await put(3600)];
  assert.equal((await fetch(short)).status, 200);
  for (const end = Date.now() + 10000; (await fetch(short)).status !== 404; await sleep(100)) assert.ok(Date.now() < end, "it is still there");
  assert.equal((await faultOf(short)).type, "file_download_error");
  assert.equal((await fetch(long)).status, 200);
});

test("makes pictures with weights that are there, and with no others, when it is to look", async () => {
  const strict = await startSim("--check-loras");
  const { body } = await strict.result(STYLE, { images_data_url: good });
  const paint = async (path) => (await strict.result("fal-ai/flux-lora", { prompt: "sea", image_size: "square", loras: [{ path, scale: 1 }] })).body;
  assert.equal((await paint(body.diffusers_lora_file.url)).images.length, 1);
  for (const path of [body.config_file.url, body.diffusers_lora_file.url.replace(".safetensors", ".gone"), "http://127.0.0.1:1/x", "data:;base64,AAAA"]) {
    const [fault] = (await paint(path)).detail;
    assert.deepEqual([fault.type, fault.loc], ["file_download_error", ["body", "loras"]], path);
  }
  await strict.stop();
});

test("no longer trains with the retired model, unless it is told to", async () => {
  const input = { data_url: good, finetune_comment: "test", iterations: 200 };
  const { body, response } = await sim.result(PRO, input);
  assert.equal(response.status, 422);
  assert.deepEqual([body.detail[0].type, body.detail[0].loc], ["feature_not_supported", ["body"]]);
  const old = await startSim("--pro-trainer");
  const { body: made } = await old.result(PRO, input);
  assert.match(made.finetune_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal((await old.result(PRO, { ...input, data_url: inline("x") })).body.detail[0].loc[1], "data_url");
  await old.stop();
});

test("is cancelled while it waits, while it runs, and not any more afterwards", async () => {
  const slow = await startSim("--concurrency", "1", "--training-ms", "60000");
  const submit = async () => (await slow.submit(PORTRAIT, { images_data_url: good })).request_id;
  const status = async (id) => (await slow.get(`/${PORTRAIT}/requests/${id}/status`)).json();
  const cancel = async (id) => {
    const response = await slow.get(`/${PORTRAIT}/requests/${id}/cancel`, { method: "PUT" });
    return [response.status, (await response.json()).status];
  };
  const [runs, waits] = [await submit(), await submit()];
  for (const end = Date.now() + 10000; (await status(runs)).status !== "IN_PROGRESS"; await sleep(20)) assert.ok(Date.now() < end);
  assert.equal((await status(waits)).status, "IN_QUEUE");
  for (const id of [waits, runs]) {
    assert.deepEqual(await cancel(id), [202, "CANCELLATION_REQUESTED"]);
    assert.equal((await status(id)).error_type, "client_cancelled");
    assert.equal((await slow.get(`/${PORTRAIT}/requests/${id}`)).status, 499);
    assert.deepEqual(await cancel(id), [400, "ALREADY_COMPLETED"]);
  }
  await slow.stop();
});

/** The result of a training under these rules. */
async function spoiled(...rules) {
  await sim.faults(...rules.map((rule) => ({ endpoint: STYLE, count: 1, ...rule })));
  const result = await sim.result(STYLE, { images_data_url: good });
  await sim.faults();
  return result.body;
}

test("spoils the result to order: no weights, no configuration, sizes that are not true", async () => {
  assert.equal((await spoiled({ op: "result", fault: "null_file" })).diffusers_lora_file, null);
  assert.equal("config_file" in (await spoiled({ op: "result", fault: "missing_config" })), false);
  const lying = await spoiled({ op: "result", fault: "wrong_size" });
  assert.deepEqual([lying.diffusers_lora_file.file_size, lying.config_file.file_size], [7, 7]);
  readSafetensors(await download(lying.diffusers_lora_file.url));
});

test("spoils the weights to order: gone, half, something else, endless, slow, cut on their way", async () => {
  const weights = async (rule) => (await spoiled({ op: "file", ...rule })).diffusers_lora_file.url;
  assert.equal((await fetch(await weights({ fault: "404" }))).status, 404);
  const cut = await download(await weights({ fault: "truncated" }));
  assert.throws(() => readSafetensors(cut), /bytes, and/);
  assert.match((await download(await weights({ fault: "garbage" }))).toString(), /no weights/);
  const endless = await fetch(await weights({ fault: "too_big" }), { method: "HEAD" });
  assert.equal(Number(endless.headers.get("content-length")), 5 * 2 ** 30);
  const begun = Date.now();
  readSafetensors(await download(await weights({ fault: "slow", delay_ms: 1500 })));
  assert.ok(Date.now() - begun > 1500);
  const url = await weights({ fault: "cut", times: 2 });
  for (let i = 0; i < 2; i++) await assert.rejects(download(url));
  readSafetensors(await download(url));
});

test("calls back about a training as about anything else, and loses, doubles, delays and forges the call to order", async () => {
  const receiver = await startReceiver();
  const train = async (...rules) => {
    await sim.faults(...rules.map((rule) => ({ op: "webhook", endpoint: PORTRAIT, count: 1, ...rule })));
    receiver.hooks.length = 0;
    const hook = encodeURIComponent(`${receiver.url}/api/avatar/status_update?training_type=portrait`);
    const { request_id: id } = await sim.submit(PORTRAIT, { images_data_url: good }, `?fal_webhook=${hook}`);
    await sim.finish(id, PORTRAIT);
    return id;
  };
  const id = await train();
  const [hook] = await receiver.wait(1);
  assert.equal(hook.path, "/api/avatar/status_update?training_type=portrait");
  assert.ok(await signatureIsGood(sim, hook));
  const body = JSON.parse(hook.body);
  assert.deepEqual([body.request_id, body.status], [id, "OK"]);
  assert.match(body.payload.diffusers_lora_file.url, /_pytorch_lora_weights\.safetensors$/);
  await train({ fault: "duplicate", times: 3 });
  assert.equal((await receiver.wait(3)).length, 3);
  await train({ fault: "forged" });
  assert.equal(await signatureIsGood(sim, (await receiver.wait(1))[0]), false);
  const late = await train({ fault: "delayed", delay_ms: 700 });
  assert.ok((await receiver.wait(1))[0].at - Date.parse((await sim.request(late)).ended_at) > 650);
  await train({ fault: "lost" });
  await sleep(500);
  assert.equal(receiver.hooks.length, 0);
  await sim.faults();
  receiver.stop();
});

test("ends a training by the faults of any run, and tells of it by webhook", async () => {
  const receiver = await startReceiver();
  await sim.faults({ op: "result", fault: "runner_disconnected", endpoint: PORTRAIT, count: 1 });
  const { request_id: id } = await sim.submit(PORTRAIT, { images_data_url: good }, `?fal_webhook=${encodeURIComponent(receiver.url)}`);
  assert.equal((await sim.finish(id, PORTRAIT)).error_type, "runner_disconnected");
  const body = JSON.parse((await receiver.wait(1))[0].body);
  assert.deepEqual([body.status, body.error], ["ERROR", "Invalid status code: 503"]);
  await sim.faults();
  receiver.stop();
});
