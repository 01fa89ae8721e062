// A whole Aisha for one test file: a database, the simulator of fal.ai, the server, users and their tokens.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Client, ROOT } from "./client.mjs";
import { Postgres } from "./postgres.mjs";
import { freePort, Process, run, temporary, until } from "./process.mjs";

export const BUILD = path.resolve(ROOT, process.env.AISHA_BUILD ?? process.env.BUILD_DIR ?? "build/asan");
const SUPPRESSIONS = path.join(ROOT, "tests/support/leaks.supp");
const secret = () => randomBytes(32).toString("hex");

// API_ON_S3=1 scripts/with-s3 node tests/api/run.mjs: every world keeps its objects there, all in the same buckets.
const ON_S3 = process.env.API_ON_S3
    ? Object.fromEntries(
          ["S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"].map((name) => [name, process.env[name]]),
      )
    : {};

const SANITIZERS = {
    ASAN_OPTIONS: "exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1",
    UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
    LSAN_OPTIONS: `print_suppressions=0${fs.existsSync(SUPPRESSIONS) ? `:suppressions=${SUPPRESSIONS}` : ""}`,
    TSAN_OPTIONS: "halt_on_error=1:exitcode=99",
};

export class World {
    // options: generationMs, env (of the server), falsim (arguments), ownPostgres (it may be killed), falsimPublicUrl (of
    // a relay before the simulator), onFalsim (called when the simulator runs, before the server).
    static async start(options = {}) {
        const world = new this();
        world.options = options;
        world.home = temporary("aisha-api-");
        try {
            await world.#startDatabase();
            await world.startFalsim();
            await options.onFalsim?.(world);
            await world.#configure();
            world.log = [];
            await world.command("migrate");
            await world.startServer();
            await world.#people();
        } catch (error) {
            await world.#release().catch(() => {});
            throw error;
        }
        return world;
    }

    async #startDatabase() {
        const shared = process.env.API_POSTGRES;
        this.ownsPostgres = this.options.ownPostgres || !shared;
        this.postgres = this.ownsPostgres ? await Postgres.make() : Postgres.at(shared);
        this.databaseName = `api_${process.pid}_${randomBytes(4).toString("hex")}`;
        this.databaseUrl = await this.postgres.database(this.databaseName);
    }

    async startFalsim() {
        this.falsimPort ??= await freePort();
        this.falsimUrl = `http://127.0.0.1:${this.falsimPort}`;
        const state = path.join(this.home, "falsim.state");
        const args = ["--listen", `127.0.0.1:${this.falsimPort}`, "--seed", "7", "--faults", "none", "--state", state];
        const publicUrl = this.options.falsimPublicUrl ?? this.falsimUrl;
        const time = ["--generation-ms", String(this.options.generationMs ?? 150), "--public-url", publicUrl];
        this.falsim = new Process(
            "aisha-falsim",
            path.join(BUILD, "aisha-falsim"),
            [...args, ...time, ...(this.options.falsim ?? [])],
            {
                cwd: this.home,
                env: { PATH: process.env.PATH, ...SANITIZERS },
            },
        );
        await until("the simulator answers", 15000, async () => {
            assert.ok(!this.falsim.ended, `aisha-falsim ended:\n${this.falsim.log}`);
            return fetch(`${this.falsimUrl}/_sim/requests`).catch(() => null);
        });
    }

    async #configure() {
        this.port = await freePort();
        this.url = `http://127.0.0.1:${this.port}`;
        this.secrets = {
            SECRET_KEY: secret(),
            SERVICE_TOKEN: secret(),
            FAL_KEY: `key-${secret()}:${secret()}`,
            FAL_WEBHOOK_SECRET: secret(),
        };
        this.env = {
            PATH: process.env.PATH,
            HOME: this.home,
            ...SANITIZERS,
            ...this.secrets,
            DATABASE_URL: this.databaseUrl,
            LISTEN: `127.0.0.1:${this.port}`,
            AVATAR_TEST_MODE: "true",
            FAL_TRAINING_TEST_MODE: "true",
            FALSIM_URL: this.options.falsimPublicUrl ?? this.falsimUrl,
            FAL_ENABLE_WEBHOOK_SIMULATION: "true",
            OBJECTS_DIR: path.join(this.home, "objects"),
            SPOOL_DIR: path.join(this.home, "spool"),
            DEFAULT_QUOTA: "1000000",
            FAL_CONCURRENCY: "16",
            FAL_USER_CONCURRENCY: "16",
            AISHA_ROOT: ROOT,
            HTTP_THREADS: "2",
            ...ON_S3,
            ...this.options.env,
        };
    }

    // `aisha …` run to its end; the JSON line that it prints, if there is one.
    async command(...args) {
        const log = await run("aisha", path.join(BUILD, "aisha"), args, { cwd: this.home, env: this.env });
        const line = log.split("\n").findLast((l) => l.startsWith("{"));
        return line ? JSON.parse(line) : log;
    }

    // The same for one that is expected to fail: its exit code and its words.
    async vainCommand(...args) {
        const child = new Process("aisha", path.join(BUILD, "aisha"), args, { cwd: this.home, env: this.env });
        return { code: (await child.exit).code, words: child.log };
    }

    // A process of the server that nobody has waited for yet; in front of it, a program that starts it.
    spawnServer(env = {}, front = []) {
        const [file, ...args] = [...front, path.join(BUILD, "aisha"), "serve"];
        return new Process("aisha", file, args, { cwd: this.home, env: { ...this.env, ...env } });
    }

    async startServer(env = {}) {
        this.aisha = this.spawnServer(env);
        await this.aisha.line(/event=listening\b.*url=/);
        this.anonymous ??= new Client(this.url);
        this.anonymous.close();
    }

    // Ends the server; what it logged is judged and kept.
    async stopServer(signal = "SIGTERM") {
        const ended = await this.aisha.stop(signal);
        this.aisha.assertClean();
        this.log.push(this.aisha.log);
        return ended;
    }

    async #people() {
        this.owner = await this.person("Anna Owner");
        this.other = await this.person("Boris Other");
        this.service = this.anonymous.as({
            authorization: `Bearer ${this.secrets.SERVICE_TOKEN}`,
            "x-acting-user": "telegram:4242",
        });
    }

    // A user with a token for everything: a client that also knows id and token.
    async person(name, ...options) {
        const { id } = await this.command("user", "create", "--name", name, ...options);
        const { token } = await this.command(
            "token",
            "create",
            "--user",
            id,
            "--name",
            "tests",
            "--scopes",
            "read,write,generate",
        );
        return Object.assign(this.anonymous.as({ authorization: `Bearer ${token}` }), { id, token });
    }

    async token(user, scopes) {
        return this.command("token", "create", "--user", user.id, "--name", scopes, "--scopes", scopes);
    }

    client(token) {
        return this.anonymous.as({ authorization: `Bearer ${token}` });
    }

    sql(statement) {
        return this.postgres.sql(statement, this.databaseName);
    }

    // What the simulator took: {request_id, endpoint_id, input, webhook_url, deliveries, …}, oldest first.
    async accepted() {
        const answer = await fetch(`${this.falsimUrl}/_sim/requests`);
        return (await answer.json()).requests;
    }

    // As if attempts of which nobody knows whether they were taken had been sent so much earlier ("9 minutes"): they are
    // held for as long as the provider might still tell of them. How many are held.
    async passTime(interval) {
        const held = await this.sql(`WITH moved AS (UPDATE submissions SET sent_at = sent_at - interval '${interval}'
                WHERE state IN ('sending', 'unknown') RETURNING generation_id)
            UPDATE jobs SET run_at = now() FROM moved WHERE ref = generation_id RETURNING ref`);
        return held.length;
    }

    // Faults to order at the simulator, in place of those before: {op, fault, prompt, count, …}.
    async faults(...rules) {
        const answer = await fetch(`${this.falsimUrl}/_sim/faults`, {
            method: "POST",
            body: JSON.stringify(rules),
            headers: { "content-type": "application/json" },
        });
        assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
    }

    async stop() {
        try {
            if (this.aisha && !this.aisha.ended) {
                const { code, signal } = await this.stopServer();
                assert.equal(code, 0, `aisha ended with ${code ?? signal}:\n${this.aisha.log.slice(-3000)}`);
            }
            await this.falsim.stop();
            this.falsim.assertClean();
            this.#assertNothingTold();
        } finally {
            await this.#release();
        }
    }

    // Secrets have no business in a log.
    #assertNothingTold() {
        const log = this.log.join("\n");
        const secrets = {
            ...this.secrets,
            ...(this.env.S3_SECRET_KEY && { S3_SECRET_KEY: this.env.S3_SECRET_KEY }),
            key: this.secrets.FAL_KEY.split(":")[1],
            owner: this.owner.token,
            other: this.other.token,
        };
        for (const [name, value] of Object.entries(secrets))
            assert.ok(!log.includes(value), `the log contains ${name}`);
        assert.ok(!/[?&]signature=[A-Za-z0-9_-]{22}/.test(log), "the log contains a signed address");
        assert.ok(!/X-Amz-Signature=/i.test(log), "the log contains a presigned address");
    }

    async #release() {
        await this.aisha?.stop("SIGKILL");
        await this.falsim?.stop("SIGKILL");
        this.anonymous?.agent.destroy();
        if (this.ownsPostgres) await this.postgres?.stop();
        else await this.postgres?.sql(`DROP DATABASE IF EXISTS ${this.databaseName} WITH (FORCE)`);
        fs.rmSync(this.home, { recursive: true, force: true });
    }
}
