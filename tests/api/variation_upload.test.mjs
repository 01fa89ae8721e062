// When nobody outside can follow links to our objects, the picture that a variation starts from goes to fal.ai's own storage
// first, once; and what became of a variation whose answer was lost is found out by what was sent, the picture included.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { follow, generate, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { until } from "./support/process.mjs";
import { World } from "./support/world.mjs";

let world, owner, portrait, style;

before(async () => {
    world = await World.start({ generationMs: 100, env: { STORAGE_PUBLIC: "false", FAL_CONCURRENCY: "2", FAL_USER_CONCURRENCY: "2" } });
    owner = world.owner;
    portrait = await importAvatar(owner, PORTRAIT);
    style = await importAvatar(owner, STYLE);
});
after(() => world?.stop());
beforeEach(() => world.faults());

const path = (image) => `/api/v1/images/${image.id}/variations`;
const sent = async (words) => (await world.accepted()).filter((r) => String(r.input.prompt).includes(words));

async function picture(words, avatar = portrait) {
    const done = await generate(owner, { prompt: words, preset: "fast", avatar_id: avatar.id });
    return done.images[0];
}

async function vary(image, body = {}) {
    const { json } = await owner.post(path(image), body, { status: 202 });
    return follow(owner, json.id, 60000);
}

async function assertUploaded(request, image) {
    assert.match(request.input.image_url, new RegExp(`^${world.falsimUrl}/files/in/[\\w.-]+_picture\\.jpeg$`));
    const bytes = Buffer.from(await (await fetch(request.input.image_url)).arrayBuffer());
    assert.deepEqual(bytes, (await world.anonymous.raw("GET", image.url)).bytes, "the original itself");
}

for (const [name, avatar, endpoint] of [
    ["portrait", () => portrait, "fal-ai/flux-lora/image-to-image"],
    ["finetune", () => style, "fal-ai/flux-pro/v1.1-ultra-finetuned"],
])
    test(`the picture of a ${name} is uploaded, and the variation is told where`, async () => {
        const image = await picture(`an upload of a ${name}`, avatar());
        const { json: dry } = await owner.post(path(image), { dry_run: true });
        assert.deepEqual(dry.request.decided_when_sent, ["seed", "image_url"]);
        assert.ok(!("image_url" in dry.request.body));
        const done = await vary(image);
        assert.equal(done.status, "completed", JSON.stringify(done.error));
        const [, request] = await sent(`an upload of a ${name}`);
        assert.equal(request.endpoint_id, endpoint);
        await assertUploaded(request, image);
    });

test("an upload that does not succeed at first is made again", { timeout: 90000 }, async () => {
    const image = await picture("a stubborn upload");
    await world.faults(...["503", "close", "garbage"].map((fault) => ({ op: "upload", fault, count: 1 })));
    const done = await vary(image);
    assert.equal(done.status, "completed", JSON.stringify(done.error));
    const requests = await sent("a stubborn upload");
    assert.equal(requests.length, 2, "paid once");
    await assertUploaded(requests[1], image);
});

// As many as there are slots: they try on, but without one.
test("variations whose pictures cannot be uploaded hold up nobody", { timeout: 90000 }, async () => {
    const images = [await picture("held up"), await picture("held up")];
    await world.faults({ op: "upload", fault: "503" });
    const waiting = [];
    for (const image of images) waiting.push((await owner.post(path(image), {}, { status: 202 })).json.id);
    const tries = `SELECT min(attempts) >= $N AND count(*) = 2 FROM jobs WHERE kind = 'generation' AND ref IN ('${waiting.join("', '")}')`;
    await until("both have failed", 15000, async () => (await world.sql(tries.replace("$N", "1")))[0][0] === "t");
    await generate(owner, { prompt: "in a hurry", preset: "fast", avatar_id: portrait.id }, 10000);
    await until("both have failed again, and that is counted", 20000, async () => (await world.sql(tries.replace("$N", "3")))[0][0] === "t");
    assert.deepEqual(await world.sql("SELECT count(*) FROM slots"), [["0"]]);
    await world.faults();
    for (const id of waiting) {
        const done = await follow(owner, id, 40000);
        assert.equal(done.status, "completed", JSON.stringify(done.error));
    }
    const requests = (await sent("held up")).filter((r) => r.endpoint_id.endsWith("image-to-image"));
    assert.equal(requests.length, 2, "paid once each");
});

test("one whose picture cannot be uploaded for a day ends, free", { timeout: 60000 }, async () => {
    const image = await picture("a day of tries");
    await world.faults({ op: "upload", fault: "503" });
    const { id } = (await owner.post(path(image), {}, { status: 202 })).json;
    await until("it has failed", 15000, async () => (await world.sql(`SELECT max(attempts) > 0 FROM jobs WHERE ref = '${id}'`))[0][0] === "t");
    await world.sql(`UPDATE generations SET created_at = now() - interval '25 hours' WHERE id = '${id}'`);
    const done = await follow(owner, id, 20000);
    assert.deepEqual([done.status, done.error.code, done.cost], ["failed", "queue_expired", 0]);
    assert.equal((await sent("a day of tries")).length, 1, "only the picture itself");
});

test("an attempt that was surely not accepted is made again with the picture that is there", async () => {
    const image = await picture("a second attempt");
    await world.faults({ op: "submit", fault: "503", prompt: "a second attempt", count: 1 });
    const done = await vary(image, { seed: "8" });
    assert.equal(done.status, "completed", JSON.stringify(done.error));
    const requests = await sent("a second attempt");
    assert.equal(requests.length, 2);
    await assertUploaded(requests[1], image);
});

// Both chose the same seed, and say the same of other pictures: only the address tells them apart.
test("of variations with the same seed, the lost one is told from the other by its picture", { timeout: 90000 }, async () => {
    const images = [await picture("alike"), await picture("alike")];
    const first = await vary(images[0], { seed: "99" });
    assert.equal(first.status, "completed");
    await world.faults({ op: "submit", fault: "accept_then_close", prompt: "alike", count: 1 }, { op: "webhook", fault: "lost", count: 1 });
    const second = await vary(images[1], { seed: "99" });
    assert.equal(second.status, "completed", JSON.stringify(second.error));
    const varied = (await sent("alike")).filter((r) => r.endpoint_id.endsWith("image-to-image"));
    assert.equal(varied.length, 2, "paid once each");
    await assertUploaded(varied[1], images[1]);
    const rows = await world.sql(`SELECT generation_id, request_id FROM submissions WHERE generation_id IN ('${first.id}', '${second.id}') ORDER BY sent_at`);
    assert.deepEqual(rows, [[first.id, varied[0].request_id], [second.id, varied[1].request_id]]);
});
