// What the tests of the simulator share: a small runner, a simulator process, the official client pointed at it, a
// receiver of webhooks, and readers of the formats that come out.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { deflateRawSync, inflateSync } from "node:zlib";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { createFalClient } = createRequire(import.meta.url)("@fal-ai/client");
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

// node's own came after node 18, which is Debian's.
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

export const tests = [];
export const test = (name, run) => tests.push({ name, run });
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function binary() {
  const named = process.env.FALSIM_BIN ?? process.argv[2];
  const found = named ?? ["asan", "dev", "release"].map((p) => join(root, "build", p, "aisha-falsim")).find(existsSync);
  if (!found || !existsSync(found)) throw new Error(`no simulator at ${found ?? "build/*/aisha-falsim"}: build it first`);
  return found;
}

const running = new Set();
process.once("exit", () => running.forEach((sim) => sim.kill()));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
export const stopAll = async () => Promise.all([...running].map((sim) => sim.stop()));

/** Starts a simulator on a free port; options are its command line. */
export async function startSim(...options) {
  const sim = { log: "" };
  const child = spawn(binary(), ["--listen", "127.0.0.1:0", "--generation-ms", "250", "--training-ms", "600", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      LSAN_OPTIONS: `print_suppressions=0:suppressions=${join(root, "tests", "support", "leaks.supp")}`,
    },
  });
  const ended = new Promise((done) => child.once("exit", (code, signal) => done({ code, signal })));
  running.add(sim);
  sim.kill = () => child.kill("SIGKILL");
  sim.stop = async (signal = "SIGTERM") => {
    running.delete(sim);
    child.kill(signal);
    const end = await ended;
    if (signal === "SIGTERM" && end.code !== 0) throw new Error(`the simulator ended with ${JSON.stringify(end)}\n${sim.log}`);
  };
  sim.url = await new Promise((done, fail) => {
    child.stderr.on("data", (bytes) => {
      sim.log += bytes;
      const listening = /event=listening url=(\S+)/.exec(sim.log);
      if (listening) done(listening[1]);
    });
    child.once("exit", () => {
      running.delete(sim);
      fail(new Error(`the simulator did not start: ${sim.log}`));
    });
  });
  sim.fal = clientOf(sim.url);
  sim.faults = (...rules) => postJson(`${sim.url}/_sim/faults`, rules);
  sim.requests = async () => (await (await fetch(`${sim.url}/_sim/requests`)).json()).requests;
  sim.request = async (id) => (await sim.requests()).find((r) => r.request_id === id);
  /** The answers that the deliveries of a request got, when there are so many. */
  sim.delivered = async (id, count) => {
    let answers = [];
    for (const end = Date.now() + 20000; Date.now() < end && answers.length < count; await sleep(20))
      answers = (await sim.request(id)).deliveries.map((d) => d.status_code);
    return answers;
  };
  sim.get = (path, init = {}) => fetch(sim.url + path, { ...init, headers: { authorization: "Key kid:ksecret", ...init.headers } });
  sim.submit = async (endpoint, input, query = "", headers = {}) => {
    const response = await sim.get(`/${endpoint}${query}`, { method: "POST", body: JSON.stringify(input), headers });
    return { response, ...(await response.json()) };
  };
  sim.finish = async (id, endpoint = "fal-ai/flux-lora") => {
    for (const end = Date.now() + 30000; Date.now() < end; ) {
      const status = await (await sim.get(`/${endpoint}/requests/${id}/status`)).json();
      if (status.status === "COMPLETED") return status;
      await sleep(25);
    }
    throw new Error(`${id} does not end`);
  };
  sim.result = async (endpoint, input) => {
    const { request_id: id } = await sim.submit(endpoint, input);
    const app = endpoint.split("/").slice(0, 2).join("/");
    await sim.finish(id, app);
    const response = await sim.get(`/${app}/requests/${id}`);
    const text = await response.text();
    return { id, response, text, body: JSON.parse(text) };
  };
  return sim;
}

/** The official client; every address of the service becomes the simulator's. */
export const clientOf = (url, credentials = "kid:ksecret") =>
  createFalClient({
    credentials,
    requestMiddleware: async (request) => {
      const to = new URL(request.url);
      return /(^|\.)fal\.(run|ai)$/.test(to.hostname) ? { ...request, url: url + to.pathname + to.search } : request;
    },
  });

export const postJson = (url, body, headers = {}) =>
  fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "falsim-test-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Takes webhooks; answer(i) gives the status of the i-th one. */
export async function startReceiver(answer = () => 200) {
  const hooks = [];
  const server = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      const status = answer(hooks.length);
      hooks.push({ path: request.url, headers: request.headers, body: Buffer.concat(pieces), at: Date.now() });
      response.writeHead(status, status >= 300 && status < 400 ? { location: "/elsewhere" } : {}).end("thanks");
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    hooks,
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => server.close(),
    wait: async (count, ms = 20000) => {
      for (const end = Date.now() + ms; Date.now() < end && hooks.length < count; ) await sleep(20);
      return hooks;
    },
  };
}

/** The check of a webhook as the service documents it, written independently of the simulator. */
export async function signatureIsGood(sim, hook) {
  const h = hook.headers;
  const stamp = h["x-fal-webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(stamp)) > 300) return false;
  const digest = createHash("sha256").update(hook.body).digest("hex");
  const message = [h["x-fal-webhook-request-id"], h["x-fal-webhook-user-id"], stamp, digest].join("\n");
  const { keys } = await (await fetch(`${sim.url}/.well-known/jwks.json`)).json();
  return keys.some((key) =>
    verify(null, Buffer.from(message), createPublicKey({ key, format: "jwk" }), Buffer.from(h["x-fal-webhook-signature"], "hex")),
  );
}

/** Width and height from the frame header of a whole JPEG file. */
export function jpegSize(bytes) {
  if (bytes.readUInt16BE(0) !== 0xffd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) throw new Error("not a whole JPEG");
  for (let at = 2; ; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xc3) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  }
}

/** Size and raw filtered rows of an 8-bit RGB PNG. */
export function readPng(bytes) {
  const data = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  return { size: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)], rows: inflateSync(Buffer.concat(data)) };
}

export const download = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

/** As much of a JPEG as whoever looks at its first bytes wants, different for each number. */
export const pictureOf = (number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(`picture ${number} `.repeat(40))]);

/** So many pictures, by name. */
export const pictures = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`photo ${i}.jpg`, pictureOf(i)]));

/** A ZIP archive; packed: deflated; flags: 1 says that its files are encrypted. */
export function makeZip(files, { packed = false, flags = 0 } = {}) {
  const parts = [];
  const list = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content);
    const bytes = packed ? deflateRawSync(plain) : plain;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(packed ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(plain), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    fields.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    list.push(entry, Buffer.from(name));
    parts.push(Buffer.from("PK\x03\x04", "latin1"), fields, Buffer.from(name), bytes);
    offset += 30 + Buffer.byteLength(name) + bytes.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** Header and tensors' places of a file in the safetensors layout; throws when it is not whole. */
export function readSafetensors(bytes) {
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(bytes.subarray(8, 8 + length));
  let at = 0;
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors)) {
    const size = shape.reduce((a, b) => a * b) * { BF16: 2 }[dtype];
    if (data_offsets[0] !== at || data_offsets[1] !== at + size) throw new Error(`a gap at ${name}`);
    at += size;
  }
  if (bytes.length !== 8 + length + at) throw new Error(`${bytes.length} bytes, and ${8 + length + at} are said`);
  return { metadata: __metadata__, tensors };
}
