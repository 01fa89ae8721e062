// From the local disk to S3, as docs/operating.md says: nothing is lost, and addresses that were given out work on.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { S3 } from "../support/s3.mjs";
import { presign } from "../support/sigv4.mjs";
import { until } from "./support/process.mjs";
import { generate, importAvatar, PORTRAIT, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const NO_S3 = { S3_ENDPOINT: "", S3_ACCESS_KEY: "", S3_SECRET_KEY: "" }; // also when the suite runs on S3
let s3, world;

before(async () => {
    s3 = await S3.start();
    world = await World.start({ generationMs: 50, env: NO_S3 });
    await importAvatar(world.owner, PORTRAIT);
});
after(async () => {
    try {
        await world?.stop();
    } finally {
        await s3?.stop();
    }
});

async function copyAll(folder) {
    for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = path.join(entry.parentPath ?? entry.path, entry.name);
        const key = path.relative(folder, file);
        if (!key.startsWith("aisha-v2-")) continue;
        const put = await fetch(presign(s3.settings, "PUT", `/${key}`), { method: "PUT", body: fs.readFileSync(file) });
        assert.equal(put.status, 200, key);
    }
}

test("pictures are shown from the bucket after the move, and old addresses go on for their day", async () => {
    const { owner } = world;
    await generate(owner, { prompt: "before the move", preset: "fast", num_images: 3 });
    const before = await walk(owner, "/api/v1/images");
    await until("whose the objects are is written down", 40000, () =>
        fs.existsSync(path.join(world.env.OBJECTS_DIR, "aisha-v2-owner/database")), 200);
    await world.stopServer();
    const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY } = s3.settings;
    world.env = { ...world.env, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY };
    await world.command("migrate");
    await copyAll(world.env.OBJECTS_DIR);
    await world.startServer();
    const moved = await walk(owner, "/api/v1/images");
    assert.deepEqual(moved.map((image) => image.id), before.map((image) => image.id));
    for (const [i, image] of moved.entries())
        for (const [now, then] of [
            [image.url, before[i].url],
            [image.thumbnails.small, before[i].thumbnails.small],
        ]) {
            assert.ok(now.startsWith(`${S3_ENDPOINT}/aisha-v2-generated/`), now);
            const [fromBucket, fromDisk] = await Promise.all([fetch(now), fetch(then)]);
            assert.deepEqual([fromBucket.status, fromDisk.status], [200, 200]);
            assert.deepEqual(await fromBucket.arrayBuffer(), await fromDisk.arrayBuffer());
        }
    await until("the sweeps find all files in their place", 40000, async () => {
        const { text } = await world.anonymous.get("/metrics");
        return /^aisha_sweep_last_seconds\{sweep="object_unowned"\} [0-9.]+$/m.test(text);
    }, 200);
    const { text } = await world.anonymous.get("/metrics");
    assert.ok(!/^aisha_sweep_found_total\{sweep="image_objects"\} [1-9]/m.test(text));
    assert.ok(!/sweep_failed/.test(world.aisha.log));
    const done = await generate(owner, { prompt: "after the move", preset: "fast" });
    assert.equal((await fetch(done.images[0].url)).status, 200);
});
