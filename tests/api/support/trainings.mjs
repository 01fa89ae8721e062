// Avatars that are to be trained, and trainings that have ended.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { until } from "./process.mjs";

export const ENDED = ["completed", "failed", "cancelled"];

// The smallest file that says it is a JPEG, made different by its number: what a trainer is sent is looked at no closer.
function jpegLike(number) {
    const digits = Buffer.from(`${number},`);
    return Buffer.concat([
        Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"),
        Buffer.alloc(900, digits),
        Buffer.from("ffd9", "hex"),
    ]);
}

export async function makeAvatar(client, body = {}) {
    const wish = { name: "Anna", gender: "female", training_type: "portrait", ...body };
    return (await client.post("/api/v1/avatars", wish, { status: 201 })).json;
}

// Photos as if they had been uploaded and found good: rows, and objects where the store has them.
export async function plantPhotos(world, user, avatarId, count, first = 0) {
    const folder = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", avatarId);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const rows = [];
    for (let i = 0; i < count; i++) {
        const id = randomUUID();
        const bytes = jpegLike(first + i);
        fs.writeFileSync(path.join(folder, `${id}.jpg`), bytes);
        fs.writeFileSync(path.join(folder, `${id}_small.webp`), "RIFF");
        rows.push(`('${id}', '${avatarId}', '${user.id}', 'valid', decode('${createHash("md5").update(bytes).digest("hex")}', 'hex'),
            ${bytes.length}, ${first + i}, 900, 900, '${avatarId}/${id}.jpg', ${bytes.length}, '\\x00', 2, 120, 0.8)`);
    }
    if (count) await world.sql(`INSERT INTO photos (id, avatar_id, user_id, status, file_hash, file_size, look, width, height,
        object_key, bytes, placeholder, sharpness, brightness, quality) VALUES ${rows.join(", ")}`);
}

export async function readyAvatar(world, user, body = {}, photos = 10) {
    const avatar = await makeAvatar(user, body);
    await plantPhotos(world, user, avatar.id, photos);
    return avatar;
}

export const trainingPath = (avatarId) => `/api/v1/avatars/${avatarId}/training`;

export async function train(user, avatarId, preset = "fast") {
    return (await user.post(trainingPath(avatarId), { preset }, { status: 202 })).json;
}

// Until it has ended; every state that was seen on the way.
export async function followTraining(user, avatarId, ms = 30000) {
    const seen = [];
    await until(`the training of ${avatarId} ends`, ms, async () => {
        seen.push((await user.get(trainingPath(avatarId))).json);
        return ENDED.includes(seen.at(-1).status);
    });
    return { last: seen.at(-1), seen };
}

export async function trained(world, user, body = {}) {
    const avatar = await readyAvatar(world, user, body);
    await train(user, avatar.id);
    const { last } = await followTraining(user, avatar.id);
    assert.equal(last.status, "completed", JSON.stringify(last.error));
    return (await user.get(`/api/v1/avatars/${avatar.id}`)).json;
}

// What the simulator took for an avatar's latest training.
export async function sentFor(world, avatarId) {
    const [row] = await world.sql(`SELECT request_id FROM trainings WHERE avatar_id = '${avatarId}' ORDER BY id DESC LIMIT 1`);
    return row?.[0] ? (await world.accepted()).find((r) => r.request_id === row[0]) : undefined;
}
