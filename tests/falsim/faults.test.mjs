import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jpegSize, startSim, temporaryFolder, test } from "./support.mjs";

const sim = await startSim("--generation-ms", "60");
const LORA = "fal-ai/flux-lora";
const input = (prompt) => ({ prompt, image_size: "square" });
const accepted = async (prompt) => (await sim.requests()).filter((r) => r.input.prompt === prompt).length;

/** Sets the rules, runs, clears them. */
const withFaults = (rules, run) => async () => {
  const answer = await sim.faults(...rules);
  assert.equal(answer.status, 200, await answer.text());
  try {
    await run();
  } finally {
    await sim.faults();
  }
};
const post = (prompt) => sim.get("/" + LORA, { method: "POST", body: JSON.stringify(input(prompt)) });

test(
  "lets the official client get through 503 and 429 by repeating",
  withFaults([503, 429].map((s) => ({ op: "submit", fault: String(s), count: 1 })), async () => {
    const { request_id: id } = await sim.fal.queue.submit(LORA, { input: input("two refusals") });
    assert.ok(id);
    assert.equal(await accepted("two refusals"), 1);
  }),
);

for (const [fault, status, check] of [
  ["401", 401, (body) => assert.match(body.detail, /No user found/)],
  ["400", 400, (body) => assert.equal(typeof body.detail, "string")],
  ["402", 402, (body) => assert.equal(typeof body.detail, "string")],
  ["403", 403, (body) => assert.match(body.detail, /User is locked/)],
  ["408", 408, (body) => assert.equal(typeof body.detail, "string")],
  ["409", 409, (body) => assert.equal(typeof body.detail, "string")],
  ["429", 429, (body, r) => assert.equal(r.headers.get("x-fal-needs-retry"), "1")],
  ["500", 500, (body) => assert.equal(typeof body.detail, "string")],
  ["503", 503, (body, r) => assert.equal(r.headers.get("x-fal-error-type"), body.error_type)],
  ["504", 504, (body, r) => assert.equal(r.headers.get("x-fal-request-timeout-type"), "user")],
])
  test(
    `refuses a submission with ${fault} to order and takes nothing`,
    withFaults([{ op: "submit", fault, count: 1 }], async () => {
      const response = await post(`refused ${fault}`);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("x-fal-request-id"), null);
      check(await response.json(), response);
      assert.equal(await accepted(`refused ${fault}`), 0);
    }),
  );

test(
  "answers 502 as a gateway's page",
  withFaults([{ op: "submit", fault: "502", count: 1 }], async () => {
    const response = await post("page");
    assert.equal(response.headers.get("content-type"), "text/html");
    assert.match(await response.text(), /nginx/);
  }),
);

test(
  "closes the connection before it accepts",
  withFaults([{ op: "submit", fault: "close_before_accept", count: 1 }], async () => {
    await assert.rejects(post("closed before"));
    assert.equal(await accepted("closed before"), 0);
  }),
);

const LOST = ["accept_then_close", "accept_then_reset", "accept_then_hang", "truncated", "garbage"];
for (const fault of LOST)
  test(
    `accepts a submission and then spoils the answer: ${fault}`,
    withFaults([{ op: "submit", fault, count: 1, delay_ms: 300 }], async () => {
      const prompt = `spoiled by ${fault}`;
      const begun = Date.now();
      await assert.rejects(post(prompt).then(async (r) => JSON.parse(await r.text())));
      if (fault === "accept_then_hang") assert.ok(Date.now() - begun >= 300);
      assert.equal(await accepted(prompt), 1);
      const [request] = (await sim.requests()).filter((r) => r.input.prompt === prompt);
      assert.equal((await sim.finish(request.request_id)).status, "COMPLETED");
    }),
  );

for (const status of [408, 409, 500, 502, 504])
  test(
    `accepts a submission and then answers ${status}, as something in between would`,
    withFaults([{ op: "submit", fault: `accept_then_${status}`, count: 1 }], async () => {
      const response = await post(`spoiled by ${status}`);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("x-fal-request-timeout-type"), null);
      if ([502, 504].includes(status)) assert.match(await response.text(), /nginx/);
      assert.equal(await accepted(`spoiled by ${status}`), 1);
    }),
  );

test(
  "resets a connection instead of closing it",
  withFaults([{ op: "submit", fault: "reset", count: 1 }, { op: "submit", fault: "accept_then_reset", count: 1 }], async () => {
    for (const [prompt, count] of [["reset before", 0], ["reset behind", 1]]) {
      const error = await post(prompt).catch((e) => e);
      assert.equal((error.cause ?? error).code, "ECONNRESET");
      assert.equal(await accepted(prompt), count);
    }
  }),
);

test(
  "floods whoever reads a submission's answer with 100 MiB",
  withFaults([{ op: "submit", fault: "oversized", count: 1 }], async () => {
    const response = await post("flood");
    assert.equal(response.headers.get("content-length"), null);
    let bytes = 0;
    for await (const piece of response.body) bytes += piece.length;
    assert.equal(bytes, 100 * 1024 * 1024);
    assert.equal(await accepted("flood"), 1);
  }),
);

test(
  "answers a submission and a status slowly, byte by byte, and well",
  withFaults([{ op: "submit", fault: "slow", delay_ms: 500, count: 1 }, { op: "status", fault: "slow", delay_ms: 500, count: 1 }], async () => {
    const begun = Date.now();
    const { request_id: id } = await (await post("drip")).json();
    assert.ok(Date.now() - begun >= 450);
    assert.equal((await sim.request(id)).request_id, id);
    assert.match((await (await sim.get(`/${LORA}/requests/${id}/status`)).json()).status, /^(IN_|COMPLETED)/);
    assert.ok(Date.now() - begun >= 900);
  }),
);

test(
  "makes the official client submit twice when the first answer is lost",
  withFaults([{ op: "submit", fault: "accept_then_close", count: 1 }], async () => {
    await sim.fal.queue.submit(LORA, { input: input("twice") });
    assert.equal(await accepted("twice"), 2);
  }),
);

test("fails runs to order, and the status still says completed", async () => {
  for (const [fault, status, type] of [["422", 422, "content_policy_violation"], ["500", 500, "internal_server_error"], ["504", 504, "generation_timeout"]]) {
    await sim.faults({ op: "result", fault, prompt: "fails", count: 1 }); // others may still run
    const { body, response } = await sim.result(LORA, input("fails"));
    assert.deepEqual([response.status, body.detail[0].type], [status, type]);
  }
});

test("loses the runner to order: a flat error that the status names, too", async () => {
  await sim.faults({ op: "result", fault: "runner_disconnected", prompt: "runner", count: 1 });
  const { id, body, response } = await sim.result(LORA, input("runner"));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("x-fal-error-type"), "runner_disconnected");
  assert.deepEqual(body, { detail: "Runner disconnected", error_type: "runner_disconnected" });
  const status = await sim.finish(id);
  assert.deepEqual([status.status, status.error, status.error_type], ["COMPLETED", "Runner disconnected", "runner_disconnected"]);
});

test("spoils results to order: no picture, null, lost, slow", async () => {
  await sim.faults({ op: "result", fault: "missing_image", prompt: "none", count: 1 });
  assert.deepEqual((await sim.result(LORA, input("none"))).body.images, []);
  await sim.faults({ op: "result", fault: "null_file", prompt: "null", count: 1 });
  assert.deepEqual((await sim.result(LORA, input("null"))).body.images, [null]);
  await sim.faults({ op: "result", fault: "lost", prompt: "lost", count: 1 });
  assert.equal((await sim.result(LORA, input("lost"))).response.status, 404);
  await sim.faults({ op: "result", fault: "slow", delay_ms: 600, prompt: "slow", count: 1 });
  const begun = Date.now();
  assert.equal((await sim.result(LORA, input("slow"))).body.images.length, 1);
  assert.ok(Date.now() - begun > 600);
  await sim.faults({ op: "result", fault: "truncated", prompt: "cut", count: 1 });
  await assert.rejects(sim.result(LORA, input("cut")));
  await sim.faults();
});

test("spoils statuses to order: an unknown word, an unknown request", async () => {
  const { request_id: id } = await sim.submit(LORA, input("status"));
  const status = () => sim.get(`/${LORA}/requests/${id}/status`);
  await sim.faults({ op: "status", fault: "unknown", count: 1 });
  assert.equal((await (await status()).json()).status, "PAUSED");
  await sim.faults({ op: "status", fault: "404", count: 1 }, { op: "status", fault: "503", count: 1 });
  assert.deepEqual(await (await status()).json(), { status: "NOT_FOUND" });
  assert.equal((await status()).status, 503);
  assert.equal((await sim.finish(id)).status, "COMPLETED");
});

test("spoils files to order", async () => {
  const file = async (fault) => {
    await sim.faults({ op: "file", fault, count: 1 });
    return fetch((await sim.result(LORA, input(fault))).body.images[0].url);
  };
  assert.equal((await file("404")).status, 404);
  assert.throws(() => jpegSize(Buffer.from("x")));
  const cut = Buffer.from(await (await file("truncated")).arrayBuffer());
  assert.equal(cut.readUInt16BE(0), 0xffd8);
  assert.throws(() => jpegSize(cut));
  assert.match(await (await file("garbage")).text(), /no picture/);
  jpegSize(Buffer.from(await (await file("slow")).arrayBuffer()));
  await assert.rejects((await file("cut")).arrayBuffer());
  const big = await file("too_big");
  assert.ok(Number(big.headers.get("content-length")) > 100 * 1024 * 1024);
  await big.body.cancel();
});

test("lets a result expire to order: its status is unknown from then on, and the listing still has it", async () => {
  await sim.faults({ op: "result", fault: "expired", prompt: "expired", count: 1 });
  const { id, response, body } = await sim.result(LORA, input("expired"));
  assert.equal(response.status, 404);
  assert.deepEqual(body, { status: "NOT_FOUND" });
  for (const path of ["", "/status", "/status/stream"]) assert.equal((await sim.get(`/${LORA}/requests/${id}${path}`)).status, 404);
  assert.equal((await sim.get(`/${LORA}/requests/${id}/cancel`, { method: "PUT" })).status, 404);
  const { items } = await (await sim.get(`/v1/models/requests/by-endpoint?endpoint_id=${LORA}&limit=100`)).json();
  assert.ok(items.some((item) => item.request_id === id));
});

test("fails the listing of one endpoint to order", async () => {
  const list = async (endpoint) => (await sim.get(`/v1/models/requests/by-endpoint?endpoint_id=${endpoint}`)).status;
  await sim.faults({ op: "listing", fault: "503", endpoint: "fal-ai/flux-pro" });
  assert.deepEqual([await list("fal-ai/flux-pro/finetuned"), await list(LORA)], [503, 200]);
});

test("hides fresh requests from the listing to order, and fails it", async () => {
  const { request_id: id } = await sim.submit(LORA, input("listed"));
  await sim.finish(id);
  const list = () => sim.get(`/v1/models/requests/by-endpoint?endpoint_id=${LORA}&limit=1`);
  await sim.faults({ op: "listing", fault: "500", count: 1 }, { op: "listing", fault: "delayed", delay_ms: 60000, count: 1 });
  assert.equal((await list()).status, 500);
  assert.notEqual((await (await list()).json()).items[0]?.request_id, id);
  assert.equal((await (await list()).json()).items[0].request_id, id);
});

test(
  "strikes only where a rule's endpoint and prompt fit",
  withFaults([{ op: "submit", fault: "500", endpoint: "fal-ai/flux-lora", prompt: "unlucky" }], async () => {
    assert.equal((await post("lucky")).status, 200);
    assert.equal((await post("the unlucky one")).status, 500);
    const other = await sim.submit("fal-ai/flux-pro/finetuned", input("unlucky"));
    assert.equal(other.response.status, 200);
  }),
);

/** Sends inputs in the given order, eight at a time; the numbers of those that were struck. */
async function struckOf(rule, numbers, inputOf) {
  const seeded = await startSim("--seed", "42", "--plain-pictures");
  await seeded.faults({ op: "submit", fault: "500", probability: 0.5, ...rule });
  const struck = [];
  const queue = [...numbers];
  const send = async () => {
    for (let n; (n = queue.shift()) !== undefined; )
      if ((await seeded.submit(LORA, { image_size: "square", ...inputOf(n) })).response.status === 500) struck.push(n);
  };
  await Promise.all(Array.from({ length: 8 }, send));
  await seeded.stop();
  return struck.sort((a, b) => a - b);
}

for (const [what, rule, inputOf] of [
  ["prompts, whatever their seeds", {}, (n) => ({ prompt: `number ${n}`, seed: Math.floor(Math.random() * 1e6) })],
  ["one prompt and other seeds", { by: "seed" }, (n) => ({ prompt: "always this", seed: n })],
])
  test(`strikes by chance, with a seed the same requests in every run, in whatever order they come: ${what}`, async () => {
    const numbers = Array.from({ length: 60 }, (_, i) => i);
    const once = await struckOf(rule, numbers, inputOf);
    assert.ok(once.length > 10 && once.length < 50);
    assert.deepEqual(await struckOf(rule, [...numbers].reverse(), inputOf), once);
  });

test("reads faults from a file, and says what is wrong with rules", async () => {
  const path = join(temporaryFolder(), "faults.json");
  writeFileSync(path, JSON.stringify([{ op: "submit", fault: "403", count: 1 }]));
  const other = await startSim("--faults", path);
  assert.equal((await other.submit(LORA, input("x"))).response.status, 403);
  assert.equal((await other.submit(LORA, input("x"))).response.status, 200);
  await other.stop();
  writeFileSync(path, JSON.stringify([{ op: "submit", fault: "no such" }]));
  await assert.rejects(startSim("--faults", path), /no fault no such of submit/);
  for (const rules of [{}, [{}], [{ op: "webhook", fault: "401" }], [{ op: "submit", fault: "401", count: -1 }], [{ op: "submit", fault: "401", more: 1 }]]) {
    const response = await fetch(`${sim.url}/_sim/faults`, { method: "POST", body: JSON.stringify(rules) });
    assert.equal(response.status, 422);
  }
});
