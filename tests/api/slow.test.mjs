// Connections that are slow, huge, idle or gone: each has its limit, and nobody else notices.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { exchange, Socket } from "./support/raw.mjs";
import { generate, importAvatar, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, auth;

before(async () => {
    world = await World.start({ env: { HTTP_REQUEST_TIMEOUT: "3", HTTP_WRITE_TIMEOUT: "3" } });
    auth = `Authorization: Bearer ${world.owner.token}\r\n`;
});
after(() => world?.stop());

// The server is as well as before.
async function assertWell() {
    const { answers } = await exchange(world.url, "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.equal(answers[0]?.status, 200);
}

test("a body of 30 MB is refused before it is taken", async () => {
    const started = Date.now();
    const socket = await Socket.open(world.url);
    await socket.write(
        `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\nContent-Length: 31457280\r\n\r\n`,
    );
    const chunk = Buffer.alloc(1 << 20, 32);
    for (let i = 0; i < 30 && !socket.closed; i++) {
        if (socket.received.length) break;
        await Promise.race([socket.write(chunk), sleep(500)]);
    }
    const text = await socket.rest(3000);
    socket.destroy();
    if (text) assert.match(text, /^HTTP\/1\.1 413 [^]*application\/problem\+json/);
    else assert.ok(socket.closed);
    assert.ok(Date.now() - started < 8000);
    await assertWell();
});

test("a chunked body of 30 MB is cut as well", async () => {
    const socket = await Socket.open(world.url);
    await socket.write(
        `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1 << 20, 32), Buffer.from("\r\n")]);
    for (let i = 0; i < 30 && !socket.closed && !socket.received.length; i++)
        await Promise.race([socket.write(chunk), sleep(500)]);
    const text = await socket.rest(4000);
    socket.destroy();
    assert.ok(socket.closed || /^HTTP\/1\.1 4(13|00)/.test(text), text.slice(0, 100));
    await assertWell();
});

test("a body sent one byte a second ends with the time for requests", async () => {
    const socket = await Socket.open(world.url);
    await socket.write(
        `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    );
    const started = Date.now();
    while (!socket.closed && Date.now() - started < 9000) {
        await socket.write("x");
        await sleep(500);
    }
    assert.ok(socket.closed, "the connection is closed");
    assert.ok(Date.now() - started < 7000, `after ${Date.now() - started} ms`);
    const text = socket.received.toString("latin1");
    assert.ok(text === "" || /^HTTP\/1\.1 408/.test(text), text.slice(0, 80));
    await assertWell();
});

test("headers sent one byte a second as well, and idle connections", async () => {
    const slow = await Socket.open(world.url);
    const idle = await Socket.open(world.url);
    await slow.write("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    const started = Date.now();
    while (!(slow.closed && idle.closed) && Date.now() - started < 9000) {
        await slow.write("x");
        await sleep(500);
    }
    assert.ok(slow.closed && idle.closed);
    await assertWell();
});

test("many slow connections leave room for quick ones", async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, () => Socket.open(world.url)));
    await Promise.all(
        slow.map((s) =>
            s.write(
                `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
            ),
        ),
    );
    await assertWell();
    await until("they are closed", 9000, () => slow.every((s) => s.closed), 100);
});

test("a reader who stops reading is dropped", async () => {
    await importAvatar(world.owner, STYLE);
    const done = await generate(world.owner, { prompt: "too large to read", preset: "ultra" });
    const path = done.images[0].url.slice(world.url.length);
    const socket = await Socket.open(world.url);
    socket.tcp.pause();
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    await socket.write(request.repeat(Math.ceil(3e7 / done.images[0].bytes)));
    await sleep(9000);
    socket.tcp.resume();
    await until("it is closed", 5000, () => socket.closed);
    await assertWell();
});

test("clients that go away in the middle leave nothing behind", async () => {
    for (let i = 0; i < 200; i++) {
        const socket = await Socket.open(world.url);
        await socket.write(`GET /api/v1/images HTTP/1.1\r\nHost: x\r\n${auth}\r\n`);
        socket.destroy();
    }
    await assertWell();
});
