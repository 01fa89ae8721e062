// The way of large bodies: who may not send one learns so at once, one that is cut off leaves nothing, and memory stays
// as it is. What is in them: photos.test.mjs.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { answers, Socket } from "./support/raw.mjs";
import { NOBODY } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const MIB = 1 << 20;

let world, auth, avatar;

before(async () => {
    world = await World.start({ env: { UPLOAD_SPACE_MIB: "256" } });
    auth = `Authorization: Bearer ${world.owner.token}\r\n`;
    const body = { name: "Uploads", gender: "other", training_type: "style" };
    avatar = (await world.owner.post("/api/v1/avatars", body, { status: 201 })).json.id;
});
after(() => world?.stop());

const head = (length, { who = auth, id = avatar, more = "" } = {}) =>
    `POST /api/v1/avatars/${id}/photos HTTP/1.1\r\nHost: x\r\n${who}Content-Type: application/octet-stream\r\n${length === null ? "" : `Content-Length: ${length}\r\n`}${more}\r\n`;

// A head, then so many bytes whatever is answered in the meantime; the answers, and whether all bytes were taken.
async function send(text, bytes, ms = 20000) {
    const socket = await Socket.open(world.url);
    await socket.write(text);
    for (let sent = 0; sent < bytes && !socket.error; sent += MIB / 8) await socket.write(Buffer.alloc(MIB / 8, 7));
    const received = await socket.rest(ms);
    socket.destroy();
    return { answers: answers(received), closed: socket.closed, error: socket.error };
}

async function assertRefused(text, bytes, status, code) {
    const got = await send(text, bytes);
    assert.equal(got.answers.length, 1, `${code}: one answer`);
    const [answer] = got.answers;
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.equal(answer.headers.connection, "close");
    assert.equal(JSON.parse(answer.body).code, code);
    assert.ok(got.closed && !got.error, `${code}: ended, and not reset: ${got.error}`);
}

test("who may not upload learns so while the body is still on its way", async () => {
    const twoThirds = Math.round((2 * MIB) / 3);
    await assertRefused(head(50 * MIB, { who: "" }), twoThirds, 401, "unauthenticated");
    await assertRefused(head(50 * MIB, { id: NOBODY }), twoThirds, 404, "not_found");
    await assertRefused(head(600 * MIB), twoThirds, 413, "upload_too_large");
    await assertRefused(head(null, { more: "Transfer-Encoding: chunked\r\n" }), twoThirds, 411, "length_required");
});

test("a client that expects a 100 gets it only when the body is wanted", async () => {
    const more = "Expect: 100-continue\r\n";
    const socket = await Socket.open(world.url);
    await socket.write(head(1000, { more }));
    await until("it goes on", 5000, () => socket.received.length > 0);
    assert.equal(socket.received.toString(), "HTTP/1.1 100 Continue\r\n\r\n");
    await socket.write(Buffer.alloc(1000, 7));
    await until("it is answered", 20000, () => socket.received.includes('"items"'));
    socket.destroy();
    await assertRefused(head(1000, { more, id: NOBODY }), 0, 404, "not_found");
});

// Everything at once: heads and bodies in whatever pieces the network makes of them.
test("requests behind a body are answered in their order", async () => {
    const socket = await Socket.open(world.url);
    const upload = Buffer.concat([Buffer.from(head(300000)), Buffer.alloc(300000, 7)]);
    const live = Buffer.from("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    const last = Buffer.from("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await socket.write(Buffer.concat([upload, live, upload, last]));
    const all = answers(await socket.rest(30000));
    assert.deepEqual(
        all.map((a) => `${a.status} ${a.body.includes("items")}`),
        ["200 true", "200 false", "200 true", "200 false"],
    );
});

// Files that the server has open without a name, which are uploads and nothing else.
const openUploads = () =>
    fs
        .readdirSync(`/proc/${world.aisha.pid}/fd`)
        .map((fd) => {
            try {
                return fs.readlinkSync(`/proc/${world.aisha.pid}/fd/${fd}`);
            } catch {
                return "";
            }
        })
        .filter((name) => name.startsWith("/var/tmp/") && name.endsWith("(deleted)")).length;

test("uploads that are cut off leave nothing behind", async () => {
    const before = openUploads();
    const sockets = await Promise.all(Array.from({ length: 30 }, () => Socket.open(world.url)));
    await Promise.all(sockets.map((s) => s.write(head(2 * MIB))));
    await Promise.all(sockets.map((s, i) => s.write(Buffer.alloc((i * MIB) / 20))));
    await until("they are all open", 10000, () => openUploads() === before + 30);
    for (const socket of sockets) socket.destroy();
    await until("they are all gone", 10000, () => openUploads() === before);
});

test("uploads take no more of the disk than they may", async () => {
    const socket = await Socket.open(world.url);
    await socket.write(head(100 * MIB));
    await until("it is open", 5000, () => openUploads() > 0);
    const { answers: refused } = await send(head(50 * MIB), MIB / 2); // more than half of it for one user
    assert.equal(refused[0].status, 503);
    assert.equal(JSON.parse(refused[0].body).code, "busy");
    assert.ok(Number(refused[0].headers["retry-after"]) > 0);
    socket.destroy();
    await until("there is room again", 10000, () => openUploads() === 0);
    assert.equal((await send(head(1), 1)).answers[0].status, 200);
});

const statusOf = (name) =>
    Number(fs.readFileSync(`/proc/${world.aisha.pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))[1]);
const anonymousKiB = () => statusOf("RssAnon");

test("nobody's photo waits for a thread that somebody else's photos have", async () => {
    assert.equal((await send(head(1), 1)).answers[0].status, 200);
    assert.ok(statusOf("Threads") > 80, `${statusOf("Threads")} threads for 80 photos that may be judged at once`);
});

test("100 MB go through a server that does not grow", async () => {
    const before = anonymousKiB();
    const bytes = Buffer.alloc(100e6, 7);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, anonymousKiB())), 5);
    const status = await new Promise((resolve, reject) => {
        const { hostname, port } = new URL(world.url);
        const request = http.request(
            {
                hostname,
                port,
                path: `/api/v1/avatars/${avatar}/photos`,
                method: "POST",
                headers: {
                    authorization: `Bearer ${world.owner.token}`,
                    "content-type": "application/octet-stream",
                    "content-length": bytes.length,
                },
            },
            (response) => response.resume().on("end", () => resolve(response.statusCode)),
        );
        request.on("error", reject);
        request.end(bytes);
    });
    clearInterval(watch);
    assert.equal(status, 200, "one verdict: too large");
    assert.ok(most - before < 50 * 1024, `${Math.round((most - before) / 1024)} MiB more`);
});
