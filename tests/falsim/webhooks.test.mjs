import assert from "node:assert/strict";
import { postJson, signatureIsGood, sleep, startReceiver, startSim, test } from "./support.mjs";

const sim = await startSim("--webhook-first-ms", "100");
const LORA = "fal-ai/flux-lora";
const input = { prompt: "море и «закат» 🌅", image_size: "square" };
const submit = async (hook, given = input) => (await sim.fal.queue.submit(LORA, { input: given, webhookUrl: hook })).request_id;

/** A receiver for one test. */
async function withReceiver(answer, run) {
  const receiver = await startReceiver(answer);
  try {
    await run(receiver);
  } finally {
    receiver.stop();
    await sim.faults();
  }
}

test("calls once with the result, signed, under the address it was given", () =>
  withReceiver(undefined, async (receiver) => {
    const id = await submit(`${receiver.url}/hook?training_type=portrait&avatar=1`);
    const [hook] = await receiver.wait(1);
    assert.equal(hook.path, "/hook?training_type=portrait&avatar=1");
    assert.equal(hook.headers["content-type"], "application/json");
    assert.equal(hook.headers["x-fal-webhook-request-id"], id);
    assert.ok(await signatureIsGood(sim, hook));
    const body = JSON.parse(hook.body);
    assert.deepEqual([body.request_id, body.gateway_request_id, body.status, body.error], [id, id, "OK", null]);
    const result = await (await sim.get(`/${LORA}/requests/${id}`)).json();
    assert.deepEqual(body.payload, result);
    assert.deepEqual(await sim.delivered(id, 1), [200]);
    await sleep(300);
    assert.equal(receiver.hooks.length, 1);
  }));

test("writes the body as Python would: members in order, spaces, escapes beyond ASCII", () =>
  withReceiver(undefined, async (receiver) => {
    await submit(receiver.url);
    const [hook] = await receiver.wait(1);
    const text = hook.body.toString();
    assert.match(text, /^\{"error": null, "gateway_request_id": "[^"]+", "payload": \{"has_nsfw_concepts": \[false\], "images": \[\{"content_type"/);
    assert.ok(text.includes('"prompt": "\\u043c\\u043e\\u0440\\u0435 \\u0438 \\u00ab'));
    assert.ok(text.includes("\\ud83c\\udf05"));
    assert.match(text, /, "status": "OK"\}$/);
  }));

test("calls with ERROR and the faults when the run failed", () =>
  withReceiver(undefined, async (receiver) => {
    await submit(receiver.url, { num_images: 9 });
    const [hook] = await receiver.wait(1);
    const body = JSON.parse(hook.body);
    assert.deepEqual([body.status, body.error], ["ERROR", "Invalid status code: 422"]);
    assert.equal(body.payload.detail[0].type, "missing");
    assert.ok(await signatureIsGood(sim, hook));
  }));

test("fails the check when one byte of the body changes", () =>
  withReceiver(undefined, async (receiver) => {
    await submit(receiver.url);
    const [hook] = await receiver.wait(1);
    hook.body[20] ^= 1;
    assert.equal(await signatureIsGood(sim, hook), false);
  }));

test("repeats the same body after 5xx and 4xx until it is taken, with growing pauses", () =>
  withReceiver((i) => [500, 404, 503, 200][i] ?? 200, async (receiver) => {
    const id = await submit(receiver.url);
    const hooks = await receiver.wait(4);
    assert.equal(hooks.length, 4);
    assert.ok(hooks.every((h) => h.body.equals(hooks[0].body)));
    assert.ok(hooks[3].at - hooks[2].at > hooks[1].at - hooks[0].at);
    assert.deepEqual(await sim.delivered(id, 4), [500, 404, 503, 200]);
  }));

test("gives up at a redirect", () =>
  withReceiver(() => 302, async (receiver) => {
    const id = await submit(receiver.url);
    await receiver.wait(1);
    assert.deepEqual(await sim.delivered(id, 1), [302]);
    await sleep(500);
    assert.equal(receiver.hooks.length, 1);
  }));

test("repeats when nobody listens", async () => {
  const receiver = await startReceiver();
  receiver.stop();
  const other = await startSim("--webhook-first-ms", "100"); // its repetitions must not meet the faults of other tests
  const { request_id: id } = await other.fal.queue.submit(LORA, { input, webhookUrl: receiver.url });
  assert.deepEqual((await other.delivered(id, 2)).slice(0, 2), [0, 0]);
  await other.stop();
});

test("does not call after a cancel", () =>
  withReceiver(undefined, async (receiver) => {
    const slow = await startSim("--webhook-first-ms", "100", "--generation-ms", "1000"); // time enough to cancel
    const { request_id: id } = await slow.fal.queue.submit(LORA, { input, webhookUrl: receiver.url });
    await slow.fal.queue.cancel(LORA, { requestId: id });
    await sleep(1300);
    assert.equal(receiver.hooks.length, 0);
    await slow.stop();
  }));

test("loses, doubles and delays webhooks to order", () =>
  withReceiver(undefined, async (receiver) => {
    await sim.faults({ op: "webhook", fault: "lost", count: 1 }, { op: "webhook", fault: "duplicate", count: 1 }, { op: "webhook", fault: "delayed", delay_ms: 800, count: 1 });
    const lost = await submit(receiver.url);
    await sim.finish(lost);
    const doubled = await submit(receiver.url);
    await receiver.wait(2);
    assert.deepEqual(receiver.hooks.map((h) => JSON.parse(h.body).request_id), [doubled, doubled]);
    const late = await submit(receiver.url);
    await sim.finish(late);
    await receiver.wait(3);
    assert.ok(receiver.hooks[2].at - Date.parse((await sim.request(late)).ended_at) > 750);
    assert.deepEqual((await sim.request(lost)).deliveries, []);
  }));

test("sends a webhook behind a later one to order", () =>
  withReceiver(undefined, async (receiver) => {
    await sim.faults({ op: "webhook", fault: "reordered", delay_ms: 20000, count: 1 });
    const first = await submit(receiver.url);
    await sim.finish(first);
    const second = await submit(receiver.url);
    await receiver.wait(2);
    assert.deepEqual(receiver.hooks.map((h) => JSON.parse(h.body).request_id), [second, first]);
  }));

test("signs wrongly to order: strange key, flipped bit, old time", () =>
  withReceiver((i) => (i % 2 ? 200 : 401), async (receiver) => {
    for (const fault of ["forged", "bad_signature", "old_timestamp"]) {
      await sim.faults({ op: "webhook", fault, count: 1 });
      const before = receiver.hooks.length;
      await submit(receiver.url);
      await receiver.wait(before + 2);
      assert.equal(await signatureIsGood(sim, receiver.hooks[before]), false, fault);
      assert.equal(await signatureIsGood(sim, receiver.hooks[before + 1]), true, fault);
    }
  }));

test("changes the key to order and publishes both", () =>
  withReceiver(undefined, async (receiver) => {
    const keys = async () => (await (await fetch(`${sim.url}/.well-known/jwks.json`)).json()).keys.map((k) => k.x);
    const [old] = await keys();
    await sim.faults({ op: "webhook", fault: "key_rotated", count: 1 });
    await submit(receiver.url);
    const [hook] = await receiver.wait(1);
    assert.ok(await signatureIsGood(sim, hook));
    const now = await keys();
    assert.equal(now.length, 2);
    assert.notEqual(now[0], old);
    assert.equal(now[1], old);
  }));

test("replaces the key to order: the old one is gone", () =>
  withReceiver(undefined, async (receiver) => {
    const keys = async () => (await (await fetch(`${sim.url}/.well-known/jwks.json`)).json()).keys.map((k) => k.x);
    const [old] = await keys();
    await sim.faults({ op: "webhook", fault: "key_replaced", count: 1 });
    await submit(receiver.url);
    const [hook] = await receiver.wait(1);
    assert.ok(await signatureIsGood(sim, hook));
    assert.equal((await keys()).includes(old), false);
  }));

test("sends as many doubles as are ordered", () =>
  withReceiver((i) => (i === 0 ? 500 : 200), async (receiver) => {
    await sim.faults({ op: "webhook", fault: "duplicate", times: 5, count: 1 });
    const id = await submit(receiver.url);
    assert.equal((await receiver.wait(6)).length, 6); // one was refused and comes again
    assert.ok(receiver.hooks.every((hook) => hook.body.equals(receiver.hooks[0].body)));
    assert.deepEqual((await sim.delivered(id, 6)).sort(), [200, 200, 200, 200, 200, 500]);
    await sleep(300);
    assert.equal(receiver.hooks.length, 6);
  }));

test("calls again when it is asked to, whatever became of the first call", () =>
  withReceiver(undefined, async (receiver) => {
    const again = async (id) => (await postJson(`${sim.url}/_sim/webhooks`, { request_id: id })).status;
    await sim.faults({ op: "webhook", fault: "lost", count: 1 });
    const id = await submit(receiver.url);
    assert.equal(await again(id), 409); // it runs
    await sim.finish(id);
    for (const count of [1, 2]) {
      assert.equal(await again(id), 202);
      await receiver.wait(count);
    }
    assert.deepEqual(receiver.hooks.map((hook) => JSON.parse(hook.body).request_id), [id, id]);
    assert.ok(await signatureIsGood(sim, receiver.hooks[1]));
    const { request_id: silent } = await sim.submit(LORA, input);
    await sim.finish(silent);
    assert.equal(await again(silent), 409); // nobody wanted to be called
    assert.equal(await again("0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11"), 404);
    assert.equal(await again("nonsense"), 422);
  }));

test("gives up when what the webhook tells of has expired", () =>
  withReceiver(() => 500, async (receiver) => {
    const short = await startSim("--webhook-first-ms", "500", "--result-ttl-s", "1");
    await short.submit(LORA, input, `?fal_webhook=${encodeURIComponent(receiver.url)}`);
    await receiver.wait(1);
    await sleep(3500);
    assert.ok(receiver.hooks.length <= 3);
    await short.stop();
  }));
