// Coming in through a one-time link and going out again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Web, visiting } from "./support/web.mjs";

let web, owner;
before(async () => {
    web = await Web.start();
    owner = web.world.owner;
});
after(() => web?.stop());

const nobody = (options, run) => visiting(() => web, { as: null, ...options }, run);
const sessionOf = async (visitor) => (await visitor.context.cookies()).find((c) => c.name === "__Host-sid");
const sessions = async () => Number((await web.world.sql("SELECT count(*) FROM sessions"))[0][0]);
const button = (page) => page.locator("main form[method=post i] button");

for (const javascript of [true, false])
    test(
        `looking at a link signs nobody in, its button does (${javascript ? "with" : "without"} JavaScript)`,
        nobody({ javascript }, async (page, visitor) => {
            const link = await web.link(owner);
            const before = await sessions();
            for (let i = 0; i < 3; i++) await visitor.open(link);
            assert.match(await page.locator("h1").innerText(), /Anna Owner/);
            assert.equal(await sessionOf(visitor), undefined, "no session by looking");
            assert.equal(await sessions(), before);
            await button(page).click();
            await page.waitForURL((url) => url.pathname === "/images");
            assert.equal(await sessions(), before + 1);
            const cookie = await sessionOf(visitor);
            assert.equal(cookie.httpOnly, true);
            assert.equal(cookie.secure, true);
            assert.equal(cookie.sameSite, "Lax");
            assert.equal(cookie.path, "/");
            assert.equal(cookie.domain, "127.0.0.1", "of this host alone");
            visitor.expect(/^410 \/auth\/link/);
            await visitor.open(link, 410);
            assert.equal(await button(page).count(), 0, "a used link has no button");
        }),
    );

test(
    "a used link leads somebody without a session to a page that says what to do",
    nobody({}, async (page, visitor) => {
        const link = await web.link(owner);
        await web.signIn(await (await web.browser.newContext()).newPage(), owner, link);
        await visitor.open(link, 410);
        assert.ok((await page.locator("main").innerText()).length > 40);
        assert.equal(await sessionOf(visitor), undefined);
    }),
);

test(
    "a page that needs a session leads to the sign-in page, which tells how to get a link",
    nobody({}, async (page, visitor) => {
        await visitor.open("/images?favorite=true");
        const url = new URL(page.url());
        assert.equal(url.pathname, "/login");
        assert.equal(url.searchParams.get("next"), "/images?favorite=true");
        assert.ok((await page.locator("main").innerText()).length > 40);
    }),
);

test(
    "a link leads to where it was made for, and nowhere else",
    nobody({}, async (page) => {
        for (const [next, expected] of [
            ["/settings", "/settings"],
            ["/images?favorite=true", "/images?favorite=true"],
        ]) {
            const made = await web.world.service.post("/api/v1/auth/links", { next }, { status: 201 });
            await web.signIn(page, null, new URL(made.json.url).pathname);
            assert.equal(page.url(), web.url + expected);
        }
        for (const next of [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/%2f%2fevil",
            "javascript:x",
        ]) {
            const answer = await web.world.service.send("POST", "/api/v1/auth/links", { json: { next } });
            assert.ok([400, 422].includes(answer.status), next);
            const query = `?next=${encodeURIComponent(next)}`;
            for (const target of [`/login${query}`, `${await web.link(owner)}${query}`]) {
                const got = await web.fetch(web.world.anonymous, target);
                assert.ok(
                    !/(?:href|action|value|content)="(?:https?:)?(?:\/\/|\/\\)evil|javascript:x/.test(got.html),
                    target,
                );
                assert.doesNotMatch(got.headers.location ?? "", /evil|javascript/);
            }
        }
    }),
);

test(
    "signing in makes a new session and ends the one that was there",
    nobody({}, async (page, visitor) => {
        await web.signIn(page, owner);
        const first = (await sessionOf(visitor)).value;
        await web.signIn(page, owner);
        const second = (await sessionOf(visitor)).value;
        assert.notEqual(second, first);
        const old = web.world.anonymous.as({ cookie: `__Host-sid=${first}` });
        await old.get("/api/v1/me", { status: 401 });
        const planted = "A".repeat(first.length);
        await page.goto("about:blank"); // a page that follows events would be refused with the planted one
        await visitor.context.addCookies([
            {
                name: "__Host-sid",
                value: planted,
                url: web.url.replace("http:", "https:"),
                secure: true,
                httpOnly: true,
            },
        ]);
        await web.signIn(page, owner);
        assert.notEqual((await sessionOf(visitor)).value, planted, "a planted one is not taken over");
    }),
);

for (const javascript of [true, false])
    test(
        `signing out ends the session in every tab (${javascript ? "with" : "without"} JavaScript)`,
        nobody({ javascript }, async (page, visitor) => {
            await web.signIn(page, owner);
            const { value } = await sessionOf(visitor);
            const second = await visitor.tab("/images");
            await visitor.open("/settings");
            await page.locator('form[action="/auth/logout"] button').first().click();
            await page.waitForURL((url) => url.pathname !== "/settings");
            assert.equal(await sessionOf(visitor), undefined);
            await web.world.anonymous.as({ cookie: `__Host-sid=${value}` }).get("/api/v1/me", { status: 401 });
            visitor.expect(/^401 \/api\/v1\/events/);
            await second.goto(`${web.url}/images`);
            assert.equal(new URL(second.url()).pathname, "/login");
            await page.goBack();
            assert.doesNotMatch(await page.content(), /Anna Owner/, "the page is not shown from memory");
        }),
    );

test(
    "somebody who is signed in and asks for the sign-in page is led on",
    nobody({}, async (page, visitor) => {
        await web.signIn(page, owner);
        await visitor.open("/login");
        assert.equal(new URL(page.url()).pathname, "/images");
    }),
);
