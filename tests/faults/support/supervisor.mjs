// Keeps a server running that dies again and again, as an operating system's supervisor would, and counts its deaths.
import assert from "node:assert/strict";
import { sleep } from "../../api/support/process.mjs";

const MAX_STRIKES = 40; // ends in a row before it listened: it will never

export class Supervisor {
    deaths = 0; // by a signal: a fault point's or kill()'s
    strikes = {}; // faults that fault points said they do: action → times
    #going = true;

    // faults: AISHA_FAULTS of the servers; each run of one gets a seed of its own.
    constructor(rig, { faults = "", seed = 1, env = {} } = {}) {
        Object.assign(this, { rig, faults, seed, env });
        this.runs = 0;
        this.done = this.#keep();
        this.done.catch(() => {}); // told by stop() and beside()
    }

    // The work, or what is wrong with the server meanwhile.
    beside(work) {
        return Promise.race([work, this.done.then(() => work)]);
    }

    async #keep() {
        for (let early = 0; this.#going; ) {
            const process = this.rig.spawnServer(this.#environment());
            this.process = process;
            const ended = await process.exit;
            this.#note(process, ended);
            const listened = /event=listening/.test(process.log);
            early = listened ? 0 : early + 1;
            assert.ok(early < MAX_STRIKES, `the server does not start:\n${process.log.slice(-2000)}`);
            const isFine = ended.signal === "SIGKILL" || (!listened && ended.code === 1); // 1: a neighbour is away
            assert.ok(isFine, `it ended with ${JSON.stringify(ended)}:\n${process.log.slice(-3000)}`);
            await sleep(50);
        }
    }

    #environment() {
        const faults = this.faults ? { AISHA_FAULTS: this.faults, AISHA_FAULTS_SEED: String(this.seed * 100000 + this.runs) } : {};
        this.runs++;
        return { ...this.env, ...faults };
    }

    #note(process, { signal }) {
        process.assertClean();
        this.rig.log.push(process.log);
        if (signal === "SIGKILL") this.deaths++;
        for (const [, action] of process.log.matchAll(/event=fault\b.*?\baction=(\w+)/g))
            this.strikes[action] = (this.strikes[action] ?? 0) + 1;
    }

    kill() {
        if (!this.process.ended) this.process.child.kill("SIGKILL");
    }

    async stop() {
        this.#going = false;
        this.kill();
        await this.done;
        this.rig.kills += this.deaths;
    }
}
