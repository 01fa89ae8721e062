// States that would take long to reach by clicking: pictures of other days, generations that stand still.
import { generate, importAvatar, PORTRAIT, STYLE } from "../../api/support/things.mjs";

const hex = (n, width) => BigInt(n).toString(16).padStart(width, "0");
let counter = 0;

// A UUID of version 7 of that moment; later calls give greater ones.
export function uuidAt(moment) {
    const time = hex(new Date(moment).getTime(), 12);
    const n = hex(++counter, 15);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${n.slice(0, 3)}-8${n.slice(3, 6)}-${n.slice(3)}`;
}

export const quote = (text) =>
    `'${String(text).replaceAll("'", "''").replaceAll("\\", "\\\\")}'`.replace(/^'(.*\\)/s, "E'$1");

const values = (row) =>
    Object.fromEntries(
        Object.entries(row).map(([column, value]) => [
            column,
            value === null ? "NULL" : typeof value === "string" ? quote(value) : String(value),
        ]),
    );

// A copy of a row of a table with other values in some columns.
async function copy(world, table, where, row) {
    const set = values(row);
    const columns = (
        await world.sql(
            `SELECT column_name FROM information_schema.columns WHERE table_name = '${table}' AND is_generated = 'NEVER'`,
        )
    ).flat();
    const list = columns.map((c) => set[c] ?? c);
    await world.sql(
        `INSERT INTO ${table} (${columns.join()}) SELECT ${list.join()} FROM ${table} WHERE ${where} LIMIT 1`,
    );
}

// Avatars of both kinds and one real picture: what everything else is copied from.
export async function settle(person) {
    const portrait = await importAvatar(person, PORTRAIT);
    const style = await importAvatar(person, STYLE);
    const done = await generate(person, { prompt: "sunset over the sea", preset: "fast" });
    return { portrait, style, done, image: done.images[0] };
}

// Pictures of these moments ({at, prompt, is_favorite, custom_name, …}), each of a generation of its own; their ids.
export async function addPictures(world, person, rows) {
    const ids = [];
    for (const { at, ...more } of rows) {
        const { generation } = await addGeneration(world, person, { at, ...(more.prompt && { prompt: more.prompt }) });
        const id = uuidAt(at);
        await copy(world, "images", `user_id = '${person.id}'`, {
            id,
            generation_id: generation,
            position: 0,
            created_at: at,
            ...more,
        });
        ids.push(id);
    }
    return ids;
}

// Many at once, a minute apart, oldest first, ending at a moment; they share a generation.
export async function addMany(world, person, count, end, more = {}) {
    const { generation } = await addGeneration(world, person, { at: end });
    const last = new Date(end).getTime();
    const rows = Array.from({ length: count }, (_, i) => {
        const at = new Date(last - (count - 1 - i) * 60e3).toISOString();
        return { id: uuidAt(at), at, position: i };
    });
    const columns =
        "user_id, avatar_id, object_key, content_type, width, height, bytes, sha256, placeholder, preset, endpoint, seed, has_nsfw_content";
    const set = values({ is_favorite: false, ...more });
    const tuples = rows.map(
        (r, i) => `('${r.id}'::uuid, ${r.position}, '${r.at}'::timestamptz, 'picture number ${i + 1}')`,
    );
    await world.sql(`INSERT INTO images (id, position, created_at, prompt, generation_id, ${Object.keys(set).join()}, ${columns})
        SELECT v.id, v.position, v.at, v.prompt, '${generation}', ${Object.values(set).join()}, ${columns}
        FROM (SELECT * FROM images WHERE user_id = '${person.id}' AND object_key <> '' ORDER BY id LIMIT 1) AS one,
             (VALUES ${tuples.join()}) AS v (id, position, at, prompt)`);
    return rows.map((r) => r.id);
}

// A generation that nobody works on, in any status; with a job it would move.
export async function addGeneration(
    world,
    person,
    { at = new Date().toISOString(), status = "completed", ...more } = {},
) {
    const ended = ["completed", "failed", "cancelled"].includes(status);
    const generation = uuidAt(at);
    const error_code = status === "failed" ? "provider_unavailable" : null;
    const row = {
        id: generation,
        status,
        error_code,
        created_at: at,
        finished_at: ended ? at : null,
        started_at: at,
        ...more,
    };
    await copy(world, "generations", `user_id = '${person.id}'`, row);
    return { generation };
}
