// Objects in S3: addresses are the bucket's own and are checked there; the S3 server may be away.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { S3 } from "../support/s3.mjs";
import { presign } from "../support/sigv4.mjs";
import { until } from "./support/process.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, signIn, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const BUCKET = "aisha-v2-generated";
let s3, tunnel, world, owner, done;

// Between the server and its S3: bytes pass as they are, or nothing answers.
class Tunnel {
    static async start(target) {
        const tunnel = new Tunnel();
        const { hostname, port } = new URL(target);
        tunnel.sockets = new Set();
        tunnel.server = net.createServer((near) => {
            const far = net.connect(Number(port), hostname);
            for (const [socket, other] of [
                [near, far],
                [far, near],
            ]) {
                tunnel.sockets.add(socket);
                socket.pipe(other);
                socket.on("error", () => other.destroy());
                socket.on("close", () => tunnel.sockets.delete(socket) && other.destroy());
            }
        });
        await tunnel.open(0);
        tunnel.port = tunnel.server.address().port;
        tunnel.url = `http://127.0.0.1:${tunnel.port}`;
        return tunnel;
    }

    async open(port = this.port) {
        this.server.listen(port, "127.0.0.1");
        await once(this.server, "listening");
    }

    async close() {
        const closed = new Promise((resolve) => this.server.close(resolve));
        this.sockets.forEach((socket) => socket.destroy());
        await closed;
    }
}

before(async () => {
    s3 = await S3.start();
    const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY } = s3.settings;
    tunnel = await Tunnel.start(S3_ENDPOINT);
    world = await World.start({
        generationMs: 50,
        env: {
            S3_ENDPOINT: tunnel.url,
            S3_PUBLIC_ENDPOINT: S3_ENDPOINT,
            S3_REGION,
            S3_ACCESS_KEY,
            S3_SECRET_KEY,
        },
    });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
    done = await generate(owner, { prompt: "in the bucket", preset: "fast", num_images: 2 });
});
after(async () => {
    try {
        await world?.stop();
    } finally {
        await tunnel?.close();
        await s3?.stop();
    }
});

const signed = (method, target, options) => fetch(presign(s3.settings, method, target, options), { method });
const addresses = (image) => [image.url, image.thumbnails.small, image.thumbnails.medium];
const hurry = () => world.sql("UPDATE jobs SET run_at = now() WHERE state = 'ready'");
const health = async () => (await world.anonymous.get("/health/ready")).json;

async function assertKept(image) {
    const [[sha256, bytes]] = await world.sql(
        `SELECT encode(sha256, 'hex'), bytes FROM images WHERE id = '${image.id}'`,
    );
    const answer = await fetch(image.url);
    assert.equal(answer.status, 200);
    const body = Buffer.from(await answer.arrayBuffer());
    assert.equal(createHash("sha256").update(body).digest("hex"), sha256);
    assert.equal(body.length, Number(bytes));
}

test("a picture's addresses are the bucket's own: its bytes, their type, no cookies", async () => {
    for (const image of done.images) {
        for (const url of addresses(image)) {
            assert.ok(url.startsWith(`${s3.settings.S3_ENDPOINT}/${BUCKET}/20`), url);
            const answer = await fetch(url);
            assert.equal(answer.status, 200, await answer.clone().text());
            assert.equal(answer.headers.get("content-type"), url.includes(".webp?") ? "image/webp" : "image/jpeg");
            assert.equal(answer.headers.get("set-cookie"), null);
            assert.match(answer.headers.get("cache-control"), /^private, max-age=86400, immutable$/);
            assert.equal(answer.headers.get("content-disposition"), null);
        }
        await assertKept(image);
    }
    assert.ok(!fs.existsSync(path.join(world.env.OBJECTS_DIR, BUCKET)), "nothing lies on the local disk");
});

test("an address is the one that the specification says, and the same for everybody within the hour", async () => {
    const [{ url }] = done.images;
    const date = new URL(url).searchParams.get("X-Amz-Date");
    const from = new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
    assert.deepEqual([from.getUTCMinutes(), from.getUTCSeconds()], [0, 0]);
    const ttl = Number(new URL(url).searchParams.get("X-Amz-Expires"));
    assert.equal(ttl, 25 * 3600, "good for a day at any moment of the hour");
    assert.equal(url, presign(s3.settings, "GET", decodeURIComponent(new URL(url).pathname), { from, ttl }));
    const listed = await walk(owner, "/api/v1/images");
    const again = listed.find((image) => image.id === done.images[0].id);
    if (new URL(again.url).searchParams.get("X-Amz-Date") === date) assert.equal(again.url, url);
});

test("what was altered, what has expired and who has no address at all are refused", async () => {
    const [{ url }, other] = done.images;
    const { pathname } = new URL(url);
    const wrong = {
        "another key": url.replace(pathname, new URL(other.url).pathname),
        "another signature": url.replace(/(Signature=)./, (all, name) => `${name}${all.endsWith("0") ? "1" : "0"}`),
        "a longer time": url.replace("X-Amz-Expires=90000", "X-Amz-Expires=180000"),
        "another name to be saved by": `${url}&response-content-disposition=inline`,
        "no signature": url.split("?")[0],
        "too late": presign(s3.settings, "GET", pathname, { from: new Date(Date.now() - 7200e3), ttl: 3600 }),
        "another's secret": presign({ ...s3.settings, S3_SECRET_KEY: "guessed" }, "GET", pathname),
    };
    for (const [what, address] of Object.entries(wrong))
        assert.equal((await fetch(address)).status, 403, what);
    for (const method of ["PUT", "DELETE", "POST"])
        assert.ok((await fetch(url, { method, body: method === "DELETE" ? undefined : "x" })).status >= 400, method);
    await assertKept(done.images[0]);
});

test("pages show pictures from the bucket, may load from nowhere else, and save them by name", async () => {
    const { client } = await signIn(world, owner);
    const [{ id }] = done.images;
    const page = await client.raw("GET", `/images/${id}`, { headers: { accept: "text/html" } }); // no part of the contract
    const text = page.bytes.toString("utf8");
    const policy = page.headers["content-security-policy"];
    assert.ok(policy.includes(`img-src 'self' ${s3.settings.S3_ENDPOINT};`), policy);
    assert.ok(policy.includes(`connect-src 'self' ${s3.settings.S3_ENDPOINT};`), policy);
    assert.ok(!policy.includes("script-src 'self' "), policy);
    const links = [...text.matchAll(/(?:href|src)="(http[^"]+)"/g)].map(([, url]) => url.replaceAll("&amp;", "&"));
    assert.ok(links.length >= 3, "two to see, one to save");
    for (const link of links) {
        assert.ok(link.startsWith(`${s3.settings.S3_ENDPOINT}/`), link);
        assert.equal((await fetch(link)).status, 200, link);
    }
    const saved = await fetch(links.find((link) => link.includes("response-content-disposition")));
    assert.equal(saved.headers.get("content-disposition"), `attachment; filename="aisha-${id}.jpg"`);
});

test("migrate may run again; pages of our origin may put, others may not", async () => {
    assert.match(await world.command("migrate"), /bucket aisha-v2-generated is there\n.*bucket aisha-v2-owner is there/s);
    const ask = (origin) =>
        fetch(`${s3.settings.S3_ENDPOINT}/aisha-v2-photos/incoming/x`, {
            method: "OPTIONS",
            headers: { origin, "access-control-request-method": "PUT", "access-control-request-headers": "content-type" },
        });
    const ours = await ask(world.url);
    assert.equal(ours.status, 200);
    assert.equal(ours.headers.get("access-control-allow-origin"), world.url);
    assert.equal((await ask("https://elsewhere.example")).status, 403);
});

test("check names what works, and what does not in words", async () => {
    assert.match(await world.command("check"), /^objects +ok +http:\S+ takes, keeps and gives objects$/m);
    const env = world.env;
    try {
        world.env = { ...env, S3_SECRET_KEY: "wrong" };
        const { code, words } = await world.vainCommand("check");
        assert.equal(code, 1);
        assert.match(words, /^objects +FAIL .*aisha-v2-generated.*SignatureDoesNotMatch/m);
        world.env = { ...env, S3_CREATE_BUCKETS: "false" };
        assert.match(await world.command("migrate"), /by hand:\n +bucket aisha-v2-generated.*CORS rule that lets http/s);
        world.env = { ...env, S3_ACCESS_KEY: "", S3_SECRET_KEY: "", STORAGE_PUBLIC: "perhaps" };
        const { words: faults } = await world.vainCommand("check");
        for (const name of ["S3_ACCESS_KEY", "S3_SECRET_KEY", "STORAGE_PUBLIC"])
            assert.match(faults, new RegExp(`^${name} `, "m"));
    } finally {
        world.env = env;
    }
});

test("pictures without objects are counted, whoever the objects belong to is written down", async () => {
    const [, image] = done.images;
    const owners = await signed("GET", "/aisha-v2-owner/database");
    const [[installation]] = await world.sql("SELECT id FROM installation");
    assert.equal(await owners.text(), installation);
    const { pathname } = new URL(image.thumbnails.medium);
    assert.equal((await signed("DELETE", pathname)).status, 204);
    await world.stopServer();
    await world.startServer();
    await until("it is found", 20000, async () => {
        const { text } = await world.anonymous.get("/metrics");
        return /^aisha_sweep_found_total\{sweep="image_objects"\} 1$/m.test(text);
    }, 200);
});

// The server believes that it is tomorrow; signatures go by the S3 server's clock from the second request on.
test("objects without a picture are thrown away after a day", async () => {
    const library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`)
        .find((file) => fs.existsSync(file));
    assert.ok(library, "the Debian package faketime is installed");
    const orphan = `/${BUCKET}/2026/01/01/${randomUUID()}_small.webp`;
    const put = await fetch(presign(s3.settings, "PUT", orphan), { method: "PUT", body: "orphan" });
    assert.equal(put.status, 200);
    await world.stopServer();
    await world.startServer({
        LD_PRELOAD: library,
        FAKETIME: "+25h",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        ASAN_OPTIONS: `${world.env.ASAN_OPTIONS}:verify_asan_link_order=0`,
    });
    await until("it is gone", 30000, async () => (await signed("GET", orphan)).status === 404, 300);
    await world.stopServer();
    await world.startServer();
    await assertKept(done.images[0]);
});

test("while S3 is away all else works and results wait; when it is back they are delivered", async () => {
    await until("health says ok", 20000, async () => (await health()).status === "ok", 200);
    await tunnel.close();
    let asked;
    try {
        asked = [];
        for (let i = 0; i < 3; i++) asked.push(await ask(owner, { prompt: `kept ${i}`, preset: "fast", num_images: 2 }));
        const spool = path.join(world.env.SPOOL_DIR, "results");
        const waiting = () => fs.readdirSync(spool).filter((name) => !name.startsWith("~")).length;
        await until("all wait on disk", 60000, () => fs.existsSync(spool) && waiting() === 6, 200);
        const seen = await until("it is said", 40000, async () => {
            const now = await health();
            return now.checks.storage === "down" && now;
        });
        assert.equal(seen.status, "degraded");
        assert.match(seen.reasons.storage, /S3/);
        assert.equal((await walk(owner, "/api/v1/images")).length, 2);
    } finally {
        await tunnel.open();
    }
    for (const { id } of asked) {
        await hurry();
        const ended = await follow(owner, id, 60000);
        assert.equal(ended.status, "completed", JSON.stringify(ended.error));
        for (const image of ended.images) await assertKept(image);
    }
    await until("health says ok", 30000, async () => (await health()).status === "ok", 200);
    assert.match(world.aisha.log, /event=storage_down reason=/);
    assert.match(world.aisha.log, /event=storage_up failures=/);
});
