// A variation sends a picture along, which may have to be uploaded first: whatever dies between the wish, the upload, the
// address that is written down and the paid request, it is made once and paid once, and what was sent is that picture.
import assert from "node:assert/strict";
import { until } from "../api/support/process.mjs";
import { ENDED, generate, importAvatar, PORTRAIT } from "../api/support/things.mjs";
import { withRig } from "./support/rig.mjs";

// In the order in which a variation passes them: the picture is read, a place asked for (POST), the picture put there, its
// address written down, the attempt begun, and only then sent (the second POST). Those of the short selection first stand
// for their neighbours.
const POINTS = [
    ["#1:db.attempt_load.after"], ["#1:get.after"], ["#1:http.POST.before"], ["#1:http.POST.after", true],
    ["#1:http.PUT.before"], ["#1:http.PUT.sent"], ["#1:http.PUT.after", true], ["#1:db.attempt_source.before", true],
    ["#1:db.attempt_source.after", true], ["#1:db.attempt_begin.before"], ["#1:db.attempt_begin.after", true],
    ["#2:http.POST.before"], ["#2:http.POST.sent"], ["#2:http.POST.after", true], ["#1:db.attempt_accepted.after"],
];
const BURY = "UPDATE workers SET beat_at = beat_at - interval '10 seconds' WHERE beat_at < now() - interval '2 seconds'";

async function oneDeath(rig, person, image, point, seed) {
    await rig.stopServer();
    await rig.startServer({ AISHA_FAULTS: `kill:${point}`, AISHA_FAULTS_SEED: "1" });
    await person.send("POST", `/api/v1/images/${image.id}/variations`, { json: { seed: String(seed), change: "little" } });
    await until(`it dies at ${point}`, 30000, () => rig.aisha.ended, 50);
    assert.equal(rig.aisha.ended.signal, "SIGKILL", rig.aisha.log.slice(-2000));
    rig.log.push(rig.aisha.log);
    await rig.startServer();
}

async function atRest(rig, person, image, point) {
    const [[id]] = await rig.sql(`SELECT id FROM generations WHERE parent_image_id = '${image.id}'`);
    return until(`the variation ends after ${point}`, 60000, async () => {
        await rig.sql(`${BURY}; UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at > now() + interval '3 seconds'`);
        const { status, json } = await person.send("GET", `/api/v1/generations/${id}`);
        return status === 200 && ENDED.includes(json.status) && json;
    }, 300);
}

async function judge(rig, image, done, point) {
    assert.equal(done.status, "completed", `${point}: ${JSON.stringify(done.error)}`);
    const sent = (await rig.accepted()).filter((r) => r.input.prompt === done.final_prompt && r.input.image_url);
    assert.equal(sent.length, 1, `${point}: ${sent.length} times accepted`);
    const bytes = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.ok((await bytes(sent[0].input.image_url)).equals(await bytes(image.url)), `${point}: that picture was sent`);
    const [[book]] = await rig.sql(`SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger WHERE generation_id = '${done.id}'`);
    assert.equal(book, "reserve settle", `${point}: the book`);
}

async function killedAtEachPoint({ name, full }) {
    const points = POINTS.filter(([, short]) => full || short).map(([point]) => point);
    const env = { WORKERS: "1", STORAGE_PUBLIC: "false", FAL_ENABLE_WEBHOOK_SIMULATION: "false" };
    return withRig({ name, generationMs: 150, env }, async (rig) => {
        for (const [i, point] of points.entries()) {
            const person = await rig.person(point);
            await importAvatar(person, PORTRAIT);
            const [image] = (await generate(person, { prompt: `before ${point}`, preset: "fast" })).images;
            await oneDeath(rig, person, image, point, 7700 + i); // told from the others by it
            await judge(rig, image, await atRest(rig, person, image, point), point);
        }
        rig.tell({ deaths: points.length });
        return { copies: true };
    });
}

export const scenarios = [
    { name: "variations", title: "a variation whose worker is killed between its picture's upload and its submission", short: true, run: killedAtEachPoint },
];
