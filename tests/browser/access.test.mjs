// Two users who try each other's pages, and other sites that try to act for them: every page of the server's table by
// everybody. A page without a row in support/page_rows.mjs fails.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Things } from "../api/support/matrix.mjs";
import { NOBODY } from "../api/support/things.mjs";
import { plantPhotos } from "../api/support/trainings.mjs";
import { form as multipart } from "../api/support/photo_files.mjs";
import { addBatch } from "./support/batches.mjs";
import { addGeneration, settle } from "./support/fixtures.mjs";
import { encodeForm, forms } from "./support/html.mjs";
import { PAGE_ROWS } from "./support/page_rows.mjs";
import { addDraft, addTraining, endTrainings } from "./support/photos.mjs";
import { PAGES } from "./support/routes.mjs";
import { Web } from "./support/web.mjs";

const FORM = "application/x-www-form-urlencoded";
let web, world, it, owner, other;

before(async () => {
    web = await Web.start({ generationMs: 50, env: { AVATARS_PER_USER: "100" } });
    world = web.world;
    it = await Things.make(world);
    await settle(world.other);
    await renew("deleted");
    it.draft = await addDraft(world, world.owner);
    for (const thing of ["photo", "ready"]) await renew(thing);
    await signInAnew();
    other = await web.session(world.other);
});
after(() => web?.stop());

// The session from before stays, so that it can be ended from the page of this one.
async function signInAnew() {
    web.forget(world.owner);
    await web.session(world.owner);
    web.forget(world.owner);
    owner = await web.session(world.owner);
}

async function newPhoto() {
    await plantPhotos(world, world.owner, it.draft, 1);
    const [[id]] = await world.sql(`SELECT id FROM photos WHERE avatar_id = '${it.draft}' ORDER BY created_at DESC LIMIT 1`);
    it.photo = id;
}

// A person learns with one avatar at a time.
async function newAvatar(learning) {
    await endTrainings(world, world.owner);
    const id = await addDraft(world, world.owner, 10);
    if (learning) await addTraining(world, world.owner, id);
    it[learning ? "learning" : "ready"] = id;
}

async function renew(thing) {
    if (thing === "photo") return newPhoto();
    if (["ready", "learning"].includes(thing)) return newAvatar(thing === "learning");
    if (thing === "running") it.running = await addGeneration(world, world.owner, { status: "running" });
    else if (thing === "batch") it.batch = await addBatch(world, world.owner, it.avatar, [{ prompt: "one", status: "running" }]);
    else if (thing !== "deleted") await it.renew(thing);
    if (thing !== "deleted") return;
    await it.renew("trash");
    it.deleted = it.trash;
    await world.owner.delete(`/api/v1/images/${it.deleted}`);
    await it.renew("trash");
}

test("every page of the server has a row", () => {
    assert.ok(PAGES.length > 10, "the table of routes was read");
    const names = PAGES.map((page) => page.name);
    assert.deepEqual(
        names.filter((name) => !PAGE_ROWS[name]),
        [],
        "pages that nobody has thought about",
    );
    assert.deepEqual(
        Object.keys(PAGE_ROWS).filter((name) => !names.includes(name)),
        [],
        "rows of pages that are gone",
    );
});

async function thingOf(row) {
    if (row.fresh) await renew(row.thing);
    if (!row.thing) return "";
    return row.thing === "link" ? it.link.split("/").pop() : it[row.thing];
}
function targetOf(page, id) {
    const { within } = PAGE_ROWS[page.name];
    const pattern = within ? page.pattern.replace("{id}", it[within]) : page.pattern;
    return pattern.replace(/\{\w+\}/, id);
}

// What the page's own form would send as this client for this thing: {fields, client}. The client has the cookies that the
// page sets, too.
async function formOf(page, row, client, id) {
    if (!row.from) return { fields: {}, client };
    const source = row.from.replace("{id}", it[row.within] ?? id);
    const { html, headers } = await web.fetch(client, source);
    const target = row.form?.replace("{id}", id) ?? targetOf(page, id);
    const form = forms(html).find((f) => f.method === "post" && (f.action ?? source).split("?")[0] === target);
    assert.ok(form, `${source} has no form for ${target}`);
    const button = form.buttons[0] ? { [form.buttons[0].name]: form.buttons[0].value } : {};
    const set = (headers["set-cookie"] ?? "").split("\n").map((line) => line.split(";")[0]);
    const cookie = [client.headers.cookie, ...set].filter((c) => c).join("; ");
    return { fields: { ...form.fields, ...button, ...row.with }, client: cookie ? client.as({ cookie }) : client };
}

// Everything that a request may change, in a few letters by table.
async function state() {
    const tables = [
        "users",
        "avatars",
        "photos",
        "trainings",
        "generations",
        "images",
        "api_tokens",
        "login_links",
        "idempotency_keys",
        "jobs",
        "own_styles",
        "style_favorites",
    ];
    const still = { jobs: "id, kind, ref", sessions: "id", generations: "id, user_id, cancel_requested, prompt" };
    const parts = [...tables, "sessions"].map(
        (t) => `SELECT '${t}', count(*), md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), ''))
                FROM (SELECT ${still[t] ?? "*"} FROM ${t}) AS r`,
    );
    return (await world.sql(parts.join(" UNION ALL ")))
        .filter(([table]) => table !== "jobs")
        .map((row) => row.join(" "));
}

const headersFromHere = () => ({ origin: world.url, "sec-fetch-site": "same-origin", accept: "text/html" });

// The fields come before the files, as they do on the page.
function bodyOf({ files }, fields) {
    if (!files) return { body: encodeForm(fields), type: FORM };
    const parts = Object.entries(fields).map(([name, value]) => ({ name, type: "text/plain", bytes: value ?? "" }));
    return multipart([...parts, ...files]);
}

async function send(page, target, client, fields, headers = headersFromHere()) {
    const options = { headers: { accept: "text/html", ...headers } };
    if (page.method === "POST") Object.assign(options, bodyOf(PAGE_ROWS[page.name], fields));
    const { status, headers: got, bytes } = await client.raw(page.method, target, options);
    return { status, headers: got, html: bytes.toString("utf8") };
}

// Without what differs between two answers to the same question.
function neutral({ status, headers, html }, id) {
    const rest = { ...headers };
    for (const name of ["x-request-id", "date", "content-length", "etag", "set-cookie"]) delete rest[name];
    const text = html
        .replaceAll(id, "ID")
        .replaceAll(headers["x-request-id"], "REQUEST")
        .replace(/(name="(?:csrf_token|key)" value=")[^"]*/g, "$1")
        .replace(/(value=")[^"]*(" name="(?:csrf_token|key)")/g, "$1$2");
    return { status, headers: rest, text };
}

const known = PAGES.filter((page) => PAGE_ROWS[page.name]);

describe("nobody", () => {
    for (const page of known)
        test(`${page.name} without a session`, async () => {
            const row = PAGE_ROWS[page.name];
            const id = await thingOf(row);
            const sent = row.public ? await formOf(page, row, world.anonymous, id) : { client: world.anonymous };
            const before = await state();
            const fields = sent.fields ?? { ...row.with, csrf_token: owner.csrf };
            const answer = await send(page, targetOf(page, id), sent.client, fields);
            if (row.public) {
                assert.equal(answer.status, row.ok);
                if (row.uses) await renew(row.thing);
                return;
            }
            if (page.method === "GET") {
                assert.equal(answer.status, 303);
                assert.match(answer.headers.location, /^\/login\?next=/);
            } else assert.ok([303, 401].includes(answer.status) && !answer.headers.location?.startsWith("/images"));
            assert.deepEqual(await state(), before, "nothing has changed");
        });
});

describe("another user", () => {
    for (const page of known.filter((p) => PAGE_ROWS[p.name].thing && !PAGE_ROWS[p.name].public))
        test(`${page.name}: somebody else's looks like one that never was`, async () => {
            const row = PAGE_ROWS[page.name];
            const id = await thingOf(row);
            const fields = { ...(await formOf(page, row, owner.client, id)).fields, csrf_token: other.csrf };
            const before = await state();
            const foreign = await send(page, targetOf(page, id), other.client, fields);
            const missing = await send(page, targetOf(page, NOBODY), other.client, fields);
            const rubbish = await send(page, targetOf(page, "1;--"), other.client, fields);
            assert.equal(foreign.status, row.others ?? 404);
            assert.deepEqual(neutral(foreign, id), neutral(missing, NOBODY));
            assert.equal(rubbish.status, 404);
            for (const secret of ["Anna", "for the matrix", world.owner.id])
                assert.ok(!foreign.html.includes(secret), `it tells ${secret}`);
            assert.deepEqual(await state(), before, "nothing has changed");
        });

    test("lists show none of it", async () => {
        for (const target of ["/images", "/generations", "/avatars", "/settings", "/create"]) {
            const { html } = await web.fetch(other.client, target);
            for (const id of [it.image, it.generation, it.avatar, it.token, world.owner.id])
                assert.ok(!html.includes(id), `${target} shows ${id}`);
        }
        for (const target of [
            `/images?before=${it.image}`,
            `/images?from=${it.image}`,
            `/images?avatar=${it.avatar}`,
            `/images?undo=${it.image}`,
            `/create?avatar=${it.avatar}`,
            `/create?image=${it.image}`,
        ]) {
            const foreign = await web.fetch(other.client, target);
            const id = target.split("=")[1];
            const missing = await web.fetch(other.client, target.replace(id, NOBODY));
            assert.deepEqual(neutral(foreign, id), neutral(missing, NOBODY), target);
        }
    });
});

// What another site, or somebody with a token of another session, would send.
const FORGERIES = {
    "without the token": () => ({ fields: { csrf_token: null } }),
    "with an empty token": () => ({ fields: { csrf_token: "" } }),
    "with a made-up token": () => ({ fields: { csrf_token: "A".repeat(owner.csrf.length) } }),
    "with another session's token": () => ({ fields: { csrf_token: other.csrf } }),
    "from another site": () => ({ headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } }),
    "from a neighbour": () => ({ headers: { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" } }),
    "from another origin, by an old browser": () => ({
        headers: { "sec-fetch-site": undefined, origin: "https://evil.example" },
    }),
    "from a sandbox": () => ({ headers: { "sec-fetch-site": undefined, origin: "null" } }),
};

describe("a forged form", () => {
    for (const page of known.filter((p) => p.method === "POST"))
        test(`${page.name} is refused and changes nothing`, async () => {
            const row = PAGE_ROWS[page.name];
            const id = await thingOf(row);
            const { fields, client } = await formOf(page, row, owner.client, id);
            const before = await state();
            for (const [how, make] of Object.entries(FORGERIES)) {
                const forged = make();
                const sent = { ...fields, ...forged.fields };
                if (sent.csrf_token === null) delete sent.csrf_token;
                const headers = Object.fromEntries(
                    Object.entries({ ...headersFromHere(), ...forged.headers }).filter(([, v]) => v !== undefined),
                );
                const answer = await send(page, targetOf(page, id), client, sent, headers);
                assert.equal(answer.status, 403, how);
                assert.match(answer.headers["content-type"], /^text\/html/, how);
            }
            assert.deepEqual(await state(), before, "nothing has changed");
        });
});

describe("the owner", () => {
    for (const page of known)
        test(`${page.name} as its owner`, async () => {
            const row = PAGE_ROWS[page.name];
            const id = await thingOf(row);
            const { fields, client } = await formOf(page, row, owner.client, id);
            const answer = await send(page, targetOf(page, id), client, fields);
            assert.equal(answer.status, row.own ?? row.ok, answer.html.match(/<main[^]*/)?.[0].slice(0, 1500));
            if (row.uses) await renew(row.thing);
            if (row.ends) await signInAnew();
        });

    test("what is deleted looks like what never was", async () => {
        const session = owner;
        await renew("deleted");
        for (const [target, id] of [[`/images/${it.deleted}`, it.deleted]]) {
            const gone = await web.fetch(session.client, target);
            const missing = await web.fetch(session.client, target.replace(id, NOBODY));
            assert.equal(gone.status, 404);
            assert.deepEqual(neutral(gone, id), neutral(missing, NOBODY));
        }
    });
});
