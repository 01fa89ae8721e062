// kill -9 at random moments and at every fault point, with faults of the database, the network and the storage in
// between, lost and doubled notifications and ambiguous answers of the provider, and PostgreSQL that crashes, too.
import assert from "node:assert/strict";
import { sleep, until } from "../api/support/process.mjs";
import { dice } from "./support/load.mjs";
import { withRig } from "./support/rig.mjs";
import { Supervisor } from "./support/supervisor.mjs";

// 2.5 % at every fault point in all; most of it is felt and survived, a part of it ends the process.
const FAULTS = "kill:0.002:*,error:0.013:*,pause:30:0.01:*";

export const PROVIDER = [
    { op: "webhook", fault: "lost", probability: 0.25 },
    { op: "webhook", fault: "duplicate", probability: 0.05 },
    { op: "submit", fault: "accept_then_close", probability: 0.04 },
    { op: "submit", fault: "accept_then_500", probability: 0.03 },
    { op: "submit", fault: "garbage", probability: 0.02 },
    { op: "submit", fault: "truncated", probability: 0.02 },
    { op: "submit", fault: "close_before_accept", probability: 0.01 },
    { op: "submit", fault: "503", probability: 0.02 },
    { op: "submit", fault: "429", probability: 0.01 },
    { op: "status", fault: "500", probability: 0.05 },
    { op: "result", fault: "lost", probability: 0.03 },
    { op: "listing", fault: "500", probability: 0.1 },
];

// Whoever has not been heard of for longer than two heartbeats is taken for dead a little sooner than usual: deaths come
// faster here than in life, and what the dead held is not to lie around for most of the time.
const BURY = "UPDATE workers SET beat_at = beat_at - interval '10 seconds' WHERE beat_at < now() - interval '5 seconds'";

// Kills the server at random moments until `over` says so; every so often PostgreSQL as well.
async function havoc(rig, supervisor, { chance, over, meanMs, postgresEvery }) {
    let crashes = 0;
    for (let i = 1; !(await over()); i++) {
        await sleep(meanMs * (0.3 + 1.4 * chance()));
        await rig.sql(BURY);
        supervisor.kill();
        if (i % postgresEvery) continue;
        await rig.restartPostgres();
        crashes++;
    }
    return crashes;
}

async function killed({ name, seed, full, generations }) {
    const options = {
        name,
        ownPostgres: true,
        generationMs: 400,
        falsim: ["--seed", String(seed)],
        settleMs: full ? 900000 : 90000,
        env: { WORKERS: "8" },
    };
    return withRig(options, async (rig) => {
        const chance = dice(seed);
        const people = await rig.crowd(4);
        await rig.faults(...PROVIDER);
        await rig.stopServer();
        const supervisor = new Supervisor(rig, { faults: FAULTS, seed });
        const load = rig.load(people, { name: `seed ${seed}` });
        let filed = false;
        const filing = load.run(generations, { clients: 8, pauseMs: 800, chance }).finally(() => (filed = true));
        const enough = Math.ceil(generations / 10);
        const over = async () => // when hardly any work is left to be disturbed
            filed && supervisor.deaths >= enough && (supervisor.deaths >= (full ? 3 : 2) * enough || (await rig.open()) <= generations / 10);
        const breaking = havoc(rig, supervisor, { chance, over, meanMs: 1200, postgresEvery: full ? 12 : 6 });
        const [crashes] = await supervisor.beside(Promise.all([breaking, filing]));
        await supervisor.stop();
        await rig.startServer();
        rig.tell({ kills: supervisor.deaths, "PostgreSQL crashes": crashes, ...supervisor.strikes });
    });
}

// Nobody dies, but every operation fails now and then, before it was done or after: what was done and not told must not
// lie around as long as the process lives.
async function doubtful({ name, seed, full, generations }) {
    return withRig({ name, generationMs: 300, falsim: ["--seed", String(seed)], settleMs: 90000 }, async (rig) => {
        const people = await rig.crowd(3);
        await rig.faults(...PROVIDER);
        await rig.stopServer();
        await rig.startServer({ AISHA_FAULTS: "error:0.04:*", AISHA_FAULTS_SEED: String(seed) });
        await rig.load(people).run(full ? generations : 40, { clients: 6 });
        await rig.settle(90000); // while it goes on failing
        rig.tell({ errors: rig.aisha.log.match(/event=fault\b.*action=error/g)?.length ?? 0 });
        return { copies: true };
    });
}

// A picture that kills whoever touches it: real deaths, but the time between them is passed. Its job ends as a dead letter,
// nobody is charged, the others are served; when the reason is gone an operator has it delivered after all.
async function poison({ name }) {
    return withRig({ name, ownPostgres: true, generationMs: 200 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.stopServer();
        const supervisor = new Supervisor(rig, { faults: "kill:1:put.before" });
        const load = rig.load(people);
        await load.file();
        const dead = () => rig.number("SELECT count(*) FROM jobs WHERE state = 'dead'");
        const rush = async () => {
            await rig.sql(`UPDATE workers SET beat_at = now() - interval '1 minute' WHERE beat_at < now() - interval '3 seconds';
                UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at > now() AND crashes > 0`);
            return dead();
        };
        await supervisor.beside(until("it is a dead letter", 240000, rush, 300));
        await supervisor.stop();
        await rig.startServer();
        await load.run(6, { clients: 3 });
        await until("the others are served", 30000, async () => (await rig.open()) === 0, 100);
        const letter = await rig.command("jobs", "dead");
        const [[status, charged]] = await rig.sql(`SELECT status, charged FROM generations WHERE id = '${letter.ref}'`);
        assert.deepEqual([status, charged, letter.crashes], ["failed", "0", 20]);
        await rig.command("jobs", "retry", String(letter.id));
        await until("it is delivered after all", 20000, async () => (await rig.number("SELECT count(*) FROM images")) === 7, 100);
        rig.tell({ "deaths of it": supervisor.deaths });
    });
}

export const scenarios = [
    { name: "kill", title: "kill -9, faults everywhere, PostgreSQL crashes", short: true, repeats: true, run: killed },
    { name: "doubt", title: "4 % of everything fails, nobody dies", short: true, run: doubtful },
    { name: "poison", title: "whoever touches it dies: a dead letter, delivered later", run: poison },
];
