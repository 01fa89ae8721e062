// Stopping and starting: what runs is finished, nothing new is taken, nothing is lost; and faults of the configuration.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "./support/client.mjs";
import { Process, sleep, until } from "./support/process.mjs";
import { Socket } from "./support/raw.mjs";
import { EventStream } from "./support/sse.mjs";
import { ask, follow, importAvatar, PORTRAIT, useLink } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;
before(async () => {
    world = await World.start({ generationMs: 1500 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

for (const signal of ["SIGTERM", "SIGINT"])
    test(`${signal} ends it in order within 10 seconds, and the next start goes on`, async () => {
        const asked = await Promise.all(
            Array.from({ length: 10 }, (_, i) => ask(owner, { prompt: `${signal} ${i}`, preset: "fast" })),
        );
        const stream = await EventStream.open(owner);
        const idle = await Socket.open(world.url);
        const half = await Socket.open(world.url);
        await half.write(
            `POST /api/v1/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${owner.token}\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"prompt"`,
        );
        const started = Date.now();
        const stopping = world.stopServer(signal);
        await sleep(150);
        await half.write(':""}');
        const { code } = await stopping;
        assert.equal(code, 0);
        assert.ok(Date.now() - started < 10500, `${Date.now() - started} ms`);
        await until("all are closed", 2000, () => stream.ended && idle.closed && half.closed);
        const text = half.received.toString("latin1");
        assert.ok(text === "" || /^HTTP\/1\.1 (422|503)/.test(text), text.slice(0, 80));
        await world.startServer();
        for (const { id } of asked) assert.equal((await follow(owner, id)).status, "completed");
        for (const { id, final_prompt } of asked)
            assert.equal((await world.accepted()).filter((r) => r.input.prompt === final_prompt).length, 1, id);
    });

test("a request that runs while it stops is answered", async () => {
    const requests = Array.from({ length: 40 }, () =>
        owner.send("GET", "/api/v1/generations").catch((error) => error.code),
    );
    await sleep(5);
    const stopping = world.stopServer();
    const answers = await Promise.all(requests);
    await stopping;
    for (const answer of answers)
        assert.ok(
            answer?.status === 200 || answer?.status === 503 || ["ECONNREFUSED", "ECONNRESET"].includes(answer),
            JSON.stringify(answer),
        );
    assert.ok(answers.some((a) => a?.status === 200));
    await world.startServer();
});

test("a database that is frozen does not hold it beyond 10 seconds", async () => {
    const rows = await world.sql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'aisha'",
    );
    const frozen = rows.map(([pid]) => Number(pid));
    assert.ok(frozen.length > 8);
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
    try {
        await sleep(1000); // the workers wait for answers now
        const started = Date.now();
        assert.equal((await world.stopServer()).code, 0);
        assert.ok(Date.now() - started < 10500, `${Date.now() - started} ms`);
    } finally {
        for (const pid of frozen) process.kill(pid, "SIGCONT");
    }
    await world.startServer();
});

// `aisha …` with a changed environment: how it ended and what it said.
async function said(args, change) {
    const env = Object.fromEntries(
        Object.entries({ ...world.env, ...change }).filter(([, value]) => value !== undefined),
    );
    const aisha = new Process("aisha", path.resolve(world.aisha.child.spawnfile), args, { cwd: world.home, env });
    const { code } = await aisha.exit;
    aisha.assertClean();
    return { code, log: aisha.log };
}

test("check is content with a good configuration and tells every fault of a bad one at once", async () => {
    assert.equal((await said(["check"], {})).code, 0);
    const { code, log } = await said(["check"], {
        DATABASE_URL: undefined,
        SECRET_KEY: "short",
        HTTP_THREADS: "many",
        LOG_LEVEL: "loud",
        PUBLIC_URL: "not a url",
    });
    assert.equal(code, 1);
    for (const name of ["DATABASE_URL", "SECRET_KEY", "HTTP_THREADS", "PUBLIC_URL"])
        assert.ok(log.includes(name), `${name} in:\n${log}`);
    const down = await said(["check"], { DATABASE_URL: "postgresql:///none?host=/tmp/there-is-nothing&user=x" });
    assert.equal(down.code, 1);
    const spool = await said(["check"], { SPOOL_DIR: "/no/such/folder/spool" });
    assert.equal(spool.code, 1);
    assert.match(spool.log, /spool +FAIL +SPOOL_DIR/);
    for (const secret of Object.values(world.secrets)) assert.ok(!(log + down.log).includes(secret));
});

test("faults of templates and texts are told with file and place, and stop the start", async () => {
    const root = path.join(world.home, "altered");
    const data = ["catalog", "moderation", "styles"].map((folder) => `server/${folder}/data`);
    for (const part of [...data, "migrations", "templates", "node_modules/@mediapipe"])
        fs.cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
    const change = { AISHA_ROOT: root, LISTEN: "127.0.0.1:0" };
    const alter = (name, from, to) => {
        const text = fs.readFileSync(path.join(root, name), "utf8");
        assert.ok(text.includes(from));
        fs.writeFileSync(path.join(root, name), text.replace(from, to));
    };
    assert.equal((await said(["check"], change)).code, 0);
    alter("templates/error.mustache", "{{title}}", "\n{{titel}}");
    for (const command of ["check", "serve"]) {
        const { code, log } = await said([command], change);
        assert.equal(code, 1);
        assert.match(log, /templates\/error\.mustache:\d+: .*titel/);
    }
    alter("templates/texts/en.json", '"error.home"', '"error.hone"');
    for (const command of ["check", "serve"]) {
        const { code, log } = await said([command], change);
        assert.equal(code, 1);
        assert.match(log, /templates\/texts\/en\.json: error\.home: is missing/);
        assert.match(log, /templates\/texts\/ru\.json: error\.hone: is missing/, "each in the log");
    }
});

test("a port in use and an unknown command are said in words", async () => {
    const busy = await said(["serve"], {});
    assert.notEqual(busy.code, 0);
    assert.match(busy.log, /in use/i);
    const unknown = await said(["dance"], {});
    assert.notEqual(unknown.code, 0);
    assert.ok(unknown.log.length > 10);
});

test("migrate may be repeated, also by several at once", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => said(["migrate"], {})));
    assert.deepEqual(
        runs.map((r) => r.code),
        [0, 0, 0],
        runs.map((r) => r.log).join("\n"),
    );
});

test("the demo is made once", async () => {
    const first = await world.command("demo");
    const again = await world.command("demo", "--token", first.api_token);
    assert.equal(again.user_id, first.user_id);
    assert.equal(again.api_token, first.api_token);
    assert.equal(again.portrait_avatar_id, first.portrait_avatar_id);
    const client = world.client(first.api_token);
    for (const [key, type] of [
        ["portrait_avatar_id", "portrait"],
        ["style_avatar_id", "style"],
    ])
        assert.equal((await client.get(`/api/v1/avatars/${first[key]}`)).json.training_type, type);
    await useLink(world, again.sign_in_url);
    const { id } = await ask(client, { prompt: "a first picture", preset: "fast" });
    assert.equal((await follow(client, id)).status, "completed");
});

test("http and work may be processes of their own", async () => {
    await world.stopServer();
    const serve = (role, port) =>
        new Process(`aisha ${role}`, world.aisha.child.spawnfile, ["serve", "--roles", role], {
            cwd: world.home,
            env: { ...world.env, LISTEN: `127.0.0.1:${port}` },
        });
    const http = serve("http", world.port);
    await http.line(/event=listening/);
    const { id } = await ask(owner, { prompt: "roles", preset: "fast" });
    await sleep(500);
    assert.equal((await owner.get(`/api/v1/generations/${id}`)).json.status, "pending", "nobody works");
    const work = serve("work", 1);
    assert.equal((await follow(owner, id)).status, "completed");
    for (const part of [work, http]) {
        assert.equal((await part.stop()).code, 0);
        part.assertClean();
    }
    await world.startServer();
});
