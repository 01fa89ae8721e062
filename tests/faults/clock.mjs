// The clock of the server's machine is wrong, or jumps: what waits by the clock waits by the database's, so nothing ends or
// is sent again too early, and notifications outside the tolerance are made up for by polling.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { sleep } from "../api/support/process.mjs";
import { withRig } from "./support/rig.mjs";

// Where Debian's package faketime has it, on any kind of machine.
const LIBRARY = fs
    .readdirSync("/usr/lib")
    .map((name) => path.join("/usr/lib", name, "faketime/libfaketimeMT.so.1"))
    .find((file) => fs.existsSync(file));

// As the program faketime does it, with the offset in a file that may change while the server runs. The clock that only
// counts forward is a machine's own and does not jump.
function fake(rig) {
    const file = path.join(rig.home, "clock");
    const env = {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    const set = (offset) => {
        fs.writeFileSync(`${file}.new`, `${offset}\n`);
        fs.renameSync(`${file}.new`, file);
    };
    set("+0");
    return { env, set };
}

async function wrongClock({ name, full }) {
    if (!LIBRARY) return { skipped: "the Debian package faketime is not installed" };
    const figures = {};
    const all = await withRig({ name, generationMs: 300 }, async (rig) => {
        const people = await rig.crowd(2);
        const clock = fake(rig);
        await rig.stopServer();
        await rig.startServer(clock.env);
        for (const offset of ["+240s", "-240s", "+1h", "-1h", "+0"]) {
            clock.set(offset);
            const before = await refusals(rig);
            const load = rig.load(people, { name: `clock ${offset}` });
            await load.run(full ? 60 : 10, { clients: 4 });
            for (const jump of ["+300s", "-300s", offset]) {
                await sleep(300);
                clock.set(jump);
            }
            await rig.settle();
            figures[`refused at ${offset}`] = (await refusals(rig)) - before;
        }
        assert.ok(figures["refused at +1h"] > 0 && figures["refused at -1h"] > 0, "an hour is outside the tolerance");
        assert.equal(rig.figures.held ?? 0, 0, "nothing was held");
        const doubled = await rig.number("SELECT count(*) FROM submissions WHERE attempt > 1");
        assert.equal(doubled, 0, "nothing was sent again");
    });
    return { ...figures, ...all };
}

const refusals = async (rig) =>
    (await rig.accepted()).flatMap((r) => r.deliveries).filter((delivery) => delivery.status_code === 401).length;

export const scenarios = [{ name: "clock", title: "the clock is wrong by an hour, and jumps", run: wrongClock }];
