// One user's crowd does not hold up another user, and what was filed as a batch does not hold up a person.
import assert from "node:assert/strict";
import { ask, follow } from "../api/support/things.mjs";
import { sleep, until } from "../api/support/process.mjs";
import { withRig } from "./support/rig.mjs";

const TWO = { FAL_CONCURRENCY: "2", FAL_USER_CONCURRENCY: "2" };

async function timed(person, prompt) {
    const started = Date.now();
    const { id } = await ask(person, { prompt, preset: "fast", avatar_id: person.avatar });
    assert.equal((await follow(person, id, 120000)).status, "completed");
    return Date.now() - started;
}

async function cancelRest(rig, person) {
    const ids = (await rig.sql(`SELECT id FROM generations WHERE status = 'pending' AND user_id = '${person.id}'`)).flat();
    while (ids.length)
        await Promise.all(ids.splice(0, 32).map((id) => person.send("POST", `/api/v1/generations/${id}/cancel`)));
}

async function crowded({ name, full }) {
    return withRig({ name, generationMs: 1000, env: TWO, settleMs: 300000 }, async (rig) => {
        const [many, one] = await rig.crowd(2);
        const alone = await timed(one, "alone");
        const count = full ? 10000 : 300;
        const load = rig.load([many]);
        const started = Date.now();
        await load.run(count, { clients: 16 });
        const filed = Date.now() - started;
        await sleep(1500);
        const beside = [];
        for (let i = 0; i < 3; i++) beside.push(await timed(one, `beside the crowd ${i}`));
        const worst = Math.max(...beside);
        assert.ok(worst < 2 * alone + 4000, `${worst} ms beside ${count} others, ${alone} ms alone`);
        rig.tell({ crowd: count, "filed in s": (filed / 1000).toFixed(1), "alone ms": alone, "beside it ms (worst)": worst });
        await cancelRest(rig, many);
    });
}

// Starts of batch generations while interactive ones waited.
async function lanes({ name, full }) {
    return withRig({ name, generationMs: 400, env: TWO }, async (rig) => {
        const people = await rig.crowd(2);
        const count = full ? 100 : 20;
        await rig.load(people.slice(0, 1), { name: "batch", body: { priority: "batch" } }).run(count, { clients: 4 });
        const interactive = rig.load(people, { name: "interactive" });
        await interactive.run(count / 2, { clients: 4 });
        await until("all have ended", 240000, async () => (await rig.open()) === 0, 200);
        const overtook = await rig.number(`WITH i AS (SELECT max(g.created_at) AS filed, max(s.sent_at) AS sent
                FROM submissions s JOIN generations g ON g.id = s.generation_id WHERE g.lane = 0)
            SELECT count(*) FROM submissions s JOIN generations g ON g.id = s.generation_id, i
                WHERE g.lane = 1 AND s.sent_at > i.filed + interval '100 milliseconds' AND s.sent_at < i.sent`);
        assert.equal(overtook, 0, "batch ones that were started while interactive ones waited");
        rig.tell({ batch: count, interactive: count / 2, overtook });
    });
}

export const scenarios = [
    { name: "fair", title: "a crowd of one user beside a single one of another", short: true, run: crowded },
    { name: "lanes", title: "a batch waits behind people", run: lanes },
];
