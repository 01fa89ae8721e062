// libcurl sends a request again by itself, and tells nobody, when a connection that was used before is closed without an
// answer. What is paid must not be sent that way: fal.ai takes every second submission and hangs up, while the same
// worker's polls keep connections open, and still as many are accepted as were sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { ask, importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const COUNT = 16;
let world, owner;

before(async () => {
    const env = { WORKERS: "1", FAL_ENABLE_WEBHOOK_SIMULATION: "false" }; // by polls alone, all over one thread's connections
    world = await World.start({ generationMs: 400, falsim: ["--plain-pictures"], env });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

const sent = async () => (await world.sql("SELECT seed::text, state FROM submissions ORDER BY id")).map(([seed, state]) => ({ seed, state }));

test("what fal.ai took is what was sent, when it hangs up without an answer", { timeout: 120000 }, async () => {
    await world.faults({ op: "submit", fault: "accept_then_close", probability: 0.5 });
    for (let i = 0; i < COUNT; i++, await sleep(150)) await ask(owner, { prompt: `sent once ${i}`, preset: "fast" });
    await until("every submission went out and its outcome is known", 100000, async () => {
        const attempts = await sent();
        return attempts.length >= COUNT && attempts.every(({ state }) => !["sending", "unknown", "accepted"].includes(state));
    });
    const attempts = await sent();
    const accepted = await world.accepted();
    const taken = accepted.map((r) => String(r.input.seed));
    assert.equal(new Set(taken).size, taken.length, "no seed came twice");
    assert.deepEqual(taken.sort(), attempts.map(({ seed }) => seed).sort(), "accepted = sent");
    assert.equal(accepted.length, COUNT);
    const found = world.aisha.log.match(/event=submit_found/g)?.length ?? 0;
    console.log(`# ${found} of ${COUNT} were taken without an answer and found in the listing`);
    assert.ok(found >= COUNT / 4, "fal.ai hung up often enough");
    const generations = await world.sql("SELECT status, count(*) FROM generations GROUP BY 1");
    assert.deepEqual(generations, [["completed", String(COUNT)]]);
});
