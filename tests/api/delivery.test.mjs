// How a result comes home: by webhook, by polling, by either of them alone; cancelling; what goes wrong at fal.ai.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { Relay } from "./support/relay.mjs";
import { ask, ENDED, follow, generate, importAvatar, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const isStatus = (record) => /\/requests\/[^/]+\/status/.test(record.path);

describe("polling alone", () => {
    let world;
    before(async () => {
        world = await World.start({ generationMs: 300, env: { FAL_ENABLE_WEBHOOK_SIMULATION: "false" } });
    });
    after(() => world?.stop());

    test("brings every result, and no webhook is asked for", async () => {
        await importAvatar(world.owner, PORTRAIT);
        const asked = await Promise.all(
            [1, 2, 3].map((i) => ask(world.owner, { prompt: `polled ${i}`, preset: "fast" })),
        );
        for (const { id } of asked) assert.equal((await follow(world.owner, id)).status, "completed");
        for (const request of await world.accepted()) assert.equal(request.webhook_url, null);
    });
});

describe("webhooks alone", () => {
    let world, relay;
    before(async () => {
        relay = await Relay.start((record) => (isStatus(record) ? 503 : 0));
        world = await World.start({
            generationMs: 700,
            falsimPublicUrl: relay.url,
            onFalsim: (w) => (relay.target = w.falsimUrl),
        });
    });
    after(async () => {
        await world?.stop();
        await relay?.stop();
    });

    test("bring every result while the status cannot be asked for", async () => {
        await importAvatar(world.owner, PORTRAIT);
        const started = Date.now();
        const asked = await Promise.all(
            [1, 2, 3].map((i) => ask(world.owner, { prompt: `called ${i}`, preset: "fast" })),
        );
        for (const { id } of asked) assert.equal((await follow(world.owner, id)).status, "completed");
        assert.ok(Date.now() - started < 10000, "without waiting for a poll");
        assert.equal(relay.records.filter(isStatus).filter((r) => r.status !== 503).length, 0);
    });
});

describe("lost webhooks", () => {
    let world, hooks;
    before(async () => {
        hooks = await Relay.start(() => 500);
        world = await World.start({ generationMs: 300, env: { FAL_WEBHOOK_URL: hooks.url } });
    });
    after(async () => {
        await world?.stop();
        await hooks?.stop();
    });

    test("are made up for by polling", async () => {
        await importAvatar(world.owner, PORTRAIT);
        const done = await generate(world.owner, { prompt: "nobody calls", preset: "fast" });
        assert.equal(done.images.length, 1);
        assert.ok(hooks.records.length > 0, "they were sent");
    });
});

describe("both", () => {
    let world, relay;
    before(async () => {
        relay = await Relay.start();
        world = await World.start({
            generationMs: 1500,
            falsimPublicUrl: relay.url,
            onFalsim: (w) => (relay.target = w.falsimUrl),
        });
        await importAvatar(world.owner, PORTRAIT);
    });
    after(async () => {
        await world?.stop();
        await relay?.stop();
    });

    test("the paid request travels on a connection of its own, and what follows stays with the simulator", async () => {
        const done = await generate(world.owner, { prompt: "one connection", preset: "fast" });
        const paid = relay.records.filter((r) => r.method === "POST" && r.path.startsWith("/fal-ai/"));
        assert.equal(paid.length, 1);
        assert.match(paid[0].headers.authorization, /^Key /);
        const follows = relay.records.filter((r) => r.path.includes("/requests/"));
        assert.ok(
            follows.every((r) => /^\/fal-ai\/flux-lora\/requests\//.test(r.path)),
            "by owner and alias alone",
        );
        assert.equal(done.status, "completed");
    });

    test("progress and status go forward only", async () => {
        const { id } = await ask(world.owner, { prompt: "forward", preset: "fast" });
        const order = ["pending", "submitting", "queued", "running", "storing", "completed"];
        const seen = [];
        await until("it ends", 20000, async () => {
            const { json } = await world.owner.get(`/api/v1/generations/${id}`);
            seen.push([order.indexOf(json.status), json.progress]);
            return ENDED.includes(json.status);
        });
        for (let i = 1; i < seen.length; i++) {
            assert.ok(seen[i][0] >= seen[i - 1][0], `status ${seen[i - 1][0]} → ${seen[i][0]}`);
            assert.ok(seen[i][1] >= seen[i - 1][1], `progress ${seen[i - 1][1]} → ${seen[i][1]}`);
        }
        assert.ok(
            seen.slice(0, -1).every(([, progress]) => progress < 100),
            "100 only at the end",
        );
    });

    test("a running generation can be cancelled; fal.ai decides", async () => {
        const { id } = await ask(world.owner, { prompt: "never mind", preset: "fast" });
        await until("it is submitted", 5000, async () =>
            (await world.accepted()).some((r) => r.input.prompt.endsWith("never mind")),
        );
        const { json } = await world.owner.post(`/api/v1/generations/${id}/cancel`, undefined, { status: 202 });
        assert.equal(json.id, id);
        const ended = await follow(world.owner, id);
        assert.ok(["cancelled", "completed"].includes(ended.status), ended.status);
        if (ended.status === "cancelled") assert.deepEqual(ended.images, []);
        assert.doesNotMatch(world.aisha.log, /generation_failed.*client_cancelled/, "nothing has failed that was wished");
        const again = await world.owner.post(`/api/v1/generations/${id}/cancel`, undefined, { status: 409 });
        assert.equal(again.json.code, "not_cancellable");
    });

    test("one that nobody has sent yet is cancelled at once, and never sent", async () => {
        await world.stopServer();
        await world.startServer();
        const asked = await Promise.all(
            Array.from({ length: 30 }, (_, i) => ask(world.owner, { prompt: `queue ${i}`, preset: "fast" })),
        );
        const last = asked.at(-1);
        const { json } = await world.owner.send("POST", `/api/v1/generations/${last.id}/cancel`);
        assert.equal(json.id, last.id);
        for (const { id } of asked) assert.ok(ENDED.includes((await follow(world.owner, id, 60000)).status));
        const ended = (await world.owner.get(`/api/v1/generations/${last.id}`)).json;
        const sent = (await world.accepted()).filter((r) => r.input.prompt.endsWith("queue 29"));
        if (ended.status === "cancelled" && ended.started_at === null && ended.seed === null)
            assert.ok(sent.length <= 1);
        assert.ok(sent.length <= 1);
    });

    test("one whose answer was lost is cancelled when it is sure that it was not taken, and not sent again", async () => {
        const prompt = "lost and unwanted";
        await world.faults({ op: "submit", fault: "close", prompt, count: 1 });
        const { id } = await ask(world.owner, { prompt, preset: "fast" });
        const now = async () => (await world.owner.get(`/api/v1/generations/${id}`)).json;
        await until("it is looked for", 5000, async () => (await now()).waiting?.code === "waiting_checked");
        const { json } = await world.owner.post(`/api/v1/generations/${id}/cancel`, undefined, { status: 202 });
        assert.equal(json.status, "submitting", "it may have been taken");
        await until("it has ended", 20000, async () => {
            await world.passTime("4 minutes");
            return ENDED.includes((await now()).status);
        }, 300);
        const { status, cost, charge_reason } = await now();
        assert.deepEqual([status, cost, charge_reason], ["cancelled", 0, "cancelled"]);
        assert.equal((await world.accepted()).filter((r) => r.input.prompt.endsWith(prompt)).length, 0);
        assert.doesNotMatch(world.aisha.log, /submit_repeated/, "the log does not tell of what was not done");
    });
});

describe("faults of fal.ai", () => {
    let world;
    before(async () => {
        world = await World.start({ generationMs: 100 });
        await importAvatar(world.owner, PORTRAIT);
        await importAvatar(world.owner, STYLE);
    });
    after(() => world?.stop());

    const sentWith = async (prompt) => (await world.accepted()).filter((r) => r.input.prompt.endsWith(prompt));

    async function ends(prompt, status, ...rules) {
        await world.faults(...rules.map((rule) => ({ prompt, ...rule })));
        const { id } = await ask(world.owner, { prompt, preset: "fast" });
        const ended = await follow(world.owner, id, 90000);
        assert.equal(ended.status, status, JSON.stringify(ended.error));
        return ended;
    }

    function assertTold({ error, images }, ...codes) {
        assert.ok(codes.includes(error.code), error.code);
        assert.ok(
            !/content_policy|"detail"|"loc"|http|fal/i.test(error.message),
            "a sentence, not the provider's body",
        );
        assert.deepEqual(images, []);
    }

    test("a refused text fails with a sentence that a person can act on", async () => {
        const ended = await ends("refused by policy", "failed", { op: "result", fault: "422" });
        assertTold(ended, "moderation_blocked", "provider_validation");
        assert.equal((await sentWith("refused by policy")).length, 1);
    });

    test("a result that is lost, or without pictures, fails and is not paid again", async () => {
        const silence = { op: "webhook", fault: "lost" };
        await ends("result lost for a while", "completed", { op: "result", fault: "lost", count: 1 });
        assertTold(
            await ends("no picture in it", "failed", { op: "result", fault: "missing_image" }),
            "result_missing",
        );
        assertTold(
            await ends("no picture, no webhook", "failed", { op: "result", fault: "missing_image" }, silence),
            "result_missing",
        );
        for (const prompt of ["result lost for a while", "no picture in it", "no picture, no webhook"])
            assert.equal((await sentWith(prompt)).length, 1);
    });

    for (const fault of ["429", "503"])
        test(`${fault} at submission is waited out`, async () => {
            const prompt = `after ${fault}`;
            const done = await ends(prompt, "completed", { op: "submit", fault, count: 2 });
            assert.equal(done.images.length, 1);
            assert.equal((await sentWith(prompt)).length, 1);
        });

    test("a connection that broke is not followed by a second request before it is certain that the first was not taken", async () => {
        await world.faults({ op: "submit", fault: "close_before_accept", count: 1, prompt: "held" });
        const { id } = await ask(world.owner, { prompt: "held", preset: "fast" });
        await until(
            "it is held",
            10000,
            async () =>
                (await world.sql(`SELECT 1 FROM submissions WHERE generation_id = '${id}' AND state = 'unknown'`))
                    .length,
        );
        await sleep(5000);
        assert.equal((await sentWith("held")).length, 0);
        assert.ok(!ENDED.includes((await world.owner.get(`/api/v1/generations/${id}`)).json.status));
        await world.passTime("9 minutes");
        assert.equal((await follow(world.owner, id)).status, "completed");
        assert.equal((await sentWith("held")).length, 1);
    });

    for (const fault of ["accept_then_close", "accept_then_500", "garbage", "truncated"])
        test(`${fault}: a request that was taken is found again and not paid twice`, async () => {
            const prompt = `found after ${fault}`;
            const done = await ends(prompt, "completed", { op: "submit", fault, count: 1 });
            assert.equal(done.images.length, 1);
            assert.equal((await sentWith(prompt)).length, 1, "paid once");
            assert.equal(
                (await walk(world.owner, "/api/v1/images")).filter((i) => i.generation_id === done.id).length,
                1,
            );
        });

    for (const fault of [
        "lost",
        "duplicate",
        "delayed",
        "reordered",
        "forged",
        "bad_signature",
        "old_timestamp",
        "key_rotated",
    ])
        test(`a webhook that is ${fault} does no harm`, async () => {
            const prompt = `webhook ${fault}`;
            const done = await ends(prompt, "completed", { op: "webhook", fault });
            assert.equal(done.images.length, 1);
            assert.equal((await sentWith(prompt)).length, 1);
        });

    test("a broken status is asked for again", async () => {
        const done = await ends(
            "second try",
            "completed",
            { op: "status", fault: "500", count: 2 },
            { op: "webhook", fault: "lost" },
        );
        assert.equal(done.images.length, 1);
    });

    test("what is no picture is not stored", async () => {
        await world.faults({ op: "file", fault: "garbage", prompt: "garbage in" });
        const { id } = await ask(world.owner, { prompt: "garbage in", preset: "fast" });
        await until(
            "it was tried",
            10000,
            async () => (await world.sql(`SELECT 1 FROM jobs WHERE ref = '${id}' AND attempts > 0`)).length,
        );
        assert.ok(
            !ENDED.includes((await world.owner.get(`/api/v1/generations/${id}`)).json.status),
            "it may get better",
        );
        await world.sql(`UPDATE jobs SET attempts = 100, run_at = now() WHERE ref = '${id}'`);
        assertTold(await follow(world.owner, id), "result_missing", "storage_failed", "provider_unavailable");
    });
});
