// No file descriptor is left: who is connected is served or told to come back, nothing spins, and all is well again
// afterwards.
import assert from "node:assert/strict";
import net from "node:net";
import { sleep, until } from "../api/support/process.mjs";
import { Rig, withRig } from "./support/rig.mjs";

const LIMIT = 160;

function connections(port, count) {
    return Array.from({ length: count }, () => {
        const socket = net.connect(port, "127.0.0.1");
        socket.on("error", () => {});
        return socket;
    });
}

async function exhausted({ name, full }) {
    return withRig({ name, generationMs: 300, env: { HTTP_REQUEST_TIMEOUT: "60" } }, async (rig) => {
        const people = await rig.crowd(1);
        await rig.stopServer();
        rig.aisha = rig.spawnServer({}, ["prlimit", `--nofile=${LIMIT}:${LIMIT}`]);
        await rig.aisha.line(/event=listening\b/);
        const load = rig.load(people);
        await load.run(10, { clients: 2 });
        await rig.settle(); // what is measured then is idleness
        const idle = connections(rig.port, 2 * LIMIT);
        await sleep(2000);
        const cpu = Rig.cpuSeconds(rig.aisha.pid);
        await sleep(3000);
        const busy = (Rig.cpuSeconds(rig.aisha.pid) - cpu) / 3;
        const told = {};
        for (let i = 0; i < (full ? 200 : 30); i++) {
            const answer = await people[0].send("GET", "/api/v1/me", { timeout: 5000 }).catch((error) => ({ status: error.code ?? "none" }));
            told[answer.status] = (told[answer.status] ?? 0) + 1;
        }
        assert.ok(!rig.aisha.ended, "it lives");
        const lines = rig.aisha.log.match(/event=accept_failed/g)?.length ?? 0;
        assert.ok(lines < 1000, `${lines} lines about it in the log`);
        assert.ok(busy < 0.2, `it spins: ${busy * 100} % of a core`);
        idle.forEach((socket) => socket.destroy());
        rig.anonymous.close();
        const back = Date.now();
        await until("it serves again", 10000, async () => (await people[0].send("GET", "/api/v1/me").catch(() => null))?.status === 200, 50);
        await load.run(10, { clients: 2 });
        rig.tell({
            "CPU % while exhausted": (busy * 100).toFixed(1),
            "answers meanwhile": Object.entries(told).map(([status, times]) => `${status} ×${times}`).join(" "),
            "serves again after ms": Date.now() - back,
        });
    });
}

export const scenarios = [{ name: "descriptors", title: "no file descriptor is left", run: exhausted }];
