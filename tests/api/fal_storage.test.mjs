// When nobody outside can follow links to our objects, the photos of a training go to fal.ai's own storage first: whole,
// or in parts when they are many.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { followTraining, makeAvatar, readyAvatar, sentFor, train } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let world;
let people = 0;

before(async () => {
    const env = { STORAGE_PUBLIC: "false" };
    world = await World.start({ generationMs: 100, falsim: ["--training-ms", "300"], env });
});
after(() => world?.stop());
beforeEach(() => world.faults());

const somebody = () => world.person(`Person ${++people}`);

async function trainTo(status, user, avatar, ms = 60000) {
    await train(user, avatar.id);
    const { last } = await followTraining(user, avatar.id, ms);
    assert.equal(last.status, status, JSON.stringify(last.error));
    return last;
}

async function checkAddress(avatar) {
    const { input } = await sentFor(world, avatar.id);
    assert.match(input.images_data_url, new RegExp(`^${world.falsimUrl}/files/in/[\\w.-]+_photos\\.zip$`));
    return Number((await fetch(input.images_data_url, { method: "HEAD" })).headers.get("content-length"));
}

test("the archive is uploaded, and the training is told where", { timeout: 90000 }, async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await trainTo("completed", user, avatar);
    assert.ok((await checkAddress(avatar)) > 10 * 900);
    const left = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", "trainings");
    assert.ok(!fs.existsSync(left), "nothing lies in our own storage");
});

test("an upload that does not succeed at first is made again", { timeout: 90000 }, async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await world.faults(...["503", "close", "garbage"].map((fault) => ({ op: "upload", fault, count: 1 })));
    await trainTo("completed", user, avatar);
    await checkAddress(avatar);
});

// 24 photos of 4 MiB that cannot be packed any smaller: the simulator looks at every byte of the archive.
test("an archive of 96 MiB goes in parts", { timeout: 120000 }, async () => {
    const user = await somebody();
    const avatar = await makeAvatar(user);
    const folder = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", avatar.id);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let i = 0; i < 24; i++) {
        const id = randomUUID();
        const bytes = Buffer.concat([Buffer.from("ffd8ffe000104a464946000101", "hex"), randomBytes(4 << 20)]);
        fs.writeFileSync(path.join(folder, `${id}.jpg`), bytes);
        await world.sql(`INSERT INTO photos (id, avatar_id, user_id, status, file_hash, file_size, look, width, height,
            object_key, bytes, placeholder, sharpness, brightness, quality) VALUES ('${id}', '${avatar.id}', '${user.id}', 'valid',
            decode('${createHash("md5").update(bytes).digest("hex")}', 'hex'), ${bytes.length}, ${i}, 900, 900,
            '${avatar.id}/${id}.jpg', ${bytes.length}, '\\x00', 2, 120, 0.8)`);
    }
    await trainTo("completed", user, avatar, 100000);
    assert.ok((await checkAddress(avatar)) > 96 << 20);
});
