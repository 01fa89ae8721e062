import assert from "node:assert/strict";
import { clientOf, sleep, startSim, test } from "./support.mjs";

const sim = await startSim();
const narrow = await startSim("--concurrency", "1", "--generation-ms", "600");
const ENDPOINT = "fal-ai/flux-lora";
const prompt = "sunset over the sea";

test("accepts a submission and tells where to follow it", async () => {
  const { response, ...answer } = await sim.submit(ENDPOINT + "/image-to-image", { prompt, image_url: "x" });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-fal-request-id"), answer.request_id);
  assert.match(answer.request_id, /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const base = `${sim.url}/fal-ai/flux-lora/requests/${answer.request_id}`;
  assert.deepEqual([answer.response_url, answer.status_url, answer.cancel_url], [base, `${base}/status`, `${base}/cancel`]);
  assert.equal(answer.status, "IN_QUEUE");
  assert.equal(answer.queue_position, 0);
});

test("answers 202 while a request waits or runs and 200 when it is done", async () => {
  const { request_id: id } = await sim.submit(ENDPOINT, { prompt });
  const early = await sim.get(`/fal-ai/flux-lora/requests/${id}/status?logs=0`);
  assert.equal(early.status, 202);
  const running = await early.json();
  assert.match(running.status, /^IN_(QUEUE|PROGRESS)$/);
  assert.equal(running.logs, null);
  await sim.finish(id);
  const late = await sim.get(`/fal-ai/flux-lora/requests/${id}/status/?logs=true`);
  assert.equal(late.status, 200);
  const done = await late.json();
  assert.equal(done.status, "COMPLETED");
  assert.ok(Array.isArray(done.logs) && done.logs.length > 0 && done.logs[0].message && done.logs[0].timestamp);
  assert.ok(done.metrics.inference_time >= 0.25);
  assert.ok(done.response_url && done.status_url && done.cancel_url);
});

test("submits, follows and fetches with the official client", async () => {
  const { request_id: requestId } = await sim.fal.queue.submit(ENDPOINT, { input: { prompt } });
  for (;;) {
    const status = await sim.fal.queue.status(ENDPOINT, { requestId, logs: true });
    if (status.status === "COMPLETED") break;
    assert.ok(Array.isArray(status.logs) || status.status === "IN_QUEUE");
    await sleep(50);
  }
  const { data, requestId: echoed } = await sim.fal.queue.result(ENDPOINT, { requestId });
  assert.equal(echoed, requestId);
  assert.equal(data.images.length, 1);
  assert.equal(data.prompt, prompt);
});

test("finishes the official client's subscription by polling", async () => {
  const seen = [];
  const { data } = await sim.fal.subscribe(ENDPOINT, {
    input: { prompt },
    pollInterval: 50,
    logs: true,
    onQueueUpdate: (update) => seen.push(update.status),
  });
  assert.equal(data.images[0].width, 1024);
  assert.equal(seen.at(-1), "COMPLETED");
});

test("finishes the official client's subscription by streaming", async () => {
  const seen = [];
  const { data } = await sim.fal.subscribe("fal-ai/flux-pro/finetuned", {
    input: { prompt, finetune_id: "f", finetune_strength: 1 },
    mode: "streaming",
    logs: true,
    onQueueUpdate: (update) => seen.push(update.status),
  });
  assert.equal(data.images.length, 1);
  assert.equal(seen.at(-1), "COMPLETED");
});

test("streams each change once, new log lines only, pings, and ends", async () => {
  const { request_id: id } = await narrow.submit(ENDPOINT, { prompt: "first" });
  const { request_id: second } = await narrow.submit(ENDPOINT, { prompt: "second" });
  for (let i = 0; i < 4; i++) await narrow.submit(ENDPOINT, { prompt: "more" });
  const { request_id: last } = await narrow.submit(ENDPOINT, { prompt: "last" });
  const response = await narrow.get(`/fal-ai/flux-lora/requests/${last}/status/stream?logs=1`);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const text = await response.text();
  const events = text.split("\n\n").filter((e) => e.startsWith("data: ")).map((e) => JSON.parse(e.slice(6)));
  assert.ok(text.includes(": ping\n\n"));
  assert.deepEqual([...new Set(events.map((e) => e.status))], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  const positions = events.filter((e) => e.status === "IN_QUEUE").map((e) => e.queue_position);
  assert.deepEqual(positions, [...positions].sort((a, b) => b - a));
  assert.ok(positions[0] >= 4);
  const lines = events.flatMap((e) => e.logs ?? []).map((l) => l.message);
  assert.equal(new Set(lines).size, lines.length);
  assert.ok((await narrow.request(id)).ended_at <= (await narrow.request(second)).ended_at);
});

test("lets a request of low priority wait behind the normal ones", async () => {
  await narrow.submit(ENDPOINT, { prompt: "runs" });
  const low = await narrow.submit(ENDPOINT, { prompt: "low" }, "", { "x-fal-queue-priority": "low" });
  const normal = await narrow.submit(ENDPOINT, { prompt: "normal" }, "", { "x-fal-queue-priority": "normal" });
  await narrow.finish(low.request_id);
  assert.ok((await narrow.request(normal.request_id)).started_at < (await narrow.request(low.request_id)).started_at);
});

test("refuses a submission when the queue is longer than the caller allows", async () => {
  for (let i = 0; i < 3; i++) await narrow.submit(ENDPOINT, { prompt: "fills" });
  const { response } = await narrow.submit(ENDPOINT, { prompt }, "?fal_max_queue_length=1");
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("x-fal-needs-retry"), "1");
});

test("cancels in the queue and while running, not afterwards, not the unknown", async () => {
  const first = await narrow.submit(ENDPOINT, { prompt: "first" });
  const queued = await narrow.submit(ENDPOINT, { prompt: "queued" });
  await narrow.fal.queue.cancel(ENDPOINT, { requestId: queued.request_id });
  const status = await (await narrow.get(`/fal-ai/flux-lora/requests/${queued.request_id}/status`)).json();
  assert.equal(status.status, "COMPLETED");
  assert.equal(status.error_type, "client_cancelled");
  assert.equal((await narrow.get(`/fal-ai/flux-lora/requests/${queued.request_id}`)).status, 499);
  const again = await narrow.get(`/fal-ai/flux-lora/requests/${queued.request_id}/cancel`, { method: "PUT" });
  assert.equal(again.status, 400);
  assert.deepEqual(await again.json(), { status: "ALREADY_COMPLETED" });
  const running = await narrow.get(`/fal-ai/flux-lora/requests/${first.request_id}/cancel`, { method: "PUT" });
  assert.equal(running.status, 202);
  assert.deepEqual(await running.json(), { status: "CANCELLATION_REQUESTED" });
  const unknown = await narrow.get(`/fal-ai/flux-lora/requests/${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}/cancel`, { method: "PUT" });
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), { status: "NOT_FOUND" });
  await assert.rejects(narrow.fal.queue.cancel(ENDPOINT, { requestId: queued.request_id }), { status: 400 });
});

test("says 400 with the addresses when the result is asked for too early", async () => {
  const { request_id: id } = await sim.submit(ENDPOINT, { prompt });
  const response = await sim.get(`/fal-ai/flux-lora/requests/${id}`);
  const body = await response.json();
  assert.equal(response.status, 400);
  assert.equal(body.detail, "Request is still in progress");
  assert.ok(body.request_id && body.response_url && body.status_url && body.cancel_url);
});

test("serves the result under /response and with a slash at the end, too", async () => {
  const { request_id: id } = await sim.submit(ENDPOINT, { prompt });
  await sim.finish(id);
  for (const end of ["", "/", "/response"]) assert.equal((await sim.get(`/fal-ai/flux-lora/requests/${id}${end}`)).status, 200);
});

test("follows only under owner and alias, unless it is lenient", async () => {
  const input = { prompt, finetune_id: "f", finetune_strength: 1 };
  const { request_id: id } = await sim.submit("fal-ai/flux-pro/finetuned", input);
  const strict = await sim.get(`/fal-ai/flux-pro/finetuned/requests/${id}/status`);
  assert.equal(strict.status, 405);
  assert.deepEqual(await strict.json(), { detail: "Method Not Allowed" });
  assert.equal((await sim.get(`/fal-ai/flux-pro/requests/${id}/status`)).ok, true);
  assert.equal((await sim.get(`/fal-ai/flux-lora/requests/${id}/status`)).status, 404);
  const lenient = await startSim("--lenient-paths");
  const other = await lenient.submit("fal-ai/flux-pro/finetuned", input);
  assert.equal((await lenient.get(`/fal-ai/flux-pro/finetuned/requests/${other.request_id}/status`)).ok, true);
  await lenient.stop();
});

test("gives up a request that could not start in time, and says whose deadline it was", async () => {
  const slow = await startSim("--concurrency", "1", "--generation-ms", "3000");
  await slow.submit(ENDPOINT, { prompt: "blocks" });
  const { request_id: id } = await slow.submit(ENDPOINT, { prompt }, "", { "x-fal-request-timeout": "1" });
  const status = await slow.finish(id);
  assert.equal(status.error_type, "request_timeout");
  const result = await slow.get(`/fal-ai/flux-lora/requests/${id}`);
  assert.equal(result.status, 504);
  assert.equal(result.headers.get("x-fal-request-timeout-type"), "user");
  assert.equal(result.headers.get("x-fal-error-type"), "request_timeout");
  await slow.stop();
});

test("asks for a key of the right form, or for the one that it was given", async () => {
  for (const [authorization, words] of [
    ["", /Invalid Key Authorization header format/],
    ["Bearer kid:ksecret", /Invalid Key Authorization header format/],
    ["Key nocolon", /Invalid Key Authorization header format/],
  ]) {
    const response = await sim.get("/fal-ai/flux-lora", { method: "POST", body: "{}", headers: { authorization } });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("x-fal-request-id"), null);
    assert.match((await response.json()).detail, words);
  }
  const locked = await startSim("--key", "right:one");
  await assert.rejects(locked.fal.queue.submit(ENDPOINT, { input: { prompt } }), { status: 401 });
  assert.ok((await clientOf(locked.url, "right:one").queue.submit(ENDPOINT, { input: { prompt } })).request_id);
  await locked.stop();
});

test("lists every accepted submission", async () => {
  const { request_id: id } = await sim.submit(ENDPOINT, { prompt: "to be listed", seed: 5 });
  const entry = await sim.request(id);
  assert.equal(entry.endpoint_id, ENDPOINT);
  assert.deepEqual(entry.input, { prompt: "to be listed", seed: 5 });
  assert.deepEqual(entry.deliveries, []);
  assert.equal(entry.webhook_url, null);
});

test("pages through finished requests, newest first, with their payloads", async () => {
  const other = await startSim("--generation-ms", "20");
  const start = new Date(Date.now() - 1000).toISOString();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await other.submit(ENDPOINT, { prompt: `listed ${i}`, seed: 1000 + i })).request_id);
  for (const id of ids) await other.finish(id);
  const list = async (query) => (await other.get(`/v1/models/requests/by-endpoint?${query}`)).json();
  const first = await list(`endpoint_id=fal-ai%2Fflux-lora&start=${encodeURIComponent(start)}&limit=2&expand=payloads`);
  assert.deepEqual(first.items.map((i) => i.request_id), [ids[4], ids[3]]);
  assert.equal(first.items[0].json_input.seed, 1004);
  assert.equal(first.items[0].json_output.prompt, "listed 4");
  assert.equal(first.items[0].status_code, 200);
  const second = await list(`endpoint_id=fal-ai/flux-lora&limit=2&cursor=${first.next_cursor}`);
  assert.deepEqual(second.items.map((i) => i.request_id), [ids[2], ids[1]]);
  assert.equal(second.items[0].json_input, undefined);
  const third = await list(`endpoint_id=fal-ai/flux-lora&limit=2&cursor=${second.next_cursor}`);
  assert.deepEqual([third.items.length, third.next_cursor, third.has_more], [1, null, false]);
  assert.equal((await list("endpoint_id=fal-ai/flux-lora&start=2999-01-01T00:00:00Z")).items.length, 0);
  assert.equal((await other.get("/v1/models/requests/by-endpoint?endpoint_id=x&limit=101")).status, 400);
  await other.stop();
});
