// A world that is meant to be broken: servers that are killed and started again, several at once, and time that passes
// in jumps. A scenario breaks it, lets it come to rest, and has every promise judged.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { freePort, sleep, until } from "../../api/support/process.mjs";
import { importAvatar, PORTRAIT } from "../../api/support/things.mjs";
import { World } from "../../api/support/world.mjs";
import { invariants } from "./invariants.mjs";
import { Load } from "./load.mjs";

const OPEN = "('pending', 'submitting', 'queued', 'running', 'storing')";

export class Rig extends World {
    figures = {};
    extra = []; // further servers: {process, url}
    loads = [];
    kills = 0;

    get objects() {
        return path.join(this.env.OBJECTS_DIR, "aisha-v2-generated");
    }

    // People who can generate: [{client, id}]; the first is the world's owner.
    async crowd(count) {
        const people = [this.owner];
        for (let i = 1; i < count; i++) people.push(await this.person(`Person ${i}`));
        for (const person of people) person.avatar ??= (await importAvatar(person, PORTRAIT)).id;
        return people;
    }

    load(people, options) {
        const load = new Load(this, people, options);
        this.loads.push(load);
        return load;
    }

    // Where the logs of a run that failed are kept, for people who want to know why.
    keepLog() {
        const folder = process.env.FAULTS_LOGS;
        if (!folder) return;
        fs.mkdirSync(folder, { recursive: true });
        const logs = [...(this.log ?? []), this.aisha?.log ?? "", ...this.extra.map((server) => server.process.log)];
        fs.writeFileSync(path.join(folder, `${this.options.name}.aisha.log`), logs.join("\n--- another process\n"));
        fs.writeFileSync(path.join(folder, `${this.options.name}.falsim.log`), this.falsim?.log ?? "");
    }

    // Figures for the table at the end.
    tell(figures) {
        Object.assign(this.figures, figures);
    }

    // One value of one row, as a number.
    async number(sql) {
        return Number((await this.sql(sql))[0]?.[0] ?? 0);
    }

    open() {
        return this.number(`SELECT count(*) FROM generations WHERE status IN ${OPEN}`);
    }

    // How many generations there are in each state, as text: for messages.
    async census() {
        const rows = await this.sql(`SELECT 'generation ' || status, count(*) FROM generations GROUP BY 1
            UNION ALL SELECT 'submission ' || state, count(*) FROM submissions GROUP BY 1
            UNION ALL SELECT 'job ' || state, count(*) FROM jobs GROUP BY 1
            UNION ALL SELECT 'breaker ' || endpoint, extract(epoch FROM open_until - now())::int FROM breakers
                WHERE open_until IS NOT NULL ORDER BY 1`);
        return rows.map((row) => row.join(" ")).join(", ");
    }

    // As if so much time had passed for what waits by the clock: attempts that are held, and breakers that are open.
    async pass(interval) {
        await this.sql(`UPDATE breakers SET open_until = open_until - interval '${interval}',
            probe_until = probe_until - interval '${interval}'`);
        return this.passTime(interval);
    }

    // Waits that are only long so that a broken neighbour has peace are cut short.
    async hurry() {
        await this.sql(`UPDATE breakers SET open_until = now() WHERE open_until > now();
            UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at > now() + interval '3 seconds'`);
    }

    // Until every generation has ended. Attempts that are held for certainty are let go of by passing their time, once
    // each; how many there were is the figure "held".
    async settle(ms = 120000) {
        const end = Date.now() + ms;
        for (let round = 1; ; round++) {
            const open = await this.open();
            if (open === 0) break;
            if (Date.now() > end) assert.fail(`not at rest within ${ms} ms: ${await this.census()}`);
            const unknown = await this.number("SELECT count(*) FROM submissions WHERE state = 'unknown'");
            if (unknown > 0 && unknown >= open - 1) await this.#passHold();
            if (round % 40 === 0 && process.env.FAULTS_VERBOSE) console.log(`    ${this.options.name}: ${await this.census()}`);
            if (round % 8 === 0) await this.hurry();
            await sleep(250);
        }
        const nothing = async () => !(await this.number("SELECT count(*) FROM jobs WHERE state <> 'dead'"));
        await until("the jobs are done", 40000, nothing, 200).catch(async (error) => {
            throw new Error(`${error.message}: ${await this.census()}`);
        });
        await sleep(300); // the last answers are written down
    }

    async #passHold() {
        const held = await this.sql(`UPDATE submissions SET sent_at = sent_at - interval '9 minutes'
            WHERE state IN ('sending', 'unknown') AND sent_at > now() - interval '9 minutes' RETURNING id`);
        this.figures.held = (this.figures.held ?? 0) + held.length;
        await this.sql(`UPDATE jobs SET run_at = now() WHERE run_at > now() AND ref IN
            (SELECT generation_id FROM submissions WHERE state IN ('sending', 'unknown'))`);
    }

    // A second server on the same database, storage and provider: {process, url}.
    async second(env = {}, front = []) {
        const port = await freePort();
        const process = this.spawnServer({ LISTEN: `127.0.0.1:${port}`, PUBLIC_URL: this.url, ...env }, front);
        await process.line(/event=listening\b.*url=/);
        const server = { process, url: `http://127.0.0.1:${port}` };
        this.extra.push(server);
        return server;
    }

    async killServer() {
        await this.stopServer("SIGKILL");
        this.kills++;
    }

    async restartPostgres() {
        await this.postgres.kill();
        await this.postgres.start();
    }

    // How the CPU time of a process has grown, in seconds.
    static cpuSeconds(pid) {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
        return (Number(stat[11]) + Number(stat[12])) / 100;
    }

    async finish() {
        for (const { process } of this.extra) {
            await process.stop();
            process.assertClean();
            this.log.push(process.log);
        }
    }
}

// One scenario: a rig that `body` breaks, then rest, judgement, end. What may be otherwise is said in `expected` (see
// invariants.mjs), which body may return. The figures.
export async function withRig(options, body) {
    const rig = await Rig.start(options);
    try {
        const expected = (await body(rig)) ?? {};
        const over = Date.now();
        await rig.settle(options.settleMs);
        rig.tell({ "at rest after s": ((Date.now() - over) / 1000).toFixed(1) });
        Object.assign(rig.figures, await invariants(rig, expected));
        await rig.finish();
    } catch (error) {
        rig.keepLog();
        await Promise.allSettled(rig.extra.map(({ process }) => process.stop("SIGKILL")));
        await rig.stop().catch(() => {});
        throw error;
    }
    await rig.stop();
    return rig.figures;
}
