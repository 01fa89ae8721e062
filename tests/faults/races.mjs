// Cancelling and deleting at every moment: either the credits come back or the picture comes, never both, never neither.
import assert from "node:assert/strict";
import { sleep } from "../api/support/process.mjs";
import { dice } from "./support/load.mjs";
import { withRig } from "./support/rig.mjs";

// Cancels after a chance time, from at once to after the end.
async function cancelled({ name, seed, full }) {
    return withRig({ name, generationMs: 150, settleMs: 180000 }, async (rig) => {
        const chance = dice(seed);
        const people = await rig.crowd(3);
        const load = rig.load(people);
        const answers = {};
        const count = full ? 4000 : 200;
        const clients = 16;
        await rig.faults({ op: "webhook", fault: "lost", probability: 0.1 }, { op: "cancel", fault: "500", probability: 0.1 });
        await Promise.all(
            Array.from({ length: clients }, async () => {
                while (load.next < count) {
                    const { id, person } = await load.file();
                    await sleep(chance() ** 2 * 1200);
                    const { status } = await person.send("POST", `/api/v1/generations/${id}/cancel`);
                    answers[status] = (answers[status] ?? 0) + 1;
                    assert.ok([200, 202, 409].includes(status), `cancel is answered ${status}`);
                }
            }),
        );
        const told = Object.entries(answers).map(([status, times]) => `${status} ×${times}`);
        rig.tell({ answers: told.join(" ") });
        return { orphans: true }; // of one that was cancelled while its pictures were being written
    });
}

// Avatars and whole users go while their generations are under way; the others do not notice.
async function deleted({ name, seed, full }) {
    return withRig({ name, generationMs: 200, settleMs: 180000 }, async (rig) => {
        const chance = dice(seed);
        const people = await rig.crowd(full ? 12 : 5);
        const [stays, ...leaving] = people;
        const gone = [];
        const load = rig.load([stays]);
        await Promise.all([
            load.run(full ? 200 : 30, { clients: 3, pauseMs: 200, chance }),
            ...leaving.map(async (person) => {
                const own = rig.load([person], { name: `of ${person.id}` });
                await own.run(full ? 30 : 10, { clients: 4, pauseMs: 100, chance });
                await sleep(chance() * 1500);
                if (chance() < 0.4) {
                    const { status } = await person.send("DELETE", `/api/v1/avatars/${person.avatar}`);
                    assert.ok([204, 409].includes(status), `the avatar's deletion is answered ${status}`); // 409: it is in use
                }
                if (chance() < 0.15) return; // the user stays, without the avatar
                gone.push(person.id);
                await insist(rig, `DELETE FROM users WHERE id = '${person.id}'`);
            }),
        ]);
        rig.tell({ "users deleted": gone.length, "avatars deleted": await rig.number("SELECT count(*) FROM avatars WHERE deleted_at IS NOT NULL") });
        return { gone, orphans: true };
    });
}

// A deletion may lose a deadlock against the work on what it deletes; then it is tried again, as an operator would.
async function insist(rig, sql) {
    for (let tries = 1; ; tries++) {
        try {
            return await rig.sql(sql);
        } catch (error) {
            assert.ok(/deadlock|serialize/.test(String(error)) && tries < 20, String(error));
        }
    }
}

export const scenarios = [
    { name: "cancel", title: "cancels at every moment: credits or picture", short: true, run: cancelled },
    { name: "delete", title: "users are deleted while their generations run", short: true, run: deleted },
];
