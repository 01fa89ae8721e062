import { File } from "node:buffer";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { download, startSim, test } from "./support.mjs";

const sim = await startSim();

test("stores what the official client uploads, byte for byte", async () => {
  const bytes = randomBytes(300_000);
  const url = await sim.fal.storage.upload(new File([bytes], "my photo.png", { type: "image/png" }));
  assert.ok(url.startsWith(`${sim.url}/files/`));
  const response = await fetch(url);
  assert.equal(response.headers.get("content-type"), "image/png");
  assert.equal(Number(response.headers.get("content-length")), bytes.length);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
});

test("serves ranges and revalidation of a file", async () => {
  const bytes = randomBytes(10_000);
  const url = await sim.fal.storage.upload(new File([bytes], "x.zip", { type: "application/zip" }));
  const part = await fetch(url, { headers: { range: "bytes=100-199" } });
  assert.equal(part.status, 206);
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200)));
  const etag = part.headers.get("etag");
  assert.equal((await fetch(url, { headers: { "if-none-match": etag } })).status, 304);
  assert.equal((await fetch(url, { method: "HEAD" })).headers.get("content-length"), "10000");
});

test("uploads a file that is given as an input", async () => {
  const source = await sim.result("fal-ai/flux-lora", { prompt: "forest", image_size: "square" });
  const image_url = new Blob([await download(source.body.images[0].url)], { type: "image/jpeg" });
  const { data } = await sim.fal.subscribe("fal-ai/flux-lora/image-to-image", { input: { prompt: "winter", image_url }, pollInterval: 50 });
  assert.deepEqual([data.images[0].width, data.images[0].height], [512, 512]);
});

test("takes a file of many parts from the official client", async () => {
  const bytes = Buffer.alloc(91 * 1024 * 1024, "0123456789abcdef");
  bytes.write("the end", bytes.length - 7);
  const url = await sim.fal.storage.upload(new File([bytes], "big.zip", { type: "application/zip" }));
  const back = await download(url);
  assert.equal(back.length, bytes.length);
  assert.ok(back.equals(bytes));
});

test("refuses parts that were not sent, and names that lead elsewhere", async () => {
  const body = JSON.stringify({ content_type: "image/png", file_name: "../../../etc/passwd" });
  const initiate = await sim.get("/storage/upload/initiate-multipart?storage_type=fal-cdn-v3", { method: "POST", body });
  const { upload_url, file_url } = await initiate.json();
  assert.match(new URL(upload_url).pathname, /^\/storage\/put\/[\w.-]+$/);
  const complete = new URL(upload_url);
  complete.pathname += "/complete";
  const parts = [{ partNumber: 1, etag: "0123456789abcdef" }];
  assert.equal((await fetch(complete, { method: "POST", body: JSON.stringify({ parts }) })).status, 400);
  assert.equal((await fetch(file_url)).status, 404);
  assert.equal((await fetch(`${sim.url}/storage/put/..%2f..%2fx`, { method: "PUT", body: "x" })).status, 404);
  assert.equal((await fetch(`${sim.url}/files/part/x`)).status, 404);
  assert.equal((await fetch(`${sim.url}/files/in/%2e%2e/%2e%2e/etc/passwd`)).status, 404);
});

test("asks for the key when an upload begins, not when bytes come", async () => {
  const response = await fetch(`${sim.url}/storage/upload/initiate`, { method: "POST", body: '{"file_name":"x","content_type":"y"}' });
  assert.equal(response.status, 401);
});
