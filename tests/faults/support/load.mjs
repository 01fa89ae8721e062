// Clients that file generations and do not give up: what was answered with 202 is remembered, it must never get lost.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { sleep } from "../../api/support/process.mjs";

// A chance that is the same for the same seed.
export function dice(seed) {
    let state = (seed >>> 0) + 0x9e3779b9;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

export const percentile = (values, p) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] : 0;
};

export class Load {
    accepted = []; // {id, prompt, person, at}
    answers = []; // {status (0: none), ms, at} of every try

    // options: name (begins every prompt), body (of every request, or a function of the index), patient: tries again
    // until it is accepted.
    constructor(rig, people, { name = "load", body = {}, patient = true } = {}) {
        Object.assign(this, { rig, people, name, body, patient });
        this.next = 0;
    }

    // One generation of person, tried until it is accepted: a key makes that safe.
    async file(person = this.people[this.next % this.people.length]) {
        const index = this.next++;
        const prompt = `${this.name} ${index} of it`;
        const more = typeof this.body === "function" ? this.body(index) : this.body;
        const json = { prompt, preset: "fast", avatar_id: person.avatar, ...more };
        const headers = { "idempotency-key": randomUUID() };
        for (let tries = 1; ; tries++) {
            const answer = await this.#ask(person, json, headers);
            if (answer?.status === 202) {
                const kept = { id: answer.json.id, prompt, person, at: Date.now() };
                this.accepted.push(kept);
                return kept;
            }
            if (answer && answer.status !== 503) assert.fail(`${prompt}: ${answer.status} ${answer.text}`);
            if (!this.patient) return null;
            assert.ok(tries < 3000, `${prompt}: never accepted`);
            await sleep(50);
        }
    }

    async #ask(person, json, headers) {
        const started = Date.now();
        const answer = await person
            .send("POST", "/api/v1/generations", { json, headers, timeout: 30000 })
            .catch((error) => {
                if (error.code === "ERR_ASSERTION") throw error;
                return null;
            });
        this.answers.push({ status: answer?.status ?? 0, ms: Date.now() - started, at: started });
        return answer;
    }

    // `count` of them, by `clients` at a time, each waiting up to pauseMs in between; `chance` decides how long.
    async run(count, { clients = 8, pauseMs = 0, chance = Math.random } = {}) {
        const end = this.next + count;
        await Promise.all(
            Array.from({ length: clients }, async () => {
                while (this.next < end) {
                    await this.file();
                    if (pauseMs) await sleep(chance() * pauseMs);
                }
            }),
        );
    }

    // Starts filing without end; the function that ends it.
    endless(options = {}) {
        let going = true;
        const { clients = 4, pauseMs = 100 } = options;
        const done = Promise.all(
            Array.from({ length: clients }, async () => {
                while (going) {
                    await this.file();
                    await sleep(Math.random() * 2 * pauseMs);
                }
            }),
        );
        done.catch(() => (going = false)); // told when it is ended
        return async () => {
            going = false;
            await done;
        };
    }

    times(status = 202) {
        return this.answers.filter((a) => a.status === status).map((a) => a.ms);
    }
}
