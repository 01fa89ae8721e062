// Styles over REST: lists, search, prompts for an avatar, own ones, favourites, what is popular and recommended, and what
// comes of the variants.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, follow, generate, importAvatar, NOBODY, PORTRAIT, STYLE, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const T = "/api/v1/templates";
const GROUPS = ["business", "glamour", "artistic", "casual", "outdoor", "medieval", "cyberpunk"];
let world, anna, man, ink;

before(async () => {
    world = await World.start({ generationMs: 100 });
    anna = await importAvatar(world.owner, PORTRAIT);
    man = await importAvatar(world.owner, PORTRAIT, { name: "Ivan", gender: "male", trigger_phrase: "IVAN" });
    ink = await importAvatar(world.owner, STYLE);
});
after(() => world?.stop());

const ids = (answer) => (answer.json ?? answer).items.map((i) => i.id);
const codes = (answer) => answer.json.errors.map(({ field, code }) => `${field} ${code}`).sort();
const save = async (client, body, status = 201) => (await client.post(T, body, { status })).json;
const favor = (client, id, status = 204) => client.expect(status, "PUT", `${T}/${id}/favorite`);
const unfavor = (client, id, status = 204) => client.expect(status, "DELETE", `${T}/${id}/favorite`);

test("categories have their counts, and the last one is one's own", async () => {
    const person = await world.person("Categories");
    await save(person, { title: "Mine", prompt: "a quiet garden" });
    const { items } = (await person.get(`${T}/categories`)).json;
    assert.deepEqual(
        items.map((c) => c.id),
        ["portrait", "lifestyle", "fantasy", "own"],
    );
    assert.deepEqual(
        items.flatMap((c) => c.subcategories.map((s) => s.id)),
        GROUPS,
    );
    assert.equal(items[3].count, 1);
    for (const category of items.slice(0, 3)) {
        assert.equal(
            category.count,
            category.subcategories.reduce((sum, s) => sum + s.count, 0),
        );
        assert.equal((await walk(person, `${T}?category=${category.id}`)).length, category.count);
        for (const { id, count } of category.subcategories) {
            const found = await walk(person, `${T}?category=${id}`);
            assert.equal(found.length, count);
            assert.ok(count >= 5 && found.every((t) => t.subcategory === id && t.category === category.id));
        }
    }
    assert.deepEqual(
        (await walk(person, `${T}?category=own`)).map((t) => t.title.ru),
        ["Mine"],
    );
});

test("pages have every style once, one's own first, whatever their size", async () => {
    const person = await world.person("Pages");
    for (const title of ["old", "new"]) await save(person, { title, prompt: "a garden" });
    const whole = (await walk(person, T)).map((t) => t.id);
    assert.equal(new Set(whole).size, whole.length);
    assert.ok(whole.length >= 2 + 35);
    assert.equal((await person.get(`${T}/${whole[0]}`)).json.title.en, "new");
    assert.deepEqual((await walk(person, T, 7)).map((t) => t.id), whole);
    assert.deepEqual((await walk(person, T, 1)).map((t) => t.id), whole);
    const { next_cursor } = (await person.get(`${T}?limit=3`)).json;
    await person.get(`${T}?limit=3&category=fantasy&cursor=${next_cursor}`, { status: 400 });
    await person.get(`${T}/popular?limit=3&cursor=${next_cursor}`, { status: 400 });
    await world.other.get(`${T}?limit=3&cursor=${next_cursor}`, { status: 400 });
});

test("a category that there is not is told of", async () => {
    const answer = await world.owner.get(`${T}?category=sculpture&limit=0`, { status: 400 });
    assert.deepEqual(codes(answer), ["category unknown_category", "limit out_of_range"]);
});

test("search finds words in both languages and in other forms, the best first", async () => {
    const find = async (q, client = world.owner) =>
        ids(await client.get(`${T}?limit=100&q=${encodeURIComponent(q)}`));
    assert.equal((await find("рыцари"))[0], "knight");
    assert.equal((await find("KNIGHTS"))[0], "knight");
    assert.equal((await find("костёр"))[0], "campfire-stars");
    assert.deepEqual(await find("костер"), await find("КОСТЁР"));
    assert.equal((await find("неоновые улицы"))[0], "neon-street");
    assert.ok((await find("замки")).includes("royal-court"));
    assert.equal((await find("киберпанк")).length, (await walk(world.owner, `${T}?category=cyberpunk`)).length);
    assert.deepEqual(await find("рыцарь неон"), []);
    assert.deepEqual(await find("!!!"), []);
    assert.deepEqual(await find(""), ids(await world.owner.get(`${T}?limit=100`)));
    const within = ids(await world.owner.get(`${T}?category=fantasy&q=${encodeURIComponent("город")}`));
    assert.ok(within.includes("neon-street") && !within.includes("street-style"));
    const person = await world.person("Search");
    const { id } = await save(person, { title: "Мой рыцарь", prompt: "a knight on a hill", tags: ["латы"] });
    assert.ok((await find("рыцари", person)).includes(id));
    assert.ok((await find("латами", person)).includes(id));
    assert.ok(!(await find("рыцари")).includes(id), "somebody else's");
});

test("a style shows its prompt for an avatar, and the main one's without", async () => {
    const shown = async (query) => (await world.owner.get(`${T}/city-executive${query}`)).json;
    assert.match((await shown(`?avatar_id=${man.id}`)).prompt, /^man wearing .*his coat/);
    assert.match((await shown("")).prompt, /^woman wearing .*her coat/, "Anna is the main one");
    const style = await shown(`?avatar_id=${ink.id}`);
    assert.ok(!/woman|her coat/.test(style.prompt), style.prompt);
    assert.equal(style.prompt_template, null);
    assert.match((await shown("?choices=time:evening")).prompt, /blue hour/);
    assert.match((await shown("")).prompt, /early morning/);
    const nobody = await world.person("No avatar");
    assert.equal((await nobody.get(`${T}/city-executive`)).json.prompt, null);
    const items = await walk(world.owner, `${T}?avatar_id=${man.id}`);
    assert.ok(items.every((t) => t.prompt && !/[{}]/.test(t.prompt) && t.supported === true));
    assert.ok((await walk(world.owner, T)).every((t) => t.prompt === null && t.supported === null));
});

test("every shipped style has a preview that can be fetched", async () => {
    const shipped = (await walk(world.owner, T)).filter((t) => t.kind === "shipped");
    for (const { id, preview_url } of shipped) {
        const answer = await fetch(preview_url ?? "");
        assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "image/webp"], id);
        await answer.arrayBuffer();
    }
});

test("wrong choices, avatars and names are told of", async () => {
    const refused = async (query) => codes(await world.owner.get(`${T}/city-executive?${query}`, { status: 400 }));
    assert.deepEqual(await refused("choices=time:noon"), ["choices.time not_one_of"]);
    assert.deepEqual(await refused("choices=place:moon"), ["choices unknown_choice"]);
    assert.deepEqual(await refused("choices=time:evening,time:morning"), ["choices.time repeated"]);
    assert.deepEqual(await refused("avatar_id=anna"), ["avatar_id not_a_uuid"]);
    await world.other.get(`${T}/city-executive?avatar_id=${anna.id}`, { status: 404 });
    await world.other.get(`${T}?avatar_id=${anna.id}`, { status: 404 });
    for (const id of ["no-such-style", NOBODY, "a".repeat(39), "%D0%BA", "a%2Fb"])
        await world.owner.get(`${T}/${id}`, { status: 404 });
});

test("one's own style is saved from words, changed and deleted", async () => {
    const body = { title: " Осенний парк ", prompt: "{subject} in a park, {their} scarf {like so}", tags: ["осень", "парк"] };
    const answer = await world.owner.post(T, body, { status: 201 });
    const style = answer.json;
    assert.equal(answer.headers.location, `${T}/${style.id}`);
    assert.deepEqual(
        [style.kind, style.category, style.preset, style.title.ru, style.title.en, style.tags.en],
        ["own", "own", "balanced", body.title, body.title, body.tags],
    );
    const read = (await world.owner.get(`${T}/${style.id}?avatar_id=${man.id}`)).json;
    assert.equal(read.prompt, "man in a park, his scarf {like so}");
    assert.equal(read.prompt_template, body.prompt);
    const changed = (await world.owner.patch(`${T}/${style.id}`, { tags: [], preset: "quality" })).json;
    assert.deepEqual([changed.tags.ru, changed.preset, changed.prompt_template], [[], "quality", body.prompt]);
    assert.ok(changed.updated_at >= style.updated_at);
    await world.owner.get(`${T}/${style.id}?choices=place:x`, { status: 400 });
    await world.owner.delete(`${T}/${style.id}`);
    await world.owner.get(`${T}/${style.id}`, { status: 404 });
    await world.owner.expect(404, "DELETE", `${T}/${style.id}`);
});

test("one's own style is saved from a picture, with its prompt, preset and thumbnail", async () => {
    const made = await generate(world.owner, { prompt: "a lighthouse at dusk", preset: "fast" });
    const image = made.images[0];
    const style = await save(world.owner, { title: "Маяк", image_id: image.id });
    assert.deepEqual([style.prompt_template, style.preset, style.image_id], ["a lighthouse at dusk", "fast", image.id]);
    assert.equal((await fetch(style.preview_url)).status, 200);
    const other = await save(world.owner, { title: "Маяк 2", image_id: image.id, prompt: "a tower", preset: "quality" });
    assert.deepEqual([other.prompt_template, other.preset], ["a tower", "quality"]);
    await world.other.post(T, { title: "Stolen", image_id: image.id }, { status: 404 });
    await world.owner.delete(`/api/v1/images/${image.id}`);
    const [listed] = (await walk(world.owner, `${T}?category=own`)).filter((t) => t.id === style.id);
    assert.deepEqual([listed.preview_url, listed.image_id], [null, null], "the picture is in the trash");
    await save(world.owner, { title: "Too late", image_id: image.id }, 404);
});

test("all that is wrong with an own style is told at once", async () => {
    const refused = async (body) => codes(await world.owner.post(T, body, { status: 422 }));
    assert.deepEqual(await refused({}), ["prompt required", "title required"]);
    assert.deepEqual(
        await refused({ title: " ", prompt: "x".repeat(1001), preset: "sharp", tags: ["a\nb", "", 5], colour: 1 }),
        [" unknown_field", "preset not_one_of", "prompt too_long", "tags[0] bad_text", "tags[1] blank", "tags[2] not_a_string", "title blank"],
    );
    assert.deepEqual(await refused({ title: "x".repeat(65), prompt: "\t", image_id: "5", tags: Array(9).fill("t") }), [
        "image_id not_a_uuid",
        "prompt blank",
        "tags too_many_items",
        "title too_long",
    ]);
    const { id } = await save(world.owner, { title: "t", prompt: "p" });
    const patch = async (body) => codes(await world.owner.patch(`${T}/${id}`, body, { status: 422 }));
    assert.deepEqual(await patch({}), [" nothing_to_change"]);
    assert.deepEqual(await patch({ image_id: NOBODY }), [" unknown_field"]);
    assert.deepEqual(await patch({ title: null }), ["title not_a_string"]);
});

test("an own style is moderated when it is saved and when it is changed", async () => {
    const person = await world.person("Moderated");
    for (const body of [
        { title: "t", prompt: "a naked person" },
        { title: "Голая женщина", prompt: "a garden" },
        { title: "t", prompt: "a garden", tags: ["nude"] },
    ]) {
        const answer = await person.post(T, body, { status: 422 });
        assert.equal(answer.json.code, "moderation_blocked");
        assert.ok(answer.json.category);
    }
    const { id } = await save(person, { title: "t", prompt: "a garden" });
    assert.equal((await person.patch(`${T}/${id}`, { prompt: "a naked person" }, { status: 422 })).json.code, "moderation_blocked");
    assert.equal((await person.get(`${T}/${id}`)).json.prompt_template, "a garden");
    assert.equal((await walk(person, `${T}?category=own`)).length, 1);
});

test("saving can be repeated safely", async () => {
    const person = await world.person("Idempotent");
    const headers = { "idempotency-key": "one" };
    const send = (body, status = 201) => person.post(T, body, { status, headers });
    const body = { title: "Once", prompt: "a garden" };
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(body)));
    assert.equal(new Set(answers.map((a) => a.json.id)).size, 1);
    const again = await send(body);
    assert.equal(again.headers["idempotent-replayed"], "true");
    assert.equal(again.text, answers[0].text);
    assert.equal((await send({ ...body, title: "Twice" }, 422)).json.code, "idempotency_key_reused");
    assert.equal((await walk(person, `${T}?category=own`)).length, 1);
});

test("nobody has more than 200, however many are saved at once", async () => {
    const person = await world.person("Two hundred");
    await world.sql(`INSERT INTO own_styles (id, user_id, title, prompt, preset)
        SELECT gen_random_uuid(), '${person.id}', 't' || n, 'p', 'fast' FROM generate_series(1, 197) n`);
    const answers = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((n) => person.send("POST", T, { json: { title: `race ${n}`, prompt: "p" } })),
    );
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, 201, 201, 409, 409, 409]);
    assert.equal(answers.find((a) => a.status === 409).json.code, "limit_reached");
    assert.equal((await walk(person, `${T}?category=own`)).length, 200);
    assert.equal((await walk(person, `${T}?category=own`, 9)).length, 200);
});

test("somebody else's style is not there, and a shipped one is nobody's to change", async () => {
    const { id } = await save(world.owner, { title: "Private", prompt: "a secret garden" });
    const { other } = world;
    await other.get(`${T}/${id}`, { status: 404 });
    await other.patch(`${T}/${id}`, { title: "Mine" }, { status: 404 });
    await other.expect(404, "DELETE", `${T}/${id}`);
    await favor(other, id, 404);
    await importAvatar(other, PORTRAIT);
    await other.post("/api/v1/generations", { template_id: id }, { status: 422 });
    assert.ok(!(await walk(other, T)).some((t) => t.id === id));
    assert.equal((await world.owner.get(`${T}/${id}`)).json.title.ru, "Private");
    for (const send of [
        () => other.patch(`${T}/knight`, { title: "Mine" }, { status: 403 }),
        () => other.expect(403, "DELETE", `${T}/knight`),
    ])
        assert.equal((await send()).json.code, "template_shipped");
});

test("favourites are one's own, latest first, and may be said twice", async () => {
    const person = await world.person("Favourites");
    const { id } = await save(person, { title: "Mine", prompt: "a garden" });
    for (const name of ["knight", "pop-art", id, "knight"]) await favor(person, name);
    assert.deepEqual(ids(await person.get(`${T}/favorites`)), [id, "pop-art", "knight"]);
    assert.deepEqual((await walk(person, `${T}/favorites`, 1)).map((t) => t.id), [id, "pop-art", "knight"]);
    assert.ok((await person.get(`${T}/knight`)).json.is_favorite);
    assert.ok((await person.get(`${T}/${id}`)).json.is_favorite);
    assert.deepEqual(
        (await walk(person, T)).filter((t) => t.is_favorite).map((t) => t.id).sort(),
        [id, "knight", "pop-art"].sort(),
    );
    assert.ok(!(await world.other.get(`${T}/knight`)).json.is_favorite);
    await unfavor(world.other, "knight");
    await unfavor(person, "pop-art");
    await unfavor(person, "pop-art");
    await unfavor(person, "a-style-of-old");
    assert.deepEqual(ids(await person.get(`${T}/favorites`)), [id, "knight"]);
    await person.delete(`${T}/${id}`);
    assert.deepEqual(ids(await person.get(`${T}/favorites`)), ["knight"]);
    for (const name of ["no-such-style", NOBODY]) await favor(person, name, 404);
    await person.expect(400, "PUT", `${T}/knight/favorite?x=1`);
});

test("favourites and own styles may be written by many at once", async () => {
    const person = await world.person("Storm");
    const { id } = await save(person, { title: "Mine", prompt: "a garden" });
    const all = ["knight", "pop-art", "fitness", id];
    const jobs = [];
    for (let n = 0; n < 60; n++) {
        const name = all[n % 4];
        jobs.push(n % 3 ? favor(person, name) : unfavor(person, name));
        if (n % 7 === 0) jobs.push(person.patch(`${T}/${id}`, { title: `t${n}` }));
        if (n % 11 === 0) jobs.push(save(person, { title: `more ${n}`, prompt: "p" }));
    }
    await Promise.all(jobs);
    assert.equal((await walk(person, `${T}?category=own`)).length, 7);
});

// Generations

test("a generation with a style has the prompt that the style shows, and always the same variant", async () => {
    const shown = (await world.owner.get(`${T}/fashion-cover?avatar_id=${man.id}&choices=colour:cobalt`)).json.prompt;
    const body = { template_id: "fashion-cover", choices: { colour: "cobalt" }, avatar_id: man.id };
    for (let n = 0; n < 2; n++) {
        const done = await follow(world.owner, (await ask(world.owner, body)).id);
        assert.deepEqual([done.template_id, done.prompt, done.preset], ["fashion-cover", shown, "quality"]);
        assert.equal(done.final_prompt, `IVAN ${shown}`);
    }
    const variants = await world.sql(`SELECT DISTINCT template_variant FROM generations
        WHERE template_id = 'fashion-cover' AND user_id = '${world.owner.id}'`);
    assert.equal(variants.length, 1);
});

test("what was made with an own style keeps its name when the style is gone", async () => {
    const style = await save(world.owner, { title: "Short-lived", prompt: "{subject} on a pier", preset: "fast" });
    const { id } = await ask(world.owner, { template_id: style.id, avatar_id: man.id });
    await world.owner.delete(`${T}/${style.id}`);
    const done = await follow(world.owner, id);
    assert.deepEqual([done.status, done.template_id, done.prompt], ["completed", style.id, "man on a pier"]);
});

// Rows as they are after a generation, without making pictures.
async function plant(user, template, more = {}) {
    const { age = "1 minute", status = "completed", error = null, variant = null, count = 1 } = more;
    const quoted = (text) => (text ? `'${text}'` : "NULL");
    await world.sql(`SET session_replication_role = replica;
        INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images, parameters,
            input, cost, expected_seconds, template_id, template_variant, created_at, status, error_code, finished_at,
            charged)
        SELECT gen_random_uuid(), '${user.id}', id, 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 1, '${template}',
            ${quoted(variant)}, now() - interval '${age}', '${status}', ${quoted(error)}, now(), 0
        FROM avatars, generate_series(1, ${count}) WHERE user_id = '${user.id}'`);
}

test("popular counts everybody's generations of the last 30 days", async () => {
    const [a, b] = [await world.person("Popular A"), await world.person("Popular B")];
    for (const person of [a, b]) await importAvatar(person, PORTRAIT);
    await plant(a, "wizard-tower", { count: 30 });
    await plant(b, "wizard-tower", { count: 11, age: "29 days 23:58:00" });
    await plant(b, "lavender-field", { count: 40, age: "29 days" });
    await plant(b, "pop-art", { count: 90, age: "30 days 00:00:05" });
    await plant(b, NOBODY, { count: 99 });
    const items = await walk(world.other, `${T}/popular`);
    const uses = Object.fromEntries(items.map((t) => [t.id, t.uses]));
    assert.deepEqual(items.slice(0, 2).map((t) => t.id), ["wizard-tower", "lavender-field"]);
    assert.deepEqual([uses["wizard-tower"], uses["lavender-field"], uses["pop-art"]], [41, 40, 0]);
    assert.equal(items.length, (await walk(world.other, T)).filter((t) => t.kind === "shipped").length);
    assert.deepEqual((await walk(world.other, `${T}/popular`, 5)).map((t) => t.id), items.map((t) => t.id));
    const fantasy = await walk(world.other, `${T}/popular?category=fantasy`);
    assert.ok(fantasy[0].id === "wizard-tower" && fantasy.every((t) => t.category === "fantasy"));
});

test("recommendations say honestly why: nothing is known, or what one likes", async () => {
    const person = await world.person("Taste");
    const fresh = (await person.get(`${T}/recommended`)).json.items;
    assert.equal(fresh.length, 12);
    for (const { reason } of fresh) {
        assert.ok(["popular", "variety"].includes(reason.code), reason.code);
        assert.equal(reason.template_id, null);
    }
    await favor(person, "neon-street");
    const fan = (await person.get(`${T}/recommended?limit=10`)).json.items;
    assert.equal(fan.length, 10);
    assert.ok(fan.slice(0, 3).every((t) => t.subcategory === "cyberpunk"));
    assert.deepEqual(fan[0].reason, {
        code: "like_favorite",
        template_id: "neon-street",
        message: {
            ru: "Похоже на «Неоновая улица» из избранного",
            en: "Like “Neon street” among your favourites",
        },
    });
    assert.ok(!fan.some((t) => t.id === "neon-street"));
    await importAvatar(person, PORTRAIT);
    await plant(person, fan[0].id, { count: 3 });
    const later = (await person.get(`${T}/recommended?limit=10`)).json.items;
    assert.ok(!later.some((t) => t.id === fan[0].id), "made three times");
    assert.deepEqual(ids(await world.other.get(`${T}/recommended`)).includes("neon-street"), true, "another's taste");
});

test("results of variants are for administrators, with how certain they are", async () => {
    const boss = await world.person("Boss", "--admin");
    const admin = world.client((await world.token(boss, "admin")).token);
    const person = await world.person("Variants");
    await importAvatar(person, PORTRAIT);
    await plant(person, "coffee-morning", { variant: "window", count: 8 });
    await plant(person, "coffee-morning", { variant: "window", count: 1, status: "failed", error: "provider_timeout" });
    await plant(person, "coffee-morning", { variant: "window", count: 1, status: "failed", error: "nsfw_result" });
    await plant(person, "coffee-morning", { variant: "terrace", count: 2, status: "cancelled" });
    await plant(person, "coffee-morning", { variant: "terrace", count: 5, age: "40 days" });
    const { items } = (await admin.get("/api/v1/analytics/templates?template_id=coffee-morning")).json;
    assert.deepEqual(
        items.map(({ variant, weight, started, completed, failed, blocked, cancelled, users }) => ({
            variant, weight, started, completed, failed, blocked, cancelled, users,
        })),
        [
            { variant: "terrace", weight: 1, started: 2, completed: 0, failed: 0, blocked: 0, cancelled: 2, users: 1 },
            { variant: "window", weight: 1, started: 10, completed: 8, failed: 1, blocked: 1, cancelled: 0, users: 1 },
        ],
    );
    assert.deepEqual(items[0].rates.completed, { of: 0, rate: null, low: 0, high: 1 });
    const { of, rate, low, high } = items[1].rates.completed;
    assert.deepEqual([of, rate, Number(low.toFixed(3)), Number(high.toFixed(3))], [10, 0.8, 0.49, 0.943]);
    const wide = (await admin.get("/api/v1/analytics/templates?days=60&template_id=coffee-morning")).json.items;
    assert.equal(wide[0].started, 7);
    const made = await generate(world.owner, { template_id: "boardroom", preset: "fast", avatar_id: man.id, num_images: 2 });
    await world.owner.patch(`/api/v1/images/${made.images[0].id}`, { is_favorite: true });
    await world.owner.delete(`/api/v1/images/${made.images[1].id}`);
    const [one] = (await admin.get("/api/v1/analytics/templates?template_id=boardroom")).json.items;
    assert.deepEqual([one.variant, one.images, one.favorited, one.deleted, one.title.en], [null, 2, 1, 1, "Boardroom"]);
    assert.ok((await admin.get("/api/v1/analytics/templates")).json.items.length > 2);
    await world.owner.get("/api/v1/analytics/templates", { status: 403 });
    await admin.get("/api/v1/analytics/templates?template_id=no-such", { status: 404 });
    await admin.get("/api/v1/analytics/templates?days=366", { status: 400 });
});
