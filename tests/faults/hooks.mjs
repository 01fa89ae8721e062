// Webhooks that come five times, in another order, late, with bad signatures, and a flood of forged ones.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sleep } from "../api/support/process.mjs";
import { Relay } from "../api/support/relay.mjs";
import { percentile } from "./support/load.mjs";
import { Rig, withRig } from "./support/rig.mjs";

async function repeated({ name, full }) {
    return withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(3);
        const spread = [
            { fault: "duplicate", probability: 0.4, times: 5 },
            { fault: "reordered", probability: 0.3 },
            { fault: "delayed", probability: 0.2, delay_ms: 3000 },
            { fault: "forged", probability: 0.3 },
            { fault: "bad_signature", probability: 0.3 },
            { fault: "old_timestamp", probability: 0.3 },
            { fault: "key_rotated", probability: 0.1 },
        ];
        await rig.faults(...spread.map((rule) => ({ op: "webhook", ...rule })));
        await rig.load(people).run(full ? 600 : 60, { clients: 8 });
        await rig.settle();
        await sleep(4000); // the late ones
        rig.tell({ deliveries: (await rig.accepted()).reduce((sum, r) => sum + r.deliveries.length, 0) });
    });
}

// What the flood has sent: {sent, answers by status, seconds}.
function flood(options) {
    const child = fork(fileURLToPath(new URL("support/flood.mjs", import.meta.url)), [JSON.stringify(options)]);
    return new Promise((resolve, reject) => {
        let told;
        child.on("message", (message) => (told = message));
        child.on("exit", (code) => (told ? resolve(told) : reject(new Error(`the flood ended with ${code}`))));
    });
}

// Notes how long each passing request took, as `ms` of its record.
function timed(record) {
    const started = performance.now();
    let status;
    Object.defineProperty(record, "status", {
        get: () => status,
        set: (value) => {
            status = value;
            record.ms = performance.now() - started;
        },
    });
    return 0;
}

async function forged({ name, full }) {
    const relay = await Relay.start(timed);
    try {
        return await withRig({ name, generationMs: 300, env: { FAL_WEBHOOK_URL: relay.url } }, async (rig) => {
            relay.target = rig.url;
            const people = await rig.crowd(2);
            const load = rig.load(people);
            await load.run(10, { clients: 4 });
            await rig.settle();
            const quiet = relay.records.length;
            const genuine = new URL((await rig.accepted())[0].webhook_url).pathname;
            const cpu = Rig.cpuSeconds(rig.aisha.pid);
            const seconds = full ? 10 : 4;
            const flooding = flood({ url: rig.url, genuine, perSecond: 10000, seconds });
            await load.run(full ? 60 : 20, { clients: 2, pauseMs: 200 });
            const told = await flooding;
            const used = Rig.cpuSeconds(rig.aisha.pid) - cpu;
            await rig.settle();
            const real = relay.records.slice(quiet).map((r) => r.ms ?? 99999);
            assert.deepEqual(Object.keys(told.answers).sort(), ["401", "404"], JSON.stringify(told));
            assert.ok(percentile(real, 99) < 100, `real webhooks: p99 ${percentile(real, 99)} ms`);
            rig.tell({
                "forged per s": Math.round(told.sent / told.seconds),
                "CPU µs each (with the real work)": ((used / told.sent) * 1e6).toFixed(1),
                "real p99 ms": percentile(real, 99).toFixed(1),
            });
        });
    } finally {
        await relay.stop();
    }
}

export const scenarios = [
    { name: "hooks", title: "webhooks repeated, shuffled, late, wrongly signed", short: true, run: repeated },
    { name: "forged", title: "10,000 forged webhooks per second", alone: true, run: forged },
];
