// Photos, training and model where objects lie in S3: no photo passes through the server on its way there or back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { S3 } from "../support/s3.mjs";
import { presign } from "../support/sigv4.mjs";
import { photo } from "./support/photo_files.mjs";
import { until } from "./support/process.mjs";
import { generate } from "./support/things.mjs";
import { followTraining, makeAvatar, sentFor, train } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let s3, world, owner, avatar;

before(async () => {
    s3 = await S3.start();
    const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY } = s3.settings;
    world = await World.start({
        generationMs: 50,
        falsim: ["--training-ms", "800"],
        env: { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY },
    });
    owner = world.owner;
    avatar = await makeAvatar(owner, { training_type: "style", gender: "other", name: "Ink" });
});
after(async () => {
    try {
        await world?.stop();
    } finally {
        await s3?.stop();
    }
});

const photos = (more = "") => `/api/v1/avatars/${avatar.id}/photos${more}`;
const wish = (bytes) => ({ file_name: "a.png", content_type: "image/png", file_size: bytes.length });
const offer = async (bytes) => (await owner.post(photos("/uploads"), wish(bytes), { status: 201 })).json;
const put = ({ url, headers }, body, more = {}) => fetch(url, { method: "PUT", headers: { ...headers, ...more }, body });
// The address is of the bucket.
const ours = (url, bucket) => assert.ok(url.startsWith(`${s3.settings.S3_ENDPOINT}/${bucket}/`), url);

test("a browser puts a photo into the bucket; it is judged, cleaned and shown from there", async () => {
    const bytes = photo(1);
    const place = await offer(bytes);
    ours(place.url, "aisha-v2-photos");
    assert.equal(place.method, "PUT");
    const minutes = (new Date(place.expires_at) - Date.now()) / 60e3;
    assert.ok(minutes > 58 && minutes <= 60, place.expires_at);
    assert.equal((await put(place, bytes)).status, 200);
    const answer = (await owner.post(photos(), { upload_ids: [place.upload_id] }, { timeout: 60000 })).json;
    assert.deepEqual([answer.items[0].status, answer.photos_count], ["valid", 1], JSON.stringify(answer.items));
    const [kept] = (await owner.get(photos())).json.items;
    for (const [url, type] of [
        [kept.url, "image/jpeg"],
        [kept.thumbnail_url, "image/webp"],
    ]) {
        ours(url, "aisha-v2-photos");
        const shown = await fetch(url);
        assert.deepEqual([shown.status, shown.headers.get("content-type")], [200, type]);
    }
    const { pathname } = new URL(place.url);
    await until("what was sent is gone", 70000, async () =>
        (await fetch(presign(s3.settings, "GET", pathname))).status === 404);
});

test("the place takes those bytes alone, and nobody else's words for them", async () => {
    const bytes = photo(2);
    const place = await offer(bytes);
    for (const [what, sent] of Object.entries({
        "one byte less": put(place, bytes.subarray(1)),
        "another type": put(place, bytes, { "content-type": "text/html" }),
        "another key": put({ ...place, url: place.url.replace(/incoming\/[^?]+/, "incoming/x.bin") }, bytes),
        "another method": fetch(place.url),
    }))
        assert.equal((await sent).status, 403, what);
    assert.equal((await put(place, bytes)).status, 200);
    const stranger = await makeAvatar(world.other, { training_type: "style", gender: "other", name: "Other" });
    const refused = await world.other.post(
        `/api/v1/avatars/${stranger.id}/photos`,
        { upload_ids: [place.upload_id] },
        { status: 422 },
    );
    assert.equal(refused.json.errors[0].code, "upload_unknown");
    const { items } = (await owner.post(photos(), { upload_ids: [place.upload_id] }, { timeout: 60000 })).json;
    assert.equal(items[0].status, "valid");
});

test("trained and used from the bucket: archive and model are followed by presigned addresses", async () => {
    for (let number = 3; number <= 10; number++) {
        const bytes = photo(number);
        const place = await offer(bytes);
        await put(place, bytes);
        const { items } = (await owner.post(photos(), { upload_ids: [place.upload_id] }, { timeout: 60000 })).json;
        assert.equal(items[0].status, "valid", JSON.stringify(items));
    }
    await train(owner, avatar.id);
    const { last } = await followTraining(owner, avatar.id, 60000);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    const { input } = await sentFor(world, avatar.id);
    ours(input.images_data_url, "aisha-v2-photos");
    const done = await generate(owner, { prompt: "over the sea", preset: "fast", avatar_id: avatar.id });
    const sent = (await world.accepted()).find((r) => r.input.prompt === done.final_prompt);
    const model = sent.input.loras[0].path;
    ours(model, "aisha-v2-models");
    const copy = await fetch(model);
    assert.equal(copy.status, 200);
    const { model_bytes } = (await owner.get(`/api/v1/avatars/${avatar.id}`)).json;
    assert.equal((await copy.arrayBuffer()).byteLength, model_bytes);
    ours(done.images[0].url, "aisha-v2-generated");
    assert.equal((await fetch(done.images[0].url)).status, 200);
});
