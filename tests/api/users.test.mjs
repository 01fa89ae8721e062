// Who you are: settings, API tokens, one-time links, sessions, the service token and those it acts for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { importAvatar, openLink, PORTRAIT, pressLink, signIn, useLink, walk } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start();
    owner = world.owner;
});
after(() => world?.stop());

const link = async (user = owner) => new URL((await world.command("link", "create", "--user", user.id)).url).pathname;

test("settings are what was set last", async () => {
    const me = (await owner.get("/api/v1/me")).json;
    assert.equal(me.id, owner.id);
    assert.equal(me.name, "Anna Owner");
    assert.equal(me.csrf_token, undefined, "a token has no need of it");
    const changed = (
        await owner.patch("/api/v1/me", {
            name: "Анна 😀",
            locale: "en",
            time_zone: "Asia/Kathmandu",
            default_preset: "artistic",
            theme: "dark",
        })
    ).json;
    assert.deepEqual(changed, {
        ...me,
        name: "Анна 😀",
        locale: "en",
        time_zone: "Asia/Kathmandu",
        default_preset: "artistic",
        theme: "dark",
    });
    assert.deepEqual((await owner.get("/api/v1/me")).json, changed);
    assert.equal(
        (await owner.patch("/api/v1/me", { locale: "ru" }, { type: "application/merge-patch+json" })).json.name,
        "Анна 😀",
    );
});

test("a token's secret is shown once and kept only as a hash", async () => {
    const made = (
        await owner.post(
            "/api/v1/tokens",
            { name: "For a week", scopes: ["read"], expires_in_days: 7 },
            { status: 201 },
        )
    ).json;
    const days = (new Date(made.expires_at) - Date.now()) / 86400e3;
    assert.ok(days > 6.9 && days < 7.1, made.expires_at);
    const listed = (await walk(owner, "/api/v1/tokens")).find((t) => t.id === made.id);
    assert.equal(listed.token, undefined);
    assert.equal(listed.last_used_at, null);
    assert.ok(!JSON.stringify(await world.sql("SELECT * FROM api_tokens")).includes(made.token.slice(4)));
    const client = world.client(made.token);
    assert.equal((await client.get("/api/v1/me")).json.id, owner.id);
    await client.patch("/api/v1/me", { locale: "en" }, { status: 403 });
    await owner.delete(`/api/v1/tokens/${made.id}`);
    await client.get("/api/v1/me", { status: 401 });
    await owner.delete(`/api/v1/tokens/${made.id}`, { status: 404 });
    assert.ok(!(await walk(owner, "/api/v1/tokens")).some((t) => t.id === made.id));
});

test("using a token is remembered", async () => {
    const made = (await owner.post("/api/v1/tokens", { name: "Used", scopes: ["read", "write"] }, { status: 201 }))
        .json;
    assert.deepEqual([...made.scopes].sort(), ["read", "write"]);
    await world.client(made.token).get("/api/v1/me");
    await until(
        "it is seen",
        3000,
        async () => (await walk(owner, "/api/v1/tokens")).find((t) => t.id === made.id).last_used_at,
    );
});

test("fifty tokens are enough", async () => {
    const person = await world.person("Tokens");
    let answer;
    for (let i = 0; i < 50; i++)
        answer = await person.send("POST", "/api/v1/tokens", { json: { name: `no ${i}`, scopes: ["read"] } });
    assert.equal(answer.status, 409);
    assert.equal(answer.json.code, "limit_reached");
    assert.equal((await walk(person, "/api/v1/tokens", 7)).length, 50);
});

test("faults of a token are named", async () => {
    const fields = async (body) =>
        (await owner.post("/api/v1/tokens", body, { status: 422 })).json.errors.map((e) => e.field).sort();
    assert.deepEqual(await fields({}), ["name", "scopes"]);
    for (const scopes of [[], ["read", "read"], ["root"], "read", [1], [null], [[]]]) {
        const [field] = await fields({ name: "x", scopes });
        assert.match(field, /^scopes/, JSON.stringify(scopes));
    }
    for (const expires_in_days of [0, 3651, -1, "7", 1.5])
        assert.deepEqual(await fields({ name: "x", scopes: ["read"], expires_in_days }), ["expires_in_days"]);
});

test("looking at a sign-in link does not use it up; the button does, once", async () => {
    const path = await link();
    for (let i = 0; i < 3; i++) {
        const page = await world.anonymous.get(path);
        assert.match(page.headers["content-type"], /^text\/html; ?charset=utf-8/i);
        assert.match(page.text, /<form[^>]+method="post"/i);
        assert.match(page.headers["referrer-policy"], /^(no-referrer|same-origin)$/, "the address does not get about");
        assert.doesNotMatch(page.headers["set-cookie"], /__Host-sid/);
        assert.match(page.headers["cache-control"], /no-store/);
    }
    await world.anonymous.send("HEAD", path);
    const used = await useLink(world, path);
    assert.equal(used.headers.location, "/images");
    const cookie = used.headers["set-cookie"].split("\n")[0];
    for (const word of ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"])
        assert.match(cookie, new RegExp(`; *${word}`, "i"));
    assert.doesNotMatch(cookie, /domain=/i);
    assert.equal((await world.anonymous.as({ cookie: cookie.split(";")[0] }).get("/api/v1/me")).json.id, owner.id);
    for (const method of ["GET", "POST"]) await world.anonymous.expect(410, method, path);
});

test("two clicks at the same moment open one session", async () => {
    const page = await openLink(world, await link());
    const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
            world.anonymous.send("POST", page.path, {
                headers: { cookie: page.cookie },
                type: "application/x-www-form-urlencoded",
                body: page.form,
            }),
        ),
    );
    assert.equal(answers.filter((a) => a.status === 303).length, 1);
    assert.equal(answers.filter((a) => a.status === 410).length, 9);
});

test("links that were never made, or are too old, are gone", async () => {
    for (const path of ["/auth/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/auth/link/x", `/auth/link/${"z".repeat(300)}`])
        for (const method of ["GET", "POST"]) await world.anonymous.expect(410, method, path);
    const path = await link();
    await world.sql("UPDATE login_links SET expires_at = now() - interval '1 second'");
    for (const method of ["GET", "POST"]) await world.anonymous.expect(410, method, path);
});

test("another site cannot sign anybody in", async () => {
    const page = await openLink(world, await link());
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, { origin: "null" }])
        assert.equal((await pressLink(world.anonymous, page, { status: 403, headers })).json.code, "csrf_failed");
    // in a browser that tells nothing of itself: without the number in its cookie, or with the form of another one
    const other = await openLink(world, page.path);
    for (const attempt of [
        { ...page, cookie: "" },
        { ...page, cookie: other.cookie },
        { ...page, form: "" },
    ])
        assert.match((await pressLink(world.anonymous, attempt, { status: 403 })).text, /<form[^>]+method="post"/i);
    await pressLink(world.anonymous, page, { headers: { origin: world.url, "sec-fetch-site": "same-origin" } });
});

test("signing in changes the session, signing out ends it", async () => {
    const first = await signIn(world, owner);
    const again = await pressLink(first.client, await openLink(world, await link()), {
        headers: { origin: world.url },
    });
    assert.match(again.headers["set-cookie"], /^__Host-sid=[^;]{40};/);
    assert.notEqual(again.headers["set-cookie"].split(";")[0], first.cookie);
    await first.client.get("/api/v1/me", { status: 401 });
    const planted = `__Host-sid=${"x".repeat(40)}`;
    const fixed = await pressLink(world.anonymous.as({ cookie: planted }), await openLink(world, await link()));
    assert.notEqual(fixed.headers["set-cookie"].split(";")[0], planted);
    await world.anonymous.as({ cookie: planted }).get("/api/v1/me", { status: 401 });
    const out = await signIn(world, owner);
    const answer = await out.client.expect(303, "POST", "/auth/logout");
    assert.match(answer.headers["set-cookie"], /__Host-sid=;/);
    assert.equal(answer.headers.location, "/login?done=signed_out");
    await world.anonymous.as({ cookie: out.cookie }).get("/api/v1/me", { status: 401 });
    const form = await signIn(world, owner);
    const plain = world.anonymous.as({ cookie: form.cookie });
    await plain.expect(403, "POST", "/auth/logout", {
        body: "csrf_token=wrong",
        type: "application/x-www-form-urlencoded",
    });
    await plain.expect(303, "POST", "/auth/logout", {
        body: `csrf_token=${encodeURIComponent(form.csrf)}`,
        type: "application/x-www-form-urlencoded",
    });
    await plain.get("/api/v1/me", { status: 401 });
    await (
        await signIn(world, owner)
    ).client.expect(413, "POST", "/auth/logout", {
        body: `x=${"y".repeat(70000)}`,
        type: "application/x-www-form-urlencoded",
    });
    const last = (await signIn(world, owner)).client;
    await last.expect(415, "POST", "/auth/logout", { body: "x=1", type: "text/plain" });
    await last.expect(400, "POST", "/auth/logout", { body: "x=1", type: "application/x-www-form-urlencoded" });
    await last.expect(303, "POST", "/auth/logout?utm_source=somebody");
});

test("a session changes things only with the token of its page and from its own site", async () => {
    const { client, csrf, cookie } = await signIn(world, owner);
    await client.patch("/api/v1/me", { locale: "ru" });
    const other = await signIn(world, world.other);
    await world.anonymous
        .as({ cookie, "x-csrf-token": other.csrf })
        .patch("/api/v1/me", { locale: "en" }, { status: 403 });
    await client.patch("/api/v1/me", { locale: "en" }, { status: 403, headers: { "sec-fetch-site": "cross-site" } });
    await client.patch("/api/v1/me", { locale: "en" }, { status: 403, headers: { origin: "https://evil.example" } });
    await client.patch(
        "/api/v1/me",
        { locale: "en" },
        { headers: { origin: world.url, "sec-fetch-site": "same-origin" } },
    );
    assert.ok(csrf.length >= 16);
    await importAvatar(client, PORTRAIT);
});

test("the service token acts for a user of Telegram, who is made on first sight", async () => {
    const acting = (id, more = {}) => world.service.with({ "x-acting-user": `telegram:${id}`, ...more });
    const name = encodeURIComponent("Ольга О'Хара");
    const first = (await acting(777001, { "x-acting-user-name": name, "x-acting-user-locale": "en" }).get("/api/v1/me"))
        .json;
    assert.equal(first.name, "Ольга О'Хара");
    assert.equal(first.locale, "en");
    assert.equal((await acting(777001).get("/api/v1/me")).json.id, first.id);
    assert.notEqual((await acting(777002).get("/api/v1/me")).json.id, first.id);
    const ids = await Promise.all(
        Array.from({ length: 10 }, async () => (await acting(777003).get("/api/v1/me")).json.id),
    );
    assert.equal(new Set(ids).size, 1, "also when it is seen many times at once");
    for (const id of [
        "",
        "x",
        "telegram",
        "telegram:",
        "telegram:0",
        "telegram:-5",
        "telegram:1.5",
        "telegram:99999999999999999999",
        "vk:5",
        "telegram:5 ",
    ])
        await world.service
            .with({ "x-acting-user": id })
            .get("/api/v1/me", { status: id === "telegram:5 " ? 200 : 401 });
});

test("a link by the service goes where it was told, and replaces the one before", async () => {
    const made = (await world.service.post("/api/v1/auth/links", { next: "/docs?x=1" }, { status: 201 })).json;
    assert.ok(made.url.startsWith(`${world.url}/auth/link/`), made.url);
    const minutes = (new Date(made.expires_at) - Date.now()) / 60e3;
    assert.ok(minutes > 1 && minutes <= 10.1, made.expires_at);
    const path = new URL(made.url).pathname;
    const second = (await world.service.post("/api/v1/auth/links", {}, { status: 201 })).json;
    await world.anonymous.expect(410, "GET", path);
    const used = await useLink(world, second.url);
    assert.match(used.headers.location, /^\/(?!\/)/);
    const third = (await world.service.post("/api/v1/auth/links", { next: "/docs?x=1" }, { status: 201 })).json;
    assert.equal((await useLink(world, third.url)).headers.location, "/docs?x=1");
    for (const next of [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "docs",
        "",
        "/a\r\nX: y",
        "/%2f/evil",
        "/@evil",
        "\t/docs",
        "/docs#x\u0000",
    ]) {
        const answer = await world.service.send("POST", "/api/v1/auth/links", { json: { next } });
        assert.ok([400, 422].includes(answer.status), `${JSON.stringify(next)}: ${answer.status}`);
    }
    await world.service.expect(415, "POST", "/api/v1/auth/links", { body: "{}", type: "text/plain" });
    await world.service.expect(400, "POST", "/api/v1/auth/links", { body: "{" });
    await world.service.expect(413, "POST", "/api/v1/auth/links", { body: `{"next":"/${"a".repeat(70000)}"}` });
});
