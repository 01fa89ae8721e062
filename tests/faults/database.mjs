// PostgreSQL crashes under load, is frozen, or keeps a snapshot open for a long time.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { sleep, until } from "../api/support/process.mjs";
import { percentile } from "./support/load.mjs";
import { withRig } from "./support/rig.mjs";

async function crashes({ name, full }) {
    return withRig({ name, ownPostgres: true, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(3);
        const load = rig.load(people);
        const stop = load.endless({ clients: 6, pauseMs: 150 });
        const times = full ? 10 : 3;
        const back = [];
        for (let i = 0; i < times; i++) {
            await sleep(full ? 5000 : 1500);
            await rig.postgres.kill();
            await sleep(300);
            await rig.postgres.start();
            const started = Date.now();
            await until("requests are accepted again", 15000, () => load.accepted.at(-1)?.at > started, 20);
            back.push(load.accepted.find((a) => a.at > started).at - started);
        }
        await stop();
        const odd = load.answers.filter((a) => ![202, 503].includes(a.status));
        assert.deepEqual(odd, [], "nothing but 202 and 503 is answered");
        rig.tell({ restarts: times, "accepted again after ms (worst)": Math.max(...back), "answers 503": load.times(503).length });
    });
}

// Every process of the cluster.
function family(postgres) {
    const parent = postgres.process.pid;
    const isChild = (pid) => {
        try {
            return Number(fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")[1]) === parent;
        } catch {
            return false; // it has just ended
        }
    };
    return [parent, ...fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isChild(pid)).map(Number)];
}

function signalAll(postgres, signal) {
    for (const pid of family(postgres)) {
        try {
            process.kill(pid, signal);
        } catch {
            // it has just ended
        }
    }
}

async function frozen({ name, full }) {
    return withRig({ name, ownPostgres: true, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(2);
        const load = rig.load(people);
        const stop = load.endless({ clients: 4, pauseMs: 100 });
        await sleep(1500);
        signalAll(rig.postgres, "SIGSTOP");
        const frozenAt = Date.now();
        const live = [];
        while (Date.now() - frozenAt < (full ? 60000 : 8000)) {
            const started = performance.now();
            await rig.anonymous.get("/health/live");
            live.push(performance.now() - started);
            await sleep(50);
        }
        signalAll(rig.postgres, "SIGCONT");
        const thawed = Date.now();
        await until("requests are accepted again", 15000, () => load.accepted.at(-1)?.at > thawed, 20);
        const back = load.accepted.at(-1).at - thawed;
        await stop();
        const during = load.answers.filter((a) => a.at >= frozenAt && a.at + a.ms < thawed);
        assert.ok(during.length > 0, "requests were answered while it was frozen");
        assert.deepEqual([...new Set(during.map((a) => a.status))], [503]);
        const slowest = Math.max(...load.answers.map((a) => a.ms));
        assert.ok(slowest < 5500, `an answer took ${slowest} ms`);
        assert.ok(percentile(live, 99) < 100, `/health/live took ${percentile(live, 99)} ms`);
        rig.tell({
            "frozen s": full ? 60 : 8,
            "slowest answer ms": slowest,
            "live p99 ms": percentile(live, 99).toFixed(1),
            "accepted again after ms": back,
        });
    });
}

// How many generations per second come to their end.
async function pace(rig, people, label, count) {
    const started = Date.now();
    await rig.load(people, { name: label }).run(count, { clients: 8 });
    await until("all have ended", 300000, async () => (await rig.open()) === 0, 100);
    return count / ((Date.now() - started) / 1000);
}

// Holds the snapshot of now open in a session of its own; ends with the function that it returns.
async function snapshot(rig) {
    const args = ["-X", "-q", "-h", rig.postgres.home, "-U", "postgres", "-d", rig.databaseName];
    const psql = spawn(path.join(rig.postgres.bin, "psql"), args, { stdio: ["pipe", "ignore", "inherit"] });
    psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM generations;\n");
    await sleep(500);
    return () => psql.stdin.end("ROLLBACK;\n");
}

// Dead rows as a busy hour leaves them: nobody may clear them away while the snapshot is open.
async function bloat(rig, rows) {
    await rig.sql(`INSERT INTO jobs (kind, ref, run_at) SELECT 'bloat', gen_random_uuid(), now() + interval '1 day'
            FROM generate_series(1, ${rows / 4})`);
    for (let i = 0; i < 3; i++) await rig.sql("UPDATE jobs SET run_at = run_at - interval '1 second' WHERE kind = 'bloat'");
    await rig.sql("DELETE FROM jobs WHERE kind = 'bloat'");
}

async function longSnapshot({ name, full }) {
    return withRig({ name, ownPostgres: true, generationMs: 50, settleMs: 300000 }, async (rig) => {
        const people = await rig.crowd(3);
        const count = full ? 600 : 100;
        await pace(rig, people, "warm", 20);
        const before = await pace(rig, people, "free", count);
        const release = await snapshot(rig);
        const rows = full ? 1000000 : 100000;
        await bloat(rig, rows);
        const during = await pace(rig, people, "pinned", count);
        release();
        assert.ok(during > before * 0.3, `${during.toFixed(1)} per second instead of ${before.toFixed(1)}`);
        rig.tell({ "dead rows": rows, "per s": before.toFixed(1), "per s under the snapshot": during.toFixed(1) });
    });
}

export const scenarios = [
    { name: "restart", title: "PostgreSQL crashes under load", short: true, run: crashes },
    { name: "frozen", title: "PostgreSQL is frozen (SIGSTOP)", run: frozen },
    { name: "snapshot", title: "a long snapshot under load", alone: true, run: longSnapshot },
];
