// The storage does not take pictures for a while, or only a few: what was made is kept, and delivered when it can be.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { sleep, until } from "../api/support/process.mjs";
import { withRig } from "./support/rig.mjs";

const spooled = (rig) => rig.number("SELECT count(*) FROM generation_outputs WHERE spooled_on IS NOT NULL");

// A plain file stands where the folder was.
function takeAway(rig) {
    fs.mkdirSync(rig.objects, { recursive: true });
    fs.renameSync(rig.objects, `${rig.objects}.away`);
    fs.writeFileSync(rig.objects, "not a folder");
}

function bringBack(rig) {
    fs.rmSync(rig.objects);
    fs.renameSync(`${rig.objects}.away`, rig.objects);
}

async function storageAway({ name, full }) {
    return withRig({ name, generationMs: 300, settleMs: 180000 }, async (rig) => {
        const people = await rig.crowd(2);
        const load = rig.load(people);
        const count = full ? 100 : 16;
        await load.run(6, { clients: 4 });
        await until("they are stored", 20000, async () => (await rig.open()) === 0, 100);
        takeAway(rig);
        await load.run(count, { clients: 6, pauseMs: 200 });
        const isKept = async () => (await spooled(rig)) >= count;
        await until("all that was made is on the spool", 60000, isKept, 200).catch(async (error) => {
            throw new Error(`${error.message}: ${await spooled(rig)} of ${count}; ${await rig.census()}`);
        });
        // The provider's copies are gone: only the spool has the pictures now, and it outlives a crash.
        fs.rmSync(path.join(rig.home, "falsim.state.files"), { recursive: true, force: true });
        await rig.killServer();
        await rig.startServer();
        await sleep(full ? 20000 : 1000);
        bringBack(rig);
        rig.tell({ "kept on the spool": count });
    });
}

// Files of the provider that are cut off for good: no such picture is delivered, nor charged.
async function brokenFiles({ name, full }) {
    return withRig({ name, generationMs: 200, settleMs: 240000 }, async (rig) => {
        const people = await rig.crowd(2);
        await rig.faults({ op: "file", fault: "truncated", probability: 0.2 }, { op: "result", fault: "lost", probability: 0.2 });
        await rig.load(people).run(full ? 100 : 20, { clients: 6 });
        const left = () => rig.number("SELECT count(*) FROM jobs WHERE state <> 'dead' AND attempts = 0");
        await until("only those are left that fail", 60000, async () => !(await left()), 200);
        await rig.sql("UPDATE jobs SET attempts = 100, run_at = now() WHERE attempts > 0 AND state = 'ready'");
        await rig.settle();
        const failed = await rig.number("SELECT count(*) FROM generations WHERE status = 'failed'");
        assert.ok(failed > 0, "some were cut off");
        return { dead: failed };
    });
}

// A disk of 3 MiB for everything that is stored; nothing at all fits into the last bytes.
async function diskFull({ name, full }) {
    const place = fs.mkdtempSync("/tmp/aisha-disk-");
    try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", place], { stdio: "pipe" });
    } catch (error) {
        fs.rmdirSync(place);
        return { skipped: `no small disk can be mounted here: ${String(error.stderr).trim()}` };
    }
    try {
        const options = { name, generationMs: 200, settleMs: 180000, env: { OBJECTS_DIR: place } };
        return await withRig(options, async (rig) => {
            const people = await rig.crowd(2);
            const load = rig.load(people);
            await load.run(4, { clients: 2 });
            await until("they are stored", 20000, async () => (await rig.open()) === 0, 100);
            fs.writeFileSync(path.join(place, "ballast"), Buffer.alloc(0));
            fillUp(path.join(place, "ballast"));
            await load.run(full ? 60 : 20, { clients: 4 });
            await sleep(full ? 20000 : 4000);
            assert.ok(!rig.aisha.ended, "it lives on a full disk");
            await rig.anonymous.get("/health/live");
            execFileSync("mount", ["-o", "remount,size=200m", place]);
            fs.rmSync(path.join(place, "ballast"));
        });
    } finally {
        execFileSync("umount", ["-l", place]);
        fs.rmdirSync(place);
    }
}

function fillUp(file) {
    const block = Buffer.alloc(4096);
    try {
        for (;;) fs.appendFileSync(file, block);
    } catch (error) {
        assert.equal(error.code, "ENOSPC");
    }
}

export const scenarios = [
    { name: "storage", title: "the objects' folder fails, the provider's copies expire, kill -9", short: true, run: storageAway },
    { name: "files", title: "files of the provider are cut off", run: brokenFiles },
    { name: "disk", title: "the disk is full", run: diskFull },
];
