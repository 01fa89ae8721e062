import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { download, sleep, startReceiver, startSim, temporaryFolder, test } from "./support.mjs";

const LORA = "fal-ai/flux-lora";

test("keeps what it accepted when it is killed: requests, results, files, keys", async () => {
  const state = join(temporaryFolder(), "state.jsonl");
  const first = await startSim("--state", state, "--generation-ms", "300");
  const done = await first.result(LORA, { prompt: "before the fall", image_size: "square", seed: 3 });
  const file = await download(done.body.images[0].url);
  const keys = await (await fetch(`${first.url}/.well-known/jwks.json`)).text();
  const { request_id: open } = await first.submit(LORA, { prompt: "in the middle", image_size: "square" });
  await first.stop("SIGKILL");
  appendFileSync(state, '{"op":"accepted","id":"torn');

  const second = await startSim("--state", state, "--generation-ms", "300");
  assert.equal(await (await fetch(`${second.url}/.well-known/jwks.json`)).text(), keys);
  const again = await second.get(`/${LORA}/requests/${done.id}`);
  assert.equal(await again.text(), done.text);
  assert.ok((await download(second.url + new URL(done.body.images[0].url).pathname)).equals(file));
  assert.equal((await second.finish(open)).status, "COMPLETED");
  assert.equal((await second.requests()).length, 2);
  await second.stop();

  const third = await startSim("--state", state);
  assert.equal((await third.request(open)).status_code, 200);
  await third.stop();
});

test("calls after a restart what it could not call before", async () => {
  const state = join(temporaryFolder(), "state.jsonl");
  let status = 500;
  const receiver = await startReceiver(() => status);
  const first = await startSim("--state", state, "--generation-ms", "50");
  const { request_id: id } = await first.fal.queue.submit(LORA, { input: { prompt: "x", image_size: "square" }, webhookUrl: receiver.url });
  assert.deepEqual((await first.delivered(id, 1))[0], 500);
  await first.stop("SIGKILL");
  const before = receiver.hooks.length;
  status = 200;
  const second = await startSim("--state", state);
  await receiver.wait(before + 1);
  assert.equal((await second.delivered(id, before + 1)).at(-1), 200);
  assert.ok(receiver.hooks.at(-1).body.equals(receiver.hooks[0].body));
  await second.stop();
  const third = await startSim("--state", state);
  await sleep(300);
  assert.equal(receiver.hooks.length, before + 1);
  await third.stop();
  receiver.stop();
});

test("remembers over a restart that a result has expired", async () => {
  const state = join(temporaryFolder(), "state.jsonl");
  const first = await startSim("--state", state, "--generation-ms", "50");
  await first.faults({ op: "result", fault: "expired", count: 1 });
  const { id } = await first.result(LORA, { prompt: "x", image_size: "square" });
  await first.stop("SIGKILL");
  for (let run = 0; run < 2; run++) {
    const next = await startSim("--state", state);
    assert.equal((await next.get(`/${LORA}/requests/${id}`)).status, 404);
    await next.stop(run ? "SIGTERM" : "SIGKILL");
  }
});
