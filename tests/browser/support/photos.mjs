// Photos as a file input takes them, and avatars that stand still on their way.
import fs from "node:fs";
import path from "node:path";
import { makeAvatar, plantPhotos } from "../../api/support/trainings.mjs";
import { FOREIGN, photo } from "../../api/support/photo_files.mjs";
import { uuidAt } from "./fixtures.mjs";

export const file = (number) => ({
    name: `picture ${number}.png`,
    mimeType: "image/png",
    buffer: photo(number),
});
export const files = (count, from = 1) => Array.from({ length: count }, (_, i) => file(from + i));
export const tiny = { name: "tiny.png", mimeType: "image/png", buffer: photo(99, 64) };
export const disguised = { name: "really.jpg", mimeType: "image/jpeg", buffer: FOREIGN.GIF };
export const heic = { name: "IMG_0001.HEIC", mimeType: "image/heic", buffer: FOREIGN.HEIC };

const STYLE = { name: "Mosaic", gender: "other", training_type: "style" };

// An avatar with so many photos, of which only the thumbnails are pictures; its id.
export async function addDraft(world, person, photos = 0, more = {}) {
    const { id } = await makeAvatar(person, { ...STYLE, ...more });
    await plantPhotos(world, person, id, photos);
    const folder = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", id);
    const small = fs.readdirSync(folder).filter((name) => name.endsWith("_small.webp"));
    small.forEach((name, i) => fs.writeFileSync(path.join(folder, name), photo(i, 64)));
    return id;
}

// Nobody's trainings run any more: a person has one at a time.
export const endTrainings = (world, person) =>
    world.sql(`UPDATE trainings SET status = 'cancelled', finished_at = now()
        WHERE user_id = '${person.id}' AND status NOT IN ('completed', 'failed', 'cancelled')`);

const sentAs = (id, request) => ({
    request_id: `'${id}'`,
    status_url: `'${request}/status'`,
    response_url: `'${request}'`,
    cancel_url: `'${request}/cancel'`,
    sent_at: "now()",
    attempts: 1,
});

// A training that nobody works on, in any status.
export async function addTraining(world, person, avatar, { status = "running", progress = 42, ...more } = {}) {
    const id = uuidAt(new Date().toISOString());
    const request = `${world.falsimUrl}/fal-ai/flux-lora-fast-training/requests/${id}`; // of which it knows nothing
    const sent = ["pending", "submitting"].includes(status) ? {} : sentAs(id, request);
    const set = Object.entries({ progress, ...sent, ...more }).map(([column, value]) => `${column} = ${value}`);
    await world.sql(`SELECT account_open('${person.id}', 1000000);
        INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input, trigger_text, photos, cost, source,
            expected_seconds) VALUES ('${id}', '${avatar}', '${person.id}', 'balanced', 'fal-ai/flux-lora-fast-training',
            '{"steps":1000}', 'TOK', 12, 200, 'web', 900);
        INSERT INTO jobs (kind, ref, run_at) VALUES ('training', '${id}', now() + interval '1 day');
        UPDATE trainings SET status = '${status}', ${set.join()} WHERE id = '${id}'`);
    return id;
}
