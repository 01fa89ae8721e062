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

const columnsKnown = new Map();

async function columnsOf(world, table) {
    if (!columnsKnown.has(table))
        columnsKnown.set(
            table,
            (
                await world.sql(
                    `SELECT column_name FROM information_schema.columns
                     WHERE table_name = '${table}' AND is_generated = 'NEVER' AND is_identity = 'NO'`,
                )
            ).flat(),
        );
    return columnsKnown.get(table);
}

// The statement that copies a row of a table with other values in some columns.
async function copying(world, table, where, row) {
    const set = values(row);
    const columns = await columnsOf(world, table);
    const list = columns.map((c) => set[c] ?? c);
    return `INSERT INTO ${table} (${columns.join()}) SELECT ${list.join()} FROM ${table} WHERE ${where} LIMIT 1;`;
}

// Avatars of both kinds and one real picture: what everything else is copied from.
export async function settle(person) {
    const [portrait, style] = [await importAvatar(person, PORTRAIT), await importAvatar(person, STYLE)];
    const done = await generate(person, { prompt: "sunset over the sea", preset: "fast" });
    return { portrait, style, done, image: done.images[0] };
}

// The same for another person without making any of it: {portrait, style, image: {id}, done: {id}}.
export async function copySettled(world, from, person) {
    const now = new Date().toISOString();
    const mine = { portrait: uuidAt(now), style: uuidAt(now), done: uuidAt(now), image: uuidAt(now) };
    const id = (name) => ({ id: mine[name], user_id: person.id });
    await world.sql(
        (
            await Promise.all([
                copying(world, "avatars", `id = '${from.portrait.id}'`, id("portrait")),
                copying(world, "avatars", `id = '${from.style.id}'`, id("style")),
                copying(world, "generations", `id = '${from.done.id}'`, { ...id("done"), avatar_id: mine.portrait }),
                copying(world, "images", `id = '${from.image.id}'`, {
                    ...id("image"),
                    avatar_id: mine.portrait,
                    generation_id: mine.done,
                }),
            ])
        ).join("\n"),
    );
    return Object.fromEntries(Object.entries(mine).map(([name, made]) => [name, { id: made }]));
}

function generationRow({ at = new Date().toISOString(), status = "completed", ...more }) {
    const ended = ["completed", "failed", "cancelled"].includes(status);
    const error_code = status === "failed" ? "provider_unavailable" : null;
    const charged = ended ? (status === "completed" ? 4 : 0) : null;
    const times = { created_at: at, finished_at: ended ? at : null, started_at: at };
    return { id: uuidAt(at), status, error_code, cost: 4, charged, ...times, ...more };
}

// What the provider is said to have taken: it knows nothing of it when it is asked.
const submitting = (world, { id }) => `INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed,
        request_id, status_url, response_url, cancel_url)
    SELECT id, user_id, 1, 'accepted', endpoint, 5, id, url || '/status', url, url || '/cancel'
    FROM generations, concat('${world.falsimUrl}/fal-ai/flux-lora/requests/', id) url WHERE id = '${id}';`;

// A generation that nobody works on, in any status: its job is due another day.
export async function addGeneration(world, person, more = {}) {
    const row = generationRow(more);
    const job = `INSERT INTO jobs (kind, ref, run_at) VALUES ('generation', '${row.id}', now() + interval '1 day');`;
    const statements = [
        `SELECT account_open('${person.id}', 1000000);`,
        await copying(world, "generations", `user_id = '${person.id}'`, row),
        row.charged === null ? job : "",
        ["queued", "running"].includes(row.status) ? submitting(world, row) : "",
    ];
    await world.sql(statements.join("\n"));
    return row.id;
}

// Some that are made by nobody and keep their slots: with as many as there are, or as one user may have, the next wait.
export async function takeSlots(world, person, count) {
    const ids = [];
    for (let i = 0; i < count; i++) ids.push(await addGeneration(world, person, { status: "running" }));
    const rows = ids.map((id) => `('${id}', '${person.id}')`).join();
    await world.sql(`INSERT INTO slots (generation_id, user_id) VALUES ${rows}`);
    return ids;
}

export async function freeSlots(world, ids) {
    const list = ids.map((id) => `'${id}'`).join();
    await world.sql(`UPDATE generations SET status = 'cancelled', finished_at = now() WHERE id IN (${list})`);
}

// One that waits for its turn, behind everything that waits so far; for an endpoint whose breaker is open: for that.
export async function addWaiting(world, person, more = {}) {
    const id = await addGeneration(world, person, { status: "pending", ...more });
    await world.sql(`INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)
        SELECT id, user_id, lane, endpoint, cost FROM generations WHERE id = '${id}'`);
    return id;
}

// One whose provider's answer was lost.
export async function addChecked(world, person, more = {}) {
    const id = await addGeneration(world, person, { status: "submitting", ...more });
    await world.sql(`INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)
        SELECT id, user_id, 1, 'unknown', endpoint, 5 FROM generations WHERE id = '${id}'`);
    return id;
}

// The provider does not answer at this endpoint, or at all (''), from now on; open false: it does again.
export async function setBreaker(world, endpoint, open = true) {
    const until = open ? "now() + interval '9 minutes'" : "NULL";
    await world.sql(`INSERT INTO breakers (endpoint, open_until, reason) VALUES ('${endpoint}', ${until}, 'planted')
        ON CONFLICT (endpoint) DO UPDATE SET open_until = excluded.open_until, reason = excluded.reason`);
}

// So many credits are left, whatever was spent before.
export async function setAvailable(world, person, credits) {
    await world.sql(`SELECT account_open('${person.id}', 1000000);
        WITH a AS (SELECT ${credits} - available AS more FROM accounts WHERE user_id = '${person.id}')
        UPDATE accounts SET granted = granted + more, available = available + more FROM a WHERE user_id = '${person.id}'`);
}

// Pictures of these moments ({at, prompt, is_favorite, custom_name, …}), each of a generation of its own; their ids.
export async function addPictures(world, person, rows) {
    const ids = [];
    const statements = [];
    const where = `user_id = '${person.id}'`;
    for (const { at, ...more } of rows) {
        const generation = generationRow({ at, ...(more.prompt && { prompt: more.prompt }) });
        const picture = { id: uuidAt(at), generation_id: generation.id, position: 0, created_at: at, ...more };
        statements.push(await copying(world, "generations", where, generation));
        statements.push(await copying(world, "images", where, picture));
        ids.push(picture.id);
    }
    await world.sql(statements.join("\n"));
    return ids;
}

// Many at once, a minute apart, oldest first, ending at a moment; they share a generation.
export async function addMany(world, person, count, end) {
    const generation = await addGeneration(world, person, { at: end });
    const last = new Date(end).getTime();
    const where = `user_id = '${person.id}'`;
    const ids = [];
    const statements = [];
    for (let i = 0; i < count; i++) {
        const at = new Date(last - (count - 1 - i) * 60e3).toISOString();
        const row = {
            id: uuidAt(at),
            generation_id: generation,
            position: i,
            created_at: at,
            prompt: `picture number ${i + 1}`,
        };
        statements.push(await copying(world, "images", where, row));
        ids.push(row.id);
    }
    await world.sql(statements.join("\n"));
    return ids;
}

// A style of the person's own, made of a picture or of nothing; its id.
export async function addStyle(world, person, image, { title = "A pier", prompt = "{subject} on a pier" } = {}) {
    const id = uuidAt(new Date().toISOString());
    await world.sql(`INSERT INTO own_styles (id, user_id, title, prompt, preset, image_id)
        VALUES ('${id}', '${person.id}', ${quote(title)}, ${quote(prompt)}, 'fast', ${image ? `'${image}'` : "NULL"})`);
    return id;
}

export const likeStyle = (world, person, style) =>
    world.sql(`INSERT INTO style_favorites (user_id, template_id) VALUES ('${person.id}', '${style}') ON CONFLICT DO NOTHING`);
