// When something is wrong: people get a page that helps, programs get a problem document.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, NOBODY } from "../api/support/things.mjs";
import { settle } from "./support/fixtures.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world;

before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    await settle(world.owner);
});
after(() => web?.stop());

const FORM = "application/x-www-form-urlencoded";
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
// What is asked, the status for nobody and for somebody who is signed in.
const CASES = {
    "an address that is none": ["GET", "/no/such/page", 404, 404],
    "an image that never was": ["GET", `/images/${NOBODY}`, 303, 404],
    "an id that is none": ["GET", "/images/12", 303, 404],
    "a query without sense": ["GET", "/images?before=yesterday", 303, 400],
    "a form of no session": ["POST", "/settings", 303, 403],
    "a form that is only looked at": ["GET", "/auth/logout", 405, 405],
    "a method that is none here": ["PUT", "/images", 405, 405],
    "a form that is too large": ["POST", "/create", 413, 413, "prompt=" + "x".repeat(200000)],
};

describe("a person gets a page", () => {
    for (const [name, [method, target, forNobody, forSomebody, body]] of Object.entries(CASES))
        test(name, async () => {
            const { client } = await web.session(world.owner);
            for (const [who, expected] of [
                [world.anonymous, forNobody],
                [client, forSomebody],
            ])
                for (const lang of ["ru", "en"]) {
                    await world.owner.patch("/api/v1/me", { locale: lang });
                    const answer = await who.raw(method, target, {
                        body: body ?? (method === "POST" ? "a=b" : undefined),
                        type: FORM,
                        headers: { accept: BROWSER, "accept-language": lang },
                    });
                    const html = answer.bytes.toString("utf8");
                    const accepted = expected === 303 && method === "POST" ? [303, 401] : [expected];
                    assert.ok(accepted.includes(answer.status), `${answer.status} ${html.slice(0, 200)}`);
                    if (answer.status === 303) {
                        assert.match(answer.headers.location, /^\/login/);
                        continue;
                    }
                    assert.match(answer.headers["content-type"], /^text\/html/);
                    assert.match(html, new RegExp(`<html[^>]* lang="${lang}"`));
                    assert.match(html, /<h1/);
                    assert.match(html, /<a [^>]*href="\//, "a way on");
                    if (expected === 405) assert.ok(answer.headers.allow);
                }
        });
});

test("a program gets a problem document where there is no page", async () => {
    for (const accept of ["application/json", "application/problem+json", "*/*"])
        for (const [method, target, status] of [
            ["GET", "/no/such/page", 404],
            ["POST", "/no/such/page", 404],
            ["GET", "/api/v1/no/such/thing", 404],
            ["PUT", "/api/v1/images", 405],
            ["GET", `/api/v1/images/${NOBODY}`, 404],
        ]) {
            const answer = await world.owner.raw(method, target, { headers: { accept } });
            assert.equal(answer.status, status, target);
            assert.match(answer.headers["content-type"], /^application\/problem\+json/, `${target} as ${accept}`);
            assert.equal(JSON.parse(answer.bytes).status, status);
        }
});

test("errors of the API stay problem documents, whatever a browser accepts", async () => {
    const answer = await world.anonymous.raw("GET", "/api/v1/images", { headers: { accept: BROWSER } });
    assert.equal(answer.status, 401);
    assert.match(answer.headers["content-type"], /^application\/problem\+json/);
});

test(
    "an error page keeps the way to everything else",
    visiting(
        () => web,
        { lang: "ru" },
        async (page, visitor) => {
            await visitor.open(`/images/${NOBODY}`, 404);
            assert.match(await page.locator("main").innerText(), /\p{Script=Cyrillic}{4}/u);
            assert.equal(await page.locator('nav a[href="/images"]').first().isVisible(), true);
            await page.locator('main a[href^="/"]').first().click();
            await page.waitForURL((url) => !url.pathname.includes(NOBODY));
        },
    ),
);

test(
    "a session that ended leads to the sign-in page and back to where one was",
    visiting(
        () => web,
        { as: null },
        async (page, visitor) => {
            await web.signIn(page, world.owner);
            await world.sql(`DELETE FROM sessions`);
            web.forget(world.owner);
            visitor.expect(/^401 \/api\/v1\/events/);
            await visitor.open("/settings");
            const url = new URL(page.url());
            assert.equal(url.pathname, "/login");
            assert.equal(url.searchParams.get("next"), "/settings");
        },
    ),
);

test(
    "an open page says that its session has ended, and leads back to itself",
    visiting(
        () => web,
        { as: null },
        async (page, visitor) => {
            await web.signIn(page, world.owner);
            await visitor.open("/images?favorite=true");
            await world.sql(`DELETE FROM sessions`);
            web.forget(world.owner);
            visitor.expect(/^401 /);
            await ask(world.owner, { prompt: "something happens", preset: "fast" });
            const link = page.locator('a[href^="/login?next="]');
            await link.waitFor({ timeout: 8000 });
            const next = new URL(await link.evaluate((a) => a.href)).searchParams.get("next");
            assert.match(next, /^\/images/);
            await link.click();
            await page.waitForURL(/\/login/);
        },
    ),
);

test(
    "a heart that could not be kept is taken back, and the page says so",
    visiting(
        () => web,
        {},
        async (page, visitor) => {
            visitor.expect(/^failed: /);
            await visitor.open("/images");
            await page.route("**/favorite", (route) => route.abort());
            const heart = page.locator("main .tile button[aria-pressed]").first();
            const before = await heart.getAttribute("aria-pressed");
            await heart.click();
            await page.locator("main .notice, .notice").first().waitFor();
            assert.equal(await heart.getAttribute("aria-pressed"), before);
        },
    ),
);
