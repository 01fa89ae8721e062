// Processes that everybody takes for dead and that wake up again: frozen with work in their hands, or cut off from the
// database. Meanwhile another one has taken over; what the sleeper does then must have no effect.
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { sleep, temporary, until } from "../api/support/process.mjs";
import { withRig } from "./support/rig.mjs";

const leased = (rig) => rig.number("SELECT count(*) FROM jobs WHERE state = 'leased'");

async function frozen({ name, full }) {
    return withRig({ name, generationMs: 600, settleMs: 180000 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.faults({ op: "webhook", fault: "lost", probability: 0.5 }, { op: "submit", fault: "accept_then_close", probability: 0.05 });
        const sleeper = await rig.second();
        const load = rig.load(people);
        const stop = load.endless({ clients: 4, pauseMs: 600 });
        const times = full ? 4 : 1;
        for (let i = 0; i < times; i++) {
            await sleep(1500);
            sleeper.process.child.kill("SIGSTOP");
            await sleep(full ? 20000 + i * 12000 : 22000);
            sleeper.process.child.kill("SIGCONT");
            await sleep(2000);
        }
        await stop();
        rig.tell({ "times frozen": times, generations: load.accepted.length });
    });
}

// Between a server and PostgreSQL's socket; `cut` stops every byte in both directions, and says nothing.
class Gap {
    static async open(target) {
        const gap = new Gap();
        gap.folder = temporary("aisha-gap-");
        gap.pairs = new Set();
        gap.server = net.createServer((from) => gap.#join(from, net.connect(path.join(target, ".s.PGSQL.5432"))));
        await new Promise((resolve) => gap.server.listen(path.join(gap.folder, ".s.PGSQL.5432"), resolve));
        return gap;
    }

    #join(...pair) {
        this.pairs.add(pair);
        pair.forEach((socket, i) => {
            socket.on("data", (bytes) => pair[1 - i].write(bytes));
            socket.on("error", () => {});
            socket.on("close", () => {
                pair[1 - i].destroy();
                this.pairs.delete(pair);
            });
            if (this.isCut) socket.pause();
        });
    }

    cut() {
        this.isCut = true;
        for (const pair of this.pairs) pair.forEach((socket) => socket.pause());
    }

    join() {
        this.isCut = false;
        for (const pair of this.pairs) pair.forEach((socket) => socket.resume());
    }

    close() {
        for (const pair of this.pairs) pair.forEach((socket) => socket.destroy());
        this.server.close();
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

async function cutOff({ name, full }) {
    let gap;
    try {
        return await withRig({ name, generationMs: 600, settleMs: 180000 }, async (rig) => {
            const people = await rig.crowd(2);
            gap = await Gap.open(rig.postgres.home);
            await rig.faults({ op: "webhook", fault: "lost", probability: 0.5 });
            await rig.second({ DATABASE_URL: rig.databaseUrl.replace(/host=[^&]*/, `host=${gap.folder}`) });
            const stop = rig.load(people).endless({ clients: 4, pauseMs: 600 });
            const times = full ? 4 : 1;
            let taken = 0;
            for (let i = 0; i < times; i++) {
                await sleep(1500);
                gap.cut();
                taken += await leased(rig);
                await sleep(full ? 20000 + i * 10000 : 16000);
                gap.join();
                await sleep(2000);
            }
            await stop();
            rig.tell({ "times cut off": times, "leased at the cuts": taken });
        });
    } finally {
        gap?.close();
    }
}

// A worker that wakes up long after it decided to send does not send.
async function rescued({ name }) {
    return withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(1);
        const load = rig.load(people);
        await load.run(20, { clients: 8 });
        await until("work is in somebody's hands", 5000, () => leased(rig), 5);
        rig.aisha.child.kill("SIGSTOP");
        const frozenAt = Date.now();
        const held = await leased(rig);
        assert.ok(held >= 0);
        await rig.second();
        await until("everything has ended without it", 60000, async () => (await rig.open()) === 0, 100);
        rig.tell({ "in its hands": held, "ended without it after s": ((Date.now() - frozenAt) / 1000).toFixed(1) });
        rig.aisha.child.kill("SIGCONT");
        await sleep(2000);
    });
}

export const scenarios = [
    { name: "zombie", title: "a server frozen for half a minute while another one works", short: true, run: frozen },
    { name: "cut", title: "a server that does not reach PostgreSQL while another one works", run: cutOff },
    { name: "rescue", title: "what a frozen server held is taken over", run: rescued },
];
