// fal.ai misbehaves: it is away, refuses, answers so that nobody can know, does not list, does not call back, or calls
// hours later.
import assert from "node:assert/strict";
import { sleep, until } from "../api/support/process.mjs";
import { withRig } from "./support/rig.mjs";

const AMBIGUOUS = ["accept_then_close", "accept_then_500", "garbage"];
const ambiguous = (probability) => AMBIGUOUS.map((fault) => ({ op: "submit", fault, probability: probability / 3 }));

const shown = async (person, id) => (await person.get(`/api/v1/generations/${id}`)).json;

// The moment that the breaker of this endpoint ('' is the account) opens, as milliseconds from now on.
async function opens(rig, endpoint, ms) {
    const started = Date.now();
    const sql = `SELECT count(*) FROM breakers WHERE open_until IS NOT NULL AND endpoint ${endpoint ? "<>" : "="} ''`;
    await until("the breaker opens", ms, () => rig.number(sql), 100);
    return Date.now() - started;
}

// A client that re-sends by itself when a connection breaks would be counted here.
async function resent({ name, full }) {
    return withRig({ name, generationMs: 200, env: { WORKERS: "1" } }, async (rig) => {
        const people = await rig.crowd(1);
        await rig.faults({ op: "submit", fault: "accept_then_close", probability: 0.5 });
        await rig.load(people).run(full ? 200 : 24, { clients: 4, pauseMs: 200 });
        await rig.settle();
        const accepted = (await rig.accepted()).length;
        const sent = await rig.number("SELECT count(*) FROM submissions");
        assert.equal(accepted, sent, "accepted by the provider = attempts of ours");
    });
}

async function away({ name, full }) {
    return withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(2);
        const load = rig.load(people);
        await load.run(10, { clients: 4 });
        await rig.falsim.stop("SIGKILL");
        const [, breaker] = await Promise.all([load.run(20, { clients: 2, pauseMs: 300 }), opens(rig, "endpoint", 20000)]);
        const last = load.accepted.at(-1);
        const waits = (await shown(last.person, last.id)).waiting;
        assert.ok(waits?.code?.startsWith("waiting_"), `one that waits says so: ${JSON.stringify(waits)}`);
        await sleep(full ? 60000 : 3000);
        if (full) await rig.pass("10 minutes");
        await rig.startFalsim();
        const back = Date.now();
        await until("somebody is served again", 330000, async () => (await rig.number("SELECT count(*) FROM submissions WHERE state = 'completed'")) > 10, 500);
        rig.tell({ "breaker open after ms": breaker, "served again after s": Math.round((Date.now() - back) / 1000) });
    });
}

async function storm({ name, full }) {
    return withRig({ name, generationMs: 300, settleMs: 240000 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.faults({ op: "submit", fault: "429", probability: 0.7 }, { op: "submit", fault: "503", probability: 0.3 });
        await rig.load(people).run(full ? 200 : 30, { clients: 8 });
        await opens(rig, "endpoint", 30000);
        await sleep(full ? 30000 : 3000);
        await rig.faults();
    });
}

async function unclear({ name, full }) {
    return withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.faults(...ambiguous(0.3), { op: "webhook", fault: "lost", probability: 0.5 });
        await rig.load(people).run(full ? 400 : 40, { clients: 8 });
    });
}

// While the list of requests cannot be read, nothing is sent again; when it can, everything is found. What is dear is
// not sent again at all, and not charged.
async function unlisted({ name, full }) {
    return withRig({ name, generationMs: 200, env: { RESEND_MAX_CREDITS: "1" } }, async (rig) => {
        const people = await rig.crowd(1);
        const silence = [{ op: "listing", fault: "500" }, { op: "webhook", fault: "lost" }];
        const heldNow = () => rig.number("SELECT count(*) FROM submissions WHERE state = 'unknown'");
        const count = full ? 60 : 12;
        const allHeld = async () => {
            await rig.hurry(); // the breaker lets one at a time try
            return (await heldNow()) === count;
        };

        await rig.faults(...silence, { op: "submit", fault: "accept_then_close" });
        await rig.load(people, { name: "found" }).run(count, { clients: 8 });
        await until("all are held", 120000, allHeld, 300);
        await rig.pass("9 minutes");
        for (let i = 0; i < 4; i++) {
            await sleep(1000);
            await rig.hurry();
        }
        assert.equal(await heldNow(), count, "held while the list is away");
        assert.equal((await rig.accepted()).length, count, "and not sent again");
        await rig.faults();
        await rig.settle();

        await rig.faults(...silence, { op: "submit", fault: "accept_then_close" });
        await rig.load(people, { name: "dear" }).run(count, { clients: 8 });
        await until("all are held", 120000, allHeld, 300);
        await rig.pass("140 minutes");
        await rig.settle();
        const told = await rig.sql("SELECT DISTINCT status, error_code, charged FROM generations WHERE prompt LIKE 'dear %'");
        assert.deepEqual(told, [["failed", "outcome_unknown", "0"]]);
        return { review: count };
    });
}

async function silent({ name, full }) {
    return withRig({ name, generationMs: 500 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.faults({ op: "webhook", fault: "lost" });
        const started = Date.now();
        await rig.load(people).run(full ? 300 : 30, { clients: 8 });
        await rig.settle();
        rig.figures.seconds = Math.round((Date.now() - started) / 1000);
    });
}

// The result of what was given up arrives: it is a present.
async function late({ name, full }) {
    const room = { FAL_CONCURRENCY: "64", FAL_USER_CONCURRENCY: "64" }; // for all of them at once
    return withRig({ name, generationMs: 300, env: room }, async (rig) => {
        const people = await rig.crowd(2);
        const count = full ? 40 : 8;
        await rig.faults({ op: "status", fault: "500" }, { op: "webhook", fault: "delayed", delay_ms: full ? 30000 : 12000 });
        await rig.load(people).run(count, { clients: 8 });
        const accepted = () => rig.number("SELECT count(*) FROM submissions WHERE state = 'accepted'");
        await until("all are submitted", 20000, async () => (await accepted()) === count, 200);
        await sleep(1500); // they are made: what is still running would be cancelled
        await rig.sql("UPDATE submissions SET sent_at = sent_at - interval '3 hours'");
        const counted = (status) => rig.number(`SELECT count(*) FROM generations WHERE status = '${status}'`);
        await until("all are given up", 30000, async () => {
            // That many looks have failed; a step that is just ending may have counted anew.
            await rig.sql("UPDATE jobs SET attempts = 7, run_at = now() WHERE state = 'ready' AND kind = 'generation'");
            return (await counted("failed")) === count;
        }, 200);
        await until("all have arrived", 60000, async () => (await counted("completed")) === count, 200);
        assert.equal(await rig.number("SELECT coalesce(sum(charged), 0) FROM generations"), 0, "without charge");
    });
}

async function keyRefused({ name, full }) {
    return withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(1);
        await rig.faults({ op: "submit", fault: "401" });
        const load = rig.load(people);
        await load.run(full ? 40 : 10, { clients: 4 });
        await opens(rig, "", 10000);
        const tried = await rig.number("SELECT count(*) FROM submissions");
        const { id, person } = load.accepted.at(-1);
        assert.equal((await shown(person, id)).waiting?.code, "waiting_stopped");
        assert.equal((await rig.anonymous.get("/health/ready")).json.checks.provider, "stopped");
        await sleep(3000);
        assert.equal(await rig.number("SELECT count(*) FROM submissions"), tried, "nobody tries while the line is stopped");
        await rig.faults();
        await rig.pass("65 seconds");
        await rig.settle();
        rig.figures["submissions before it stopped"] = tried;
    });
}

export const scenarios = [
    { name: "unlisted", title: "listing down: held, found later; what is dear goes to review", run: unlisted },
    { name: "away", title: "fal.ai is away: accepted, told to wait, served again", short: true, run: away },
    { name: "storm", title: "429 and 503 to everything for a while", run: storm },
    { name: "late", title: "results that arrive after the end are free", short: true, run: late },
    { name: "unclear", title: "30 % of the answers are ambiguous", short: true, run: unclear },
    { name: "silent", title: "every webhook is lost", run: silent },
    { name: "key", title: "401 stops the line", short: true, run: keyRefused },
    { name: "resend", title: "connections that break after acceptance: accepted = attempts", short: true, run: resent },
];
