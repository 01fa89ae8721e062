import assert from "node:assert/strict";
import { startSim, test } from "./support.mjs";

const sim = await startSim();
const LORA = "fal-ai/flux-lora";
const FINETUNED = "fal-ai/flux-pro/finetuned";

/** Submits a wrong input and gives the faults by the place they name. */
async function faultsOf(endpoint, input) {
  const { body, response } = await sim.result(endpoint, input);
  assert.equal(response.status, 422, JSON.stringify(body));
  assert.equal(response.headers.get("x-fal-billable-units"), "0");
  assert.ok(body.detail.every((d) => d.loc[0] === "body" && d.msg && d.type));
  return Object.fromEntries(body.detail.map((d) => [d.loc.slice(1).join("."), d]));
}

test("accepts a wrong input and refuses it at the result, all faults at once, in the service's words", async () => {
  const faults = await faultsOf(FINETUNED, { finetune_strength: 9, num_images: 0, output_format: "gif", sync_mode: "maybe", image_size: "huge" });
  assert.deepEqual([faults.prompt.type, faults.prompt.msg], ["missing", "Field required"]);
  assert.equal(faults.finetune_id.type, "missing");
  assert.deepEqual([faults.finetune_strength.type, faults.finetune_strength.ctx, faults.finetune_strength.input], ["less_than_equal", { le: 2 }, 9]);
  assert.equal(faults.finetune_strength.msg, "Input should be less than or equal to 2");
  assert.equal(faults.num_images.msg, "Input should be greater than or equal to 1");
  assert.deepEqual([faults.output_format.type, faults.output_format.msg], ["literal_error", "Input should be 'jpeg' or 'png'"]);
  assert.equal(faults.sync_mode.type, "bool_parsing");
  assert.equal(faults.image_size.type, "literal_error");
});

test("knows the types of values", async () => {
  const faults = await faultsOf(LORA, {
    prompt: 5,
    num_inference_steps: 2.5,
    guidance_scale: "much",
    num_images: [],
    enable_safety_checker: {},
    loras: "x",
    seed: "one",
  });
  const types = Object.fromEntries(Object.entries(faults).map(([field, fault]) => [field, fault.type]));
  assert.deepEqual(types, {
    prompt: "string_type",
    num_inference_steps: "int_from_float",
    guidance_scale: "float_parsing",
    num_images: "int_type",
    enable_safety_checker: "bool_type",
    loras: "list_type",
    seed: "int_parsing",
  });
});

test("names faults inside of lists and objects", async () => {
  const faults = await faultsOf(LORA, { prompt: "x", loras: [{ path: "p", scale: 5 }, { scale: 1 }, "no"], image_size: { width: 0, height: 20000 } });
  assert.deepEqual(faults["loras.0.scale"].ctx, { le: 4 });
  assert.equal(faults["loras.1.path"].type, "missing");
  assert.equal(faults["loras.2"].type, "model_attributes_type");
  assert.equal(faults["image_size.width"].type, "greater_than");
  assert.equal(faults["image_size.height"].type, "less_than_equal");
});

test("ignores unknown members and takes numbers as text, as the models do", async () => {
  const { response } = await sim.result(LORA, { prompt: "x", lora_url: "y", num_images: "1", sync_mode: "false", seed: null, image_size: "square" });
  assert.equal(response.status, 200);
});

test("demands a text for the safety tolerance", async () => {
  const input = { prompt: "x", finetune_id: "f", finetune_strength: 1 };
  assert.equal((await faultsOf(FINETUNED, { ...input, safety_tolerance: 2 })).safety_tolerance.type, "literal_error");
  assert.equal((await sim.result(FINETUNED, { ...input, safety_tolerance: "6", image_size: "square" })).response.status, 200);
});

test("gives the official client a ValidationError with the fields", async () => {
  await assert.rejects(sim.fal.subscribe(LORA, { input: {}, pollInterval: 50 }), (error) => {
    assert.equal(error.name, "ValidationError");
    assert.equal(error.status, 422);
    assert.equal(error.fieldErrors[0].type, "missing");
    assert.ok(error.requestId);
    return true;
  });
});

test("refuses broken JSON and anything but an object at the door", async () => {
  for (const body of ["{", "[]", "5", '"x"', "", '{"a":"\\u0000"}', "[".repeat(100000)]) {
    const response = await sim.get("/" + LORA, { method: "POST", body });
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /^Invalid JSON/);
  }
});

test("tells unknown apps at once and unknown paths of a known app at the result", async () => {
  const app = await sim.submit("fal-ai/no-such-model", { prompt: "x" });
  assert.equal(app.response.status, 404);
  assert.equal(app.detail, 'Application "no-such-model" not found');
  const { body, response } = await sim.result(LORA + "/nope", { prompt: "x" });
  assert.equal(response.status, 404);
  assert.equal(body.detail, "Path /nope not found");
  assert.equal(response.headers.get("x-fal-billable-units"), "0");
  assert.equal((await sim.get("/nothing")).status, 404);
  assert.equal((await (await sim.get("/nothing")).json()).detail, "Path /nothing not found");
  assert.equal((await sim.get("/" + LORA)).status, 405);
});

test("answers NOT_FOUND for requests it does not know", async () => {
  for (const end of ["", "/status", "/status/stream", "/response"]) {
    const response = await sim.get(`/${LORA}/requests/01234567-89ab-4cde-8f01-23456789abcd${end}`);
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { status: "NOT_FOUND" });
  }
});

test("refuses a source that is no picture or cannot be fetched", async () => {
  const endpoint = LORA + "/image-to-image";
  const type = async (image_url) => (await faultsOf(endpoint, { prompt: "x", image_url })).image_url.type;
  assert.equal(await type("data:image/png;base64,aGVsbG8="), "image_load_error");
  assert.equal(await type("http://127.0.0.1:1/closed.png"), "file_download_error");
  assert.equal(await type("no address"), "file_download_error");
});
