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
  ["403", 403, (body) => assert.match(body.detail, /User is locked/)],
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

for (const fault of ["accept_then_close", "accept_then_hang", "accept_then_500", "truncated", "garbage"])
  test(
    `accepts a submission and then spoils the answer: ${fault}`,
    withFaults([{ op: "submit", fault, count: 1, delay_ms: 300 }], async () => {
      const prompt = `spoiled by ${fault}`;
      const begun = Date.now();
      const answer = post(prompt).then(async (r) => ({ status: r.status, body: JSON.parse(await r.text()) }));
      if (fault === "accept_then_500") assert.equal((await answer).status, 500);
      else await assert.rejects(answer);
      if (fault === "accept_then_hang") assert.ok(Date.now() - begun >= 300);
      assert.equal(await accepted(prompt), 1);
      const [request] = (await sim.requests()).filter((r) => r.input.prompt === prompt);
      assert.equal((await sim.finish(request.request_id)).status, "COMPLETED");
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
    await sim.faults({ op: "result", fault, count: 1 });
    const { body, response } = await sim.result(LORA, input("fails"));
    assert.deepEqual([response.status, body.detail[0].type], [status, type]);
  }
});

test("loses the runner to order: a flat error that the status names, too", async () => {
  await sim.faults({ op: "result", fault: "runner_disconnected", count: 1 });
  const { id, body, response } = await sim.result(LORA, input("runner"));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("x-fal-error-type"), "runner_disconnected");
  assert.deepEqual(body, { detail: "Runner disconnected", error_type: "runner_disconnected" });
  const status = await sim.finish(id);
  assert.deepEqual([status.status, status.error, status.error_type], ["COMPLETED", "Runner disconnected", "runner_disconnected"]);
});

test("spoils results to order: no picture, null, lost, slow", async () => {
  await sim.faults({ op: "result", fault: "missing_image", count: 1 });
  assert.deepEqual((await sim.result(LORA, input("none"))).body.images, []);
  await sim.faults({ op: "result", fault: "null_file", count: 1 });
  assert.deepEqual((await sim.result(LORA, input("null"))).body.images, [null]);
  await sim.faults({ op: "result", fault: "lost", count: 1 });
  assert.equal((await sim.result(LORA, input("lost"))).response.status, 404);
  await sim.faults({ op: "result", fault: "slow", delay_ms: 600, count: 1 });
  const begun = Date.now();
  assert.equal((await sim.result(LORA, input("slow"))).body.images.length, 1);
  assert.ok(Date.now() - begun > 600);
  await sim.faults({ op: "result", fault: "truncated", count: 1 });
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
  const big = await file("too_big");
  assert.ok(Number(big.headers.get("content-length")) > 100 * 1024 * 1024);
  await big.body.cancel();
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

test("strikes by chance, the same in every run with a seed", async () => {
  const outcomes = [];
  for (let run = 0; run < 2; run++) {
    const seeded = await startSim("--seed", "42");
    await seeded.faults({ op: "submit", fault: "500", probability: 0.5 });
    const statuses = [];
    for (let i = 0; i < 20; i++) statuses.push((await seeded.submit(LORA, input("x"))).response.status);
    outcomes.push(statuses.join());
    await seeded.stop();
  }
  assert.equal(outcomes[0], outcomes[1]);
  assert.ok(outcomes[0].includes("500") && outcomes[0].includes("200"));
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
