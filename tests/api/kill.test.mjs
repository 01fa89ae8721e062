// The promise about money: kill -9 at any moment, and every generation completes and is paid for once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { ENDED, importAvatar, PORTRAIT, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const COUNT = 200;
const KILLS = 8;
let world, owner;

before(async () => {
    world = await World.start({ generationMs: 500 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

// Posts until it is answered; the key makes that safe.
async function insist(prompt) {
    const headers = { "idempotency-key": randomUUID() };
    for (;;) {
        const answer = await owner
            .send("POST", "/api/v1/generations", { json: { prompt, preset: "fast" }, headers })
            .catch(() => null);
        if (answer?.status === 202) return answer.json;
        assert.ok(!answer || answer.status === 503, `${answer?.status} ${answer?.text}`);
        await sleep(50);
    }
}

async function killAndRestart() {
    await world.stopServer("SIGKILL");
    await world.startServer();
}

// How many have ended; null while the server is away.
async function ended() {
    const all = await walk(owner, "/api/v1/generations").catch(() => null);
    return all?.filter((g) => ENDED.includes(g.status)).length ?? null;
}

test(`${COUNT} generations survive kill -9 at random moments, each paid for once`, { timeout: 150000 }, async () => {
    const started = Date.now();
    const prompts = Array.from({ length: COUNT }, (_, i) => `survivor ${i} of ${COUNT}`);
    const queue = [...prompts];
    // Not all at once: some are always being submitted when the kill comes.
    const posting = Promise.all(
        Array.from({ length: 4 }, async () => {
            for (; queue.length; await sleep(Math.random() * 250)) await insist(queue.shift());
        }),
    );
    let kills = 0;
    const seen = [];
    while (kills < KILLS) {
        await sleep(200 + Math.random() * 1200);
        seen.push(await world.sql("SELECT status, count(*) FROM generations GROUP BY 1 ORDER BY 1"));
        await killAndRestart();
        kills++;
    }
    await posting;
    const lastKill = Date.now();
    let left;
    const isHeld = "SELECT 1 FROM submissions WHERE state = 'unknown'";
    await until(
        "all have ended but those held for certainty",
        60000,
        async () => {
            left = COUNT - ((await ended()) ?? 0);
            return left === (await world.sql(isHeld)).length;
        },
        250,
    );
    await world.passTime("9 minutes");
    await until("all have ended", 30000, async () => (await ended()) === COUNT, 250);
    const finished = Date.now();

    const generations = await walk(owner, "/api/v1/generations");
    const accepted = await world.accepted();
    const times = new Map(prompts.map((p) => [p, accepted.filter((r) => r.input.prompt === `ANNA woman ${p}`).length]));
    const twice = prompts.filter((p) => times.get(p) > 1);
    const never = prompts.filter((p) => times.get(p) === 0);
    const failed = generations.filter((g) => g.status !== "completed").map((g) => [g.prompt, g.status, g.error?.code]);
    console.log(
        `# kills ${kills}, generations ${generations.length}, completed ${generations.length - failed.length}, accepted by fal.ai ${accepted.length}, twice ${twice.length}, never ${never.length}, held because nobody could know ${left}`,
    );
    console.log(
        `# ${Math.round((finished - started) / 100) / 10} s in all, ${Math.round((finished - lastKill) / 100) / 10} s after the last kill; running at the kills: ${seen.map((rows) => rows.map((r) => r.join(" ")).join(", ")).join(" | ")}`,
    );
    assert.equal(generations.length, COUNT);
    assert.deepEqual(failed, []);
    assert.deepEqual({ twice, never }, { twice: [], never: [] });
    assert.equal(accepted.length, COUNT);
    const images = await walk(owner, "/api/v1/images");
    assert.equal(images.length, COUNT, "one picture each");
    assert.equal(new Set(images.map((i) => i.generation_id)).size, COUNT);
    for (const image of images.filter((_, i) => i % 20 === 0))
        assert.equal((await world.anonymous.get(image.url.slice(world.url.length))).bytes.length, image.bytes);
    assert.ok(finished - started < 90000, "within 90 seconds");
});
