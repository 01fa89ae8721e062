// The judge is judged: every promise is broken once, behind the server's back, and must be named.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { invariants } from "./support/invariants.mjs";
import { withRig } from "./support/rig.mjs";

const WITHOUT_TRIGGERS = "SET session_replication_role = replica";

// {what is broken: [how, how it is mended]}, each with the id of a completed generation and its user. Only superusers
// get past the constraints and triggers.
const breaks = ({ id, user, request }) => ({
    stuck: [
        `UPDATE generations SET status = 'running', finished_at = NULL, charged = NULL WHERE id = '${id}'`,
        `UPDATE generations SET status = 'completed', finished_at = now(), charged = cost WHERE id = '${id}'`,
    ],
    "slots in use": [
        `INSERT INTO slots (generation_id, user_id) VALUES ('${id}', '${user}')`,
        "DELETE FROM slots",
    ],
    "queued still": [
        `INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost) VALUES ('${id}', '${user}', 0, 'x', 1)`,
        "DELETE FROM generation_queue",
    ],
    "flows that wait": [
        `UPDATE flows SET waiting = 3 WHERE user_id = '${user}'`,
        `UPDATE flows SET waiting = 0 WHERE user_id = '${user}'`,
    ],
    "jobs left": [
        `INSERT INTO jobs (kind, ref, run_at) VALUES ('strange', '${id}', now())`,
        "DELETE FROM jobs",
    ],
    "dead jobs": [`INSERT INTO jobs (kind, ref, state) VALUES ('strange', '${id}', 'dead')`, "DELETE FROM jobs"],
    "attempts that are open": [
        `UPDATE submissions SET state = 'accepted' WHERE generation_id = '${id}'`,
        `UPDATE submissions SET state = 'completed' WHERE generation_id = '${id}'`,
    ],
    "attempts for an operator": [
        `UPDATE submissions SET state = 'review' WHERE generation_id = '${id}'`,
        `UPDATE submissions SET state = 'completed' WHERE generation_id = '${id}'`,
    ],
    "not reserved once and ended once": [
        `UPDATE ledger SET generation_id = gen_random_uuid() WHERE generation_id = '${id}' AND kind = 'settle'`,
        `UPDATE ledger SET generation_id = '${id}' WHERE kind = 'settle' AND generation_id NOT IN (SELECT id FROM generations)`,
    ],
    "the end is not what was charged": [
        `UPDATE generations SET charged = charged - 1 WHERE id = '${id}'`,
        `UPDATE generations SET charged = charged + 1 WHERE id = '${id}'`,
    ],
    "charged otherwise than delivered": [
        `UPDATE generations SET num_images = 2 WHERE id = '${id}'`,
        `UPDATE generations SET num_images = 1 WHERE id = '${id}'`,
    ],
    "sums of an account": [
        `UPDATE accounts SET spent = spent + 1, available = available - 1 WHERE user_id = '${user}'`,
        `UPDATE accounts SET spent = spent - 1, available = available + 1 WHERE user_id = '${user}'`,
    ],
    "completed without a picture": [
        `UPDATE images SET generation_id = gen_random_uuid() WHERE generation_id = '${id}'`,
        `UPDATE images SET generation_id = '${id}' WHERE generation_id NOT IN (SELECT id FROM generations)`,
    ],
    "versions told with a gap, or twice": [
        `UPDATE events SET ref = gen_random_uuid(), created_at = now() + interval '9 hours'
            WHERE ref = '${id}' AND (payload::json ->> 'version')::int = 2`,
        `UPDATE events SET ref = '${id}', created_at = now() WHERE created_at > now() + interval '5 hours'`,
    ],
    "notifications of a request that is not the generation's": [
        `INSERT INTO webhook_inbox (request_id, ok, generation_id) VALUES ('a-strange-one', true, '${id}')`,
        "DELETE FROM webhook_inbox WHERE request_id = 'a-strange-one'",
    ],
    "accepted by the provider, but not ours": [
        `UPDATE submissions SET request_id = 'a-strange-one' WHERE generation_id = '${id}'`,
        `UPDATE submissions SET request_id = '${request}' WHERE generation_id = '${id}'`,
    ],
    lost: [
        `UPDATE generations SET id = '00000000-0000-4000-8000-00000000dead' WHERE id = '${id}'`,
        `UPDATE generations SET id = '${id}' WHERE id = '00000000-0000-4000-8000-00000000dead'`,
    ],
});

async function named(rig, what) {
    const error = await invariants(rig).then(
        () => null,
        (thrown) => thrown,
    );
    assert.ok(error, `nobody notices: ${what}`);
    assert.ok(error.message.includes(`${what} (`), `${what} is not named, but: ${error.message}`);
}

// The same request once more, as a client that re-sends would have sent it.
async function payTwice(rig, { input }) {
    const answer = await fetch(`${rig.falsimUrl}/fal-ai/flux-lora`, {
        method: "POST",
        headers: { authorization: `Key ${rig.secrets.FAL_KEY}`, "content-type": "application/json" },
        body: JSON.stringify(input),
    });
    assert.ok(answer.ok, await answer.text());
}

async function spoil(rig) {
    const [[key]] = await rig.sql("SELECT object_key FROM images LIMIT 1");
    const file = path.join(rig.objects, key);
    const small = file.replace(/\.\w+$/, "_small.webp");
    const [bytes, thumbnail] = [fs.readFileSync(file), fs.readFileSync(small)];
    const changed = Buffer.from(bytes);
    changed[changed.length >> 1] ^= 1;
    for (const [what, broken] of [["changed", changed], ["short", bytes.subarray(1)]]) {
        fs.writeFileSync(file, broken);
        await named(rig, "pictures whose files are wrong").catch((error) => assert.fail(`${what}: ${error.message}`));
    }
    fs.writeFileSync(file, bytes);
    fs.rmSync(small);
    await named(rig, "pictures whose files are wrong");
    fs.writeFileSync(small, thumbnail);
    const orphan = path.join(path.dirname(file), "00000000-0000-7000-8000-000000000000.jpg");
    fs.writeFileSync(orphan, bytes);
    await named(rig, "files without a row");
    fs.rmSync(orphan);
}

async function judged({ name }) {
    return withRig({ name, generationMs: 100 }, async (rig) => {
        const people = await rig.crowd(1);
        await rig.load(people).run(3, { clients: 3 });
        await rig.settle();
        await invariants(rig);
        await rig.stopServer(); // its sweepers would mend what is broken now
        const [[id, user, request]] = await rig.sql("SELECT generation_id, user_id, request_id FROM submissions LIMIT 1");
        const table = Object.entries(breaks({ id, user, request }));
        for (const [what, [harm, mend]] of table) {
            await rig.sql(`${WITHOUT_TRIGGERS}; ${harm}`);
            await named(rig, what);
            await rig.sql(`${WITHOUT_TRIGGERS}; ${mend}`);
        }
        await spoil(rig);
        await invariants(rig); // all is mended
        await payTwice(rig, (await rig.accepted())[0]);
        await named(rig, "paid twice");
        await rig.startServer();
        rig.tell({ "promises broken and named": table.length + 5 });
        return { extraPaid: 1, strange: 1 };
    });
}

export const scenarios = [{ name: "checker", title: "the judge names every broken promise", short: true, run: judged }];
