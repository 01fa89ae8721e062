// Generations and trainings have a test mode each: whatever is set, either kind goes to its own place and to no other.
// fal.ai is a port that takes connections and says nothing that could be an answer.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { ask, generate, importAvatar, PORTRAIT } from "./support/things.mjs";
import { followTraining, readyAvatar, train, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

const TRAINER = "fal-ai/flux-lora-portrait-trainer";
let knocks = 0;
let server, other;

// The queue counts; the other services (public keys among them) are asked for other reasons, too.
before(async () => {
    const listen = (on) => new Promise((done) => on.listen(0, "127.0.0.1", () => done(`https://127.0.0.1:${on.address().port}`)));
    server = net.createServer((socket) => {
        knocks++;
        socket.on("error", () => {}).destroy();
    });
    other = net.createServer((socket) => socket.on("error", () => {}).destroy());
    server.url = await listen(server);
    other.url = await listen(other);
});
after(() => {
    server.close();
    other.close();
});

const MODES = [
    { generation: true, training: true },
    { generation: true, training: false },
    { generation: false, training: true },
    { generation: false, training: false },
];
const place = (simulated) => (simulated ? "the simulator" : "fal.ai");

function start({ generation, training }, more = {}) {
    const env = {
        AVATAR_TEST_MODE: String(generation),
        FAL_TRAINING_TEST_MODE: String(training),
        FAL_QUEUE_URL: server.url,
        FAL_REST_URL: other.url,
        FAL_PLATFORM_URL: other.url,
        STORAGE_PUBLIC: "true", // or an archive would have to be uploaded to fal.ai first
        ...more,
    };
    return World.start({ generationMs: 100, falsim: ["--training-ms", "500"], env });
}

const taken = async (world) => (await world.accepted()).map((r) => r.endpoint_id);

/** Runs begin, and waits until fal.ai has been knocked at. */
async function knocked(world, begin) {
    const before = knocks;
    const begun = await begin();
    await until("somebody knocks at fal.ai", 15000, () => knocks > before);
    return begun;
}

async function checkGeneration(world, simulated) {
    const wish = { prompt: "one way or the other", preset: "fast" };
    await importAvatar(world.owner, PORTRAIT);
    if (simulated) {
        const before = knocks;
        await generate(world.owner, wish);
        assert.deepEqual(await taken(world), ["fal-ai/flux-lora"]);
        assert.equal(knocks, before);
        return;
    }
    const { id } = await knocked(world, () => ask(world.owner, wish));
    await world.owner.send("POST", `/api/v1/generations/${id}/cancel`);
    await until("it is cancelled", 15000, async () => (await world.owner.get(`/api/v1/generations/${id}`)).json.status === "cancelled");
    assert.deepEqual(await taken(world), []);
}

async function checkTraining(world, simulated) {
    const before = await taken(world);
    const avatar = await readyAvatar(world, world.owner);
    if (simulated) {
        const count = knocks;
        await train(world.owner, avatar.id);
        const { last } = await followTraining(world.owner, avatar.id);
        assert.equal(last.status, "completed", JSON.stringify(last.error));
        assert.deepEqual(await taken(world), [...before, TRAINER]);
        assert.equal(knocks, count);
        return (await world.accepted()).at(-1);
    }
    await knocked(world, () => train(world.owner, avatar.id));
    await world.owner.send("DELETE", trainingPath(avatar.id));
    assert.deepEqual(await taken(world), before);
    return null;
}

// Its signature is checked with the keys of who trains, not with those of who makes pictures.
const checkCall = (world, { request_id: id }) =>
    until("the simulator's call about the training was taken", 15000, async () => {
        const request = (await world.accepted()).find((r) => r.request_id === id);
        return request.deliveries.some((d) => d.status_code === 200);
    });

for (const modes of MODES)
    test(`generations go to ${place(modes.generation)}, trainings to ${place(modes.training)}`, { timeout: 120000 }, async () => {
        const world = await start(modes);
        try {
            const { json } = await world.owner.get("/api/v1/service");
            assert.deepEqual([json.test_mode, json.training_test_mode, json.available], [modes.generation, modes.training, true]);
            assert.deepEqual(json.supported_types, ["portrait", "style"]);
            await checkGeneration(world, modes.generation);
            const request = await checkTraining(world, modes.training);
            if (request) await checkCall(world, request);
        } finally {
            await world.stop();
        }
    });

test("without a key only what is simulated is available, by polling alone where that is asked for", { timeout: 120000 }, async () => {
    const world = await start({ generation: false, training: true }, { FAL_KEY: "", FAL_ENABLE_WEBHOOK_SIMULATION: "false" });
    try {
        const { json } = await world.owner.get("/api/v1/service");
        assert.deepEqual([json.available, json.api_key_set, json.training_test_mode], [false, false, true]);
        assert.deepEqual(json.supported_types, ["portrait", "style"]);
        await checkTraining(world, true);
        assert.equal((await world.accepted())[0].webhook_url, null);
        await importAvatar(world.owner, PORTRAIT);
        await world.owner.post("/api/v1/generations", { prompt: "nobody is there", preset: "fast" }, { status: 503 });
    } finally {
        await world.stop();
    }
});

test("without a key nothing is trained when only generations are simulated", { timeout: 120000 }, async () => {
    const world = await start({ generation: true, training: false }, { FAL_KEY: "" });
    try {
        const { json } = await world.owner.get("/api/v1/service");
        assert.deepEqual([json.available, json.api_key_set, json.test_mode], [true, false, true]);
        assert.deepEqual(json.supported_types, []);
        await checkGeneration(world, true);
        const avatar = await readyAvatar(world, world.owner);
        await world.owner.post(trainingPath(avatar.id), { preset: "fast" }, { status: 503 });
    } finally {
        await world.stop();
    }
});
