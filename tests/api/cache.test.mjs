// Caches: what two servers with one Redis answer is what a third one answers that has none, byte for byte, after every
// write, whoever made it and wherever; and whatever becomes of Redis, nobody gets anything else.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { Client } from "./support/client.mjs";
import { freePort, sleep } from "./support/process.mjs";
import { Redis } from "./support/redis.mjs";
import { ask, ENDED, generate, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const STEPS = Number(process.env.CACHE_STEPS ?? 120);

let world, redis, servers, people;

// mulberry32: the same steps for the same seed, which a failure tells.
const seed = Number(process.env.CACHE_SEED ?? randomBytes(4).readUInt32LE());
let state = seed;
function random(n) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

async function another(env) {
    const port = await freePort();
    const process = world.spawnServer({ LISTEN: `127.0.0.1:${port}`, PUBLIC_URL: world.url, ...env });
    await process.line(/event=listening\b.*url=/);
    return { process, url: `http://127.0.0.1:${port}` };
}

before(async () => {
    redis = await Redis.start();
    world = await World.start({ generationMs: 60, env: { REDIS_URL: redis.url } });
    const second = await another({});
    const plain = await another({ REDIS_URL: "" });
    servers = { first: { process: world.aisha, url: world.url }, second, plain };
    people = [world.owner, world.other].map((person) => ({ id: person.id, clients: {}, person }));
    for (const person of people) {
        for (const [name, { url }] of Object.entries(servers)) person.clients[name] = new Client(url, person.person.headers);
        person.avatars = [(await importAvatar(person.person, PORTRAIT)).id, (await importAvatar(person.person, STYLE)).id];
        person.generations = [];
        for (let i = 0; i < 4; i++) {
            const made = await generate(person.person, { prompt: `picture ${i}`, preset: "fast", num_images: 2 });
            person.generations.push(made.id);
        }
    }
});

after(async () => {
    for (const name of ["second", "plain"]) {
        const { process } = servers?.[name] ?? {};
        if (!process) continue;
        const { code } = await process.stop();
        process.assertClean();
        assert.equal(code, 0);
    }
    await world?.stop();
    await redis?.stop();
});

const images = async (person) =>
    JSON.parse((await person.clients.plain.raw("GET", "/api/v1/images?limit=100")).bytes.toString()).items;

// What they look at: pages of both lists, with filters, cursors and limits, and single generations.
async function paths(person) {
    const cursor = async (path) => {
        const page = JSON.parse((await person.clients.plain.raw("GET", path)).bytes.toString());
        return page.next_cursor ? `${path}&cursor=${page.next_cursor}` : path;
    };
    const limit = 1 + random(4);
    return [
        "/api/v1/generations",
        `/api/v1/generations?limit=${limit}`,
        await cursor(`/api/v1/generations?limit=${limit}`),
        "/api/v1/images",
        `/api/v1/images?favorite=${pick([true, false])}`,
        `/api/v1/images?avatar_id=${pick(person.avatars)}&limit=${limit}`,
        await cursor(`/api/v1/images?limit=${limit}`),
        `/api/v1/generations/${pick(person.generations)}`,
        `/api/v1/generations/${person.generations.at(-1)}`,
    ];
}

// What the clock alone changes of one that is under way is compared by itself; and the date of a signed address.
function withoutClock(text) {
    const times = [];
    const rest = text
        .replace(/"progress":(\d+),"queue_position":(\w+),"eta_seconds":(\d+)/g, (_, progress, place, eta) => {
            times.push([Number(progress), Number(eta)]);
            return `"progress":?,"queue_position":${place},"eta_seconds":?`;
        })
        .replace(/expires=\d+(&|\\u0026)signature=[\w-]+/g, "expires=?");
    return { rest, times };
}

async function read(person, server, path) {
    const { status, bytes } = await person.clients[server].raw("GET", path);
    assert.ok(status === 200 || status === 404, `${server} ${path}: ${status} ${bytes}`);
    return `${status} ${bytes}`;
}

// Between two equal answers without a cache, every other answer must be the same. Something that moves meanwhile is
// waited for.
async function compare(person, path, when) {
    for (let tries = 0; tries < 200; tries++) {
        const before = withoutClock(await read(person, "plain", path));
        const seen = {};
        for (const server of ["first", "second", "first"]) seen[server] = withoutClock(await read(person, server, path));
        const behind = withoutClock(await read(person, "plain", path));
        if (before.rest !== behind.rest) continue;
        for (const [server, { rest, times }] of Object.entries(seen)) {
            assert.equal(rest, before.rest, `${when}: ${server} ${path}, CACHE_SEED=${seed}`);
            times.forEach(([progress, eta], i) => {
                const [[low, late], [high, soon]] = [before.times[i], behind.times[i]];
                assert.ok(progress >= low - 30 && progress <= high + 30, `${when}: progress ${progress}`);
                assert.ok(eta <= late + 2 && eta >= soon - 2, `${when}: eta ${eta}`);
            });
        }
        return;
    }
    assert.fail(`${when}: ${path} does not come to rest`);
}

async function compareAll(when) {
    for (const person of people) for (const path of await paths(person)) await compare(person, path, when);
}

const quote = (text) => `'${text.replaceAll("'", "''")}'`;

// Each returns its words.
const WRITES = {
    async favorite(person, client) {
        const image = pick(await images(person));
        if (!image) return "nothing";
        const is_favorite = pick([true, false]);
        const { status } = await client.raw("PATCH", `/api/v1/images/${image.id}`, { json: { is_favorite } });
        return `favorite ${is_favorite} ${status}`;
    },
    async rename(person, client) {
        const image = pick(await images(person));
        if (!image) return "nothing";
        const json = { custom_name: pick([null, `name ${random(1000)}`, "Кот & \"<b>\""]) };
        return `rename ${(await client.raw("PATCH", `/api/v1/images/${image.id}`, { json })).status}`;
    },
    async remove(person, client) {
        const all = await images(person);
        if (all.length < 3) return "nothing";
        person.trash = pick(all).id;
        return `remove ${(await client.raw("DELETE", `/api/v1/images/${person.trash}`)).status}`;
    },
    async restore(person, client) {
        if (!person.trash) return "nothing";
        return `restore ${(await client.raw("POST", `/api/v1/images/${person.trash}/restore`)).status}`;
    },
    async generate(person, client) {
        const json = { prompt: `wish ${random(1000)}`, preset: "fast", avatar_id: person.avatars[0], num_images: 1 + random(2) };
        const { status, bytes } = await client.raw("POST", "/api/v1/generations", { json });
        if (status === 202) person.generations.push(JSON.parse(bytes.toString()).id);
        return `generate ${status}`;
    },
    async cancel(person, client) {
        return `cancel ${(await client.raw("POST", `/api/v1/generations/${person.generations.at(-1)}/cancel`)).status}`;
    },
    async avatar(person, client) {
        const { status } = await client.raw("PATCH", `/api/v1/avatars/${person.avatars[0]}`, {
            json: { name: `Avatar ${random(1000)}` },
        });
        return `avatar's name ${status}`;
    },
    // Past all servers, as an operator or another program does it.
    async byHand(person) {
        const image = pick(await images(person));
        if (!image) return "nothing";
        await world.sql(`UPDATE images SET custom_name = ${quote(`by hand ${random(1000)}`)} WHERE id = '${image.id}'`);
        return "by hand";
    },
    async wait() {
        await sleep(random(120));
        return "wait";
    },
};

async function writeSomething() {
    const person = pick(people);
    const name = pick(Object.keys(WRITES));
    const server = pick(Object.keys(servers));
    return `${await WRITES[name](person, person.clients[server])} at ${server}`;
}

async function metric(server, name, result) {
    const { bytes } = await new Client(servers[server].url).raw("GET", "/metrics");
    const found = bytes.toString().match(`aisha_cache_requests_total{cache="${name}",result="${result}"} (\\d+)`);
    assert.ok(found, "the metric is missing");
    return Number(found[1]);
}

test("random writes by two users at three servers: cached is uncached, after every step", async () => {
    for (let step = 0; step < STEPS; step++) await compareAll(`step ${step}, ${await writeSomething()}`);
    assert.ok((await metric("first", "history", "hit")) > STEPS, "the caches are not used");
    assert.ok((await metric("first", "progress", "hit")) > STEPS / 4, "the caches are not used");
    assert.equal(await metric("plain", "history", "hit"), 0);
    assert.ok((await metric("plain", "history", "off")) > STEPS);
});

test("an avatar that goes is gone from every page", async () => {
    const [{ person, clients, avatars }] = people;
    await generate(person, { prompt: "of one that goes", preset: "fast", avatar_id: avatars[1] });
    await compareAll("before an avatar's end");
    assert.equal((await clients.second.raw("DELETE", `/api/v1/avatars/${avatars[1]}`)).status, 204);
    await compareAll("after an avatar's end");
    avatars[1] = avatars[0];
});

test("who has written sees it at every server at once, while others write, too", async () => {
    const rival = { running: true };
    const noise = (async () => {
        while (rival.running) await writeSomething();
    })();
    const [{ clients, person }] = people;
    const { images: own } = await generate(person, { prompt: "one's own", preset: "fast", num_images: 3 });
    const writer = async ({ id }, index) => {
        for (let i = 0; i < 25; i++) {
            const name = `${index}:${i}`;
            const json = { custom_name: name };
            const answer = await clients[["first", "second", "plain"][i % 3]].raw("PATCH", `/api/v1/images/${id}`, { json });
            if (answer.status === 404) return; // the rival has put it into the trash
            for (const server of ["second", "first"]) {
                const page = JSON.parse((await clients[server].raw("GET", "/api/v1/images?limit=100")).bytes.toString());
                const shown = page.items.find((image) => image.id === id);
                if (!shown || !/^\d+:\d+$/.test(shown.custom_name ?? "")) return; // the rival has renamed it
                assert.equal(shown.custom_name, name, `at ${server}, CACHE_SEED=${seed}`);
            }
        }
    };
    await Promise.all(own.map(writer));
    rival.running = false;
    await noise;
    await compareAll("when all is quiet");
});

test("nobody gets another's entry, not even by its name", async () => {
    const [owner, other] = people;
    const path = `/api/v1/generations/${owner.generations[0]}`;
    for (let i = 0; i < 3; i++) {
        assert.match(await read(owner, "first", path), /^200/);
        assert.match(await read(other, "first", path), /^404/);
        assert.match(await read(other, "second", path), /^404/);
    }
    assert.match(await read(owner, "second", path), /^200/);
});

test("keys are named as documented, end by themselves, and hold no address that opens a picture", async () => {
    await compareAll("before keys are looked at");
    const keys = redis.keys();
    const known = /^generation:(history|progress|stats):[0-9a-f-]{36}$|^template:(favorites|own):[0-9a-f-]{36}$|^template:popular$/;
    assert.deepEqual(keys.filter((key) => !known.test(key)), []);
    assert.ok(keys.includes(`generation:history:${people[0].id}`));
    for (const key of keys) {
        const left = Number(redis.command("TTL", key));
        assert.ok(left > 0 && left <= 3600 * 24, `${key} ends in ${left} s`);
        const kind = redis.command("TYPE", key).trim();
        const held = kind === "hash" ? redis.command("HVALS", key) : redis.command("GET", key);
        assert.ok(!/signature=/.test(held), `${key} holds a signed address`);
    }
});

test("a hash does not grow for ever", async () => {
    const { clients, id } = people[0];
    for (let limit = 1; limit <= 100; limit++) await clients.first.raw("GET", `/api/v1/images?limit=${limit}`);
    await sleep(100);
    assert.ok(Number(redis.command("HLEN", `generation:history:${id}`)) <= 32);
});

test("entries that somebody moved, cut or made up are not believed", async () => {
    await compareAll("before");
    const [owner, other] = people.map(({ id }) => `generation:history:${id}`);
    redis.command("COPY", owner, other, "REPLACE");
    await compareAll("another's page");
    for (const field of redis.command("HKEYS", owner).split("\n").filter(Boolean))
        redis.command("HSET", owner, field, pick(["", "x", "AiC\u0001\u0001", randomBytes(400).toString("base64")]));
    await compareAll("garbage");
    for (const key of redis.keys()) redis.command("SET", key, "of another type");
    await compareAll("strings");
    for (const key of redis.keys()) (redis.command("DEL", key), redis.command("LPUSH", key, "a list"));
    await compareAll("lists");
    assert.ok((await metric("first", "history", "failed")) > 0);
    await compareAll("again");
    assert.equal(redis.command("TYPE", owner).trim(), "hash", "what was in the way is still there");
});

test("with Redis emptied, full, frozen, killed and back all answers are the same", async () => {
    redis.command("FLUSHALL");
    await compareAll("emptied");
    redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    redis.command("CONFIG", "SET", "maxmemory", "1mb");
    await compareAll("full");
    for (let i = 0; i < 5; i++) await compareAll(`full, ${await writeSomething()}`);
    redis.command("CONFIG", "SET", "maxmemory", "0");
    redis.signal("SIGSTOP");
    for (let i = 0; i < 3; i++) await compareAll(`frozen, ${await writeSomething()}`);
    redis.signal("SIGCONT");
    for (let i = 0; i < 5; i++) await compareAll(`back, ${await writeSomething()}`);
    await redis.stop("SIGKILL");
    for (let i = 0; i < 3; i++) await compareAll(`killed, ${await writeSomething()}`);
    await redis.start();
    for (let i = 0; i < 5; i++) await compareAll(`new, ${await writeSomething()}`);
});
