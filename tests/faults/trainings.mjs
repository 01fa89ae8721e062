// Trainings are dear: whatever dies at whatever moment of one, it is sent once, its model is there, it is paid once, and
// no archive of faces is left behind.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { until } from "../api/support/process.mjs";
import { ENDED, readyAvatar, sentFor, train, trainingPath } from "../api/support/trainings.mjs";
import { withRig } from "./support/rig.mjs";

// In the order in which a training passes them; those of the short selection first stand for their neighbours.
const POINTS = [
    ["db.training_load.after"], ["db.photos_to_pack.after"], ["get.after"], ["put.before", true], ["put.after"],
    ["db.training_packed.before"], ["db.training_packed.after", true], ["db.training_sending.before"],
    ["db.training_sending.after", true], ["http.POST.before"], ["http.POST.sent", true], ["http.POST.after", true],
    ["db.training_accepted.before", true], ["db.training_accepted.after"], ["http.GET.after"], ["db.training_seen.after"],
    ["db.training_made.before"], ["db.training_made.after", true], ["db.training_completed.before", true],
    ["db.training_completed.after", true], ["db.training_tidied.before", true], ["db.training_tidied.after"],
];
const BURY = "UPDATE workers SET beat_at = beat_at - interval '10 seconds' WHERE beat_at < now() - interval '2 seconds'";

// The statements of notifications come from the loops: only what workers do is struck, so they are off.
async function oneDeath(rig, person, avatar, point) {
    await rig.stopServer();
    await rig.startServer({ AISHA_FAULTS: `kill:#1:${point}`, AISHA_FAULTS_SEED: "1" });
    await train(person, avatar.id).catch(() => {}); // the loop's process may be gone before it answers
    await until(`it dies at ${point}`, 30000, () => rig.aisha.ended, 50);
    assert.equal(rig.aisha.ended.signal, "SIGKILL", rig.aisha.log.slice(-2000));
    rig.log.push(rig.aisha.log);
    await rig.startServer();
}

async function atRest(rig, person, avatar, point) {
    const ended = async () => {
        await rig.sql(`${BURY}; UPDATE jobs SET run_at = now() WHERE kind = 'training' AND state = 'ready' AND run_at > now() + interval '3 seconds'`);
        const answer = await person.send("GET", trainingPath(avatar.id));
        return answer.status === 200 && ENDED.includes(answer.json.status) && answer.json;
    };
    const last = await until(`the training ends after ${point}`, 60000, ended, 300);
    assert.equal(last.status, "completed", `${point}: ${JSON.stringify(last.error)}`);
    await until(`nothing is left to do after ${point}`, 30000, async () => {
        await rig.sql(BURY);
        return (await rig.number("SELECT count(*) FROM jobs WHERE kind = 'training'")) === 0;
    }, 300);
}

async function judge(rig, avatar, point) {
    const [[id, key, sha256, book]] = await rig.sql(`SELECT t.id, a.model_key, encode(a.model_sha256, 'hex'),
        (SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger WHERE training_id = t.id)
        FROM trainings t JOIN avatars a ON a.id = t.avatar_id WHERE a.id = '${avatar.id}'`);
    const file = path.join(rig.env.OBJECTS_DIR, "aisha-v2-models", key);
    assert.equal(createHash("sha256").update(fs.readFileSync(file)).digest("hex"), sha256, `${point}: the model's bytes`);
    assert.equal(book, "reserve settle", `${point}: the book`);
    const { input } = await sentFor(rig, avatar.id);
    const sent = (await rig.accepted()).filter((r) => r.input.images_data_url.includes(id));
    const archivesSent = sent.map((r) => r.input.images_data_url);
    assert.ok(archivesSent.includes(input.images_data_url), `${point}: the request that it knows is one that was sent`);
    assert.equal(new Set(archivesSent).size, sent.length, `${point}: requests can be told from each other by their archives`);
    // While the process is dead nobody serves the archive either: then the provider makes nothing, and is asked anew.
    const made = sent.filter((r) => r.status_code === 200);
    assert.equal(made.length, 1, `${point}: made once of ${sent.length} times accepted`);
}

// One that another took the place of is deleted by a sweep, every 20 s.
async function noFacesLeft(rig) {
    const folder = path.join(rig.env.OBJECTS_DIR, "aisha-v2-photos", "trainings");
    const left = () => (fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".zip")) : []);
    await until("no archive of faces is left behind", 45000, () => left().length === 0);
}

async function killedAtEachPoint({ name, full }) {
    const points = POINTS.filter(([, short]) => full || short).map(([point]) => point);
    const options = { name, falsim: ["--training-ms", full ? "3000" : "700", "--lora-mib", "1"] /* 3 s: it is seen to run */, env: { WORKERS: "2", FAL_ENABLE_WEBHOOK_SIMULATION: "false" } };
    return withRig(options, async (rig) => {
        for (const point of points) {
            const person = await rig.person(point);
            const avatar = await readyAvatar(rig, person);
            await oneDeath(rig, person, avatar, point);
            await atRest(rig, person, avatar, point);
            await judge(rig, avatar, point);
        }
        await noFacesLeft(rig);
        rig.tell({ deaths: points.length });
        return { copies: true };
    });
}

// The archive lies in the store before its row tells of it: a cancel in between must not leave it there.
async function cancelledWhilePacking({ name }) {
    const options = { name, env: { WORKERS: "2" } };
    return withRig(options, async (rig) => {
        await rig.stopServer();
        await rig.startServer({ AISHA_FAULTS: "pause:3000:#1:db.training_packed.before", AISHA_FAULTS_SEED: "1" });
        const person = await rig.person("cancels");
        const avatar = await readyAvatar(rig, person);
        await train(person, avatar.id);
        const [[id]] = await rig.sql(`SELECT id FROM trainings WHERE avatar_id = '${avatar.id}'`);
        const folder = path.join(rig.env.OBJECTS_DIR, "aisha-v2-photos", "trainings", id);
        const archives = () => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
        await until("the archive is in the store", 10000, async () => archives().length === 1, 20);
        assert.equal((await person.send("DELETE", trainingPath(avatar.id))).status, 202);
        await until("nothing is left to do", 20000, async () => (await rig.number("SELECT count(*) FROM jobs WHERE kind = 'training'")) === 0, 100);
        const [[status, key]] = await rig.sql(`SELECT status, archive_key FROM trainings WHERE id = '${id}'`);
        assert.equal(status, "cancelled");
        assert.ok(!key, "the row never knew of it");
        assert.deepEqual(archives(), [], "an archive of faces was left behind");
        assert.ok(!(await rig.accepted()).some((r) => r.input.images_data_url?.includes(id)), "nothing was sent");
        return { copies: true };
    });
}

export const scenarios = [
    { name: "trainings-cancel", title: "a training that is cancelled between its archive and the row that tells of it", short: true, run: cancelledWhilePacking },
    { name: "trainings", title: "a training whose worker is killed at each of its points", short: true, run: killedAtEachPoint },
];
