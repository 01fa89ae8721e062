// The gallery: days in the reader's time zone, pages there and back, favourites, and when there is nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { addMany, addPictures, copySettled, settle } from "./support/fixtures.mjs";
import { PORTRAIT, importAvatar } from "../api/support/things.mjs";
import { settled } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, first;
before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    first = await settle(world.owner);
});
after(() => web?.stop());

const as = (person, options, run) => (t) => visiting(() => web, { ...options, as: person() }, run)(t);
const PICTURE = 'main a[href^="/images/"]';

// Ids of the pictures on the page, in order, each once.
const idsOn = async (page) => {
    const all = await page
        .locator(PICTURE)
        .evaluateAll((links) =>
            links.map((a) => new URL(a.href).pathname.split("/")[2]).filter((id) => /^[0-9a-f-]{36}$/.test(id)),
        );
    return [...new Set(all)];
};

// [[day's title, [ids]]…]
const daysOn = (page) =>
    page
        .locator("main .day")
        .evaluateAll((days) =>
            days.map((day) => [
                day.querySelector(".day-title").textContent.trim(),
                [
                    ...new Set(
                        [...day.querySelectorAll('a[href^="/images/"]')].map(
                            (a) => new URL(a.href).pathname.split("/")[2],
                        ),
                    ),
                ],
            ]),
        );

async function somebody(name, lang = "ru") {
    const person = await web.person(name, { lang });
    await copySettled(world, first, person);
    return person;
}

test("a picture of 23:30 UTC stands under the day that it was in the reader's time zone", async (t) => {
    const person = await somebody("Dina Days");
    const [before, after] = await addPictures(world, person, [
        { at: "2026-03-10T23:30:00Z", prompt: "late in the evening" },
        { at: "2026-03-11T00:30:00Z", prompt: "after midnight" },
    ]);
    const expected = {
        UTC: [[after], [before]],
        "Europe/Moscow": [[after, before]], // 02:30 and 03:30 of the 11th
        "America/New_York": [[after, before]], // 19:30 and 20:30 of the 10th
        "Asia/Kathmandu": [[after, before]],
        "Atlantic/Azores": [[after, before]], // an hour behind UTC: 22:30 and 23:30 of the 10th
        "Etc/GMT-1": [[after, before]],
    };
    const run = visiting(
        () => web,
        { as: person, lang: "ru" },
        async (page, visitor) => {
            const titles = {};
            for (const [time_zone, groups] of Object.entries(expected)) {
                await person.patch("/api/v1/me", { time_zone });
                await visitor.open("/images");
                const days = (await daysOn(page)).filter(([, ids]) => ids.some((id) => [before, after].includes(id)));
                assert.deepEqual(
                    days.map(([, ids]) => ids),
                    groups,
                    time_zone,
                );
                titles[time_zone] = days.map(([title]) => title);
            }
            assert.match(titles.UTC[0], /11 марта/);
            assert.match(titles.UTC[1], /10 марта/);
            assert.match(titles["Europe/Moscow"][0], /11 марта/);
            assert.match(titles["America/New_York"][0], /10 марта/);
            assert.match(titles["Atlantic/Azores"][0], /10 марта/);
        },
    );
    await run(t);
});

test("today and yesterday are called so, in the reader's language and zone", async (t) => {
    const person = await somebody("Tanya Today");
    const now = Date.now();
    const at = (hours) => new Date(now - hours * 3600e3).toISOString();
    const [yesterday] = await addPictures(world, person, [{ at: at(24) }]);
    for (const [lang, first, second] of [
        ["ru", /^Сегодня/, /^Вчера/],
        ["en", /^Today/, /^Yesterday/],
    ])
        await visiting(
            () => web,
            { as: person, lang },
            async (page, visitor) => {
                await visitor.open("/images");
                const days = await daysOn(page);
                assert.match(days[0][0], first);
                assert.match(days[1][0], second);
                assert.deepEqual(days[1][1], [yesterday]);
            },
        )(t);
});

for (const javascript of [true, false])
    test(`pages lead to older pictures and back, missing none (${javascript ? "with" : "without"} JavaScript)`, async (t) => {
        const person = await somebody(`Petra Pages ${javascript}`);
        const many = await addMany(world, person, 60, new Date(Date.now() - 86400e3).toISOString());
        await visiting(
            () => web,
            { as: person, javascript },
            async (page, visitor) => {
                await visitor.open("/images");
                const expected = [...(await idsOn(page)).filter((id) => !many.includes(id)), ...[...many].reverse()];
                const pages = [];
                const older = page.locator('main a[rel~=next], main .pager a[href*="before="]').last();
                const newer = page.locator('main a[rel~=prev], main .pager a[href*="after="]').first();
                for (;;) {
                    pages.push(await idsOn(page));
                    if (!(await older.count())) break;
                    await older.click();
                    await page.waitForURL(/before=/);
                    await page.waitForLoadState("load");
                    assert.ok(pages.length < 6, "it ends");
                }
                assert.deepEqual(
                    pages.map((p) => p.length),
                    [24, 24, expected.length - 48],
                );
                assert.deepEqual(pages.flat(), expected);
                for (const before of [pages[1], pages[0]]) {
                    await newer.click();
                    await page.waitForLoadState("load");
                    assert.deepEqual(await idsOn(page), before);
                }
                assert.equal(await newer.count(), 0, "nothing is newer than the first page");
            },
        )(t);
    });

for (const javascript of [true, false])
    test(`the filter shows favourites, and says so when there are none (${javascript ? "with" : "without"} JavaScript)`, async (t) => {
        const person = await somebody(`Fedor Favourite ${javascript}`);
        const [plain, loved] = await addPictures(world, person, [
            { at: "2026-02-01T10:00:00Z" },
            { at: "2026-02-01T11:00:00Z", is_favorite: true },
        ]);
        await visiting(
            () => web,
            { as: person, javascript },
            async (page, visitor) => {
                await visitor.open("/images");
                assert.ok((await idsOn(page)).includes(plain));
                await page.locator('main a[href*="favorite=true"]').first().click();
                await page.waitForURL(/favorite=true/);
                assert.deepEqual(await idsOn(page), [loved]);
                await person.patch(`/api/v1/images/${loved}`, { is_favorite: false });
                await page.reload();
                assert.deepEqual(await idsOn(page), []);
                assert.ok(await page.locator("main .empty").isVisible());
                await page.locator('main .empty a, main a[href="/images"]').first().click();
                await page.waitForURL((url) => url.search === "");
                assert.ok((await idsOn(page)).includes(plain), "and the way back is on the page");
            },
        )(t);
    });

test("a heart on a tile is remembered, where it was clicked nothing moves", async (t) => {
    const person = await somebody("Hera Heart");
    await addMany(world, person, 30, new Date(Date.now() - 86400e3).toISOString());
    for (const javascript of [true, false])
        await visiting(
            () => web,
            { as: person, javascript, height: 600 },
            async (page, visitor) => {
                await visitor.open("/images");
                const ids = await idsOn(page);
                const id = ids[15];
                const button = page.locator(`main form[action="/images/${id}/favorite"] button`);
                if (!(await button.count())) return t.diagnostic("tiles have no hearts");
                const before = (await person.get(`/api/v1/images/${id}`)).json.is_favorite;
                await button.scrollIntoViewIfNeeded();
                const place = await button.evaluate((b) => b.getBoundingClientRect().top);
                await button.click();
                await page.waitForLoadState("load");
                await waitFor(async () => (await person.get(`/api/v1/images/${id}`)).json.is_favorite !== before);
                assert.deepEqual(await idsOn(page), ids, "nothing is sorted anew");
                await waitFor(async () => (await button.getAttribute("aria-pressed")) === String(!before));
                if (javascript) {
                    const now = await button.evaluate((b) => b.getBoundingClientRect().top);
                    assert.ok(Math.abs(now - place) < 2, "nothing has moved");
                }
            },
        )(t);
});

async function waitFor(probe, ms = 5000) {
    const end = Date.now() + ms;
    while (!(await probe())) {
        assert.ok(Date.now() < end, `not within ${ms} ms: ${probe}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

test("somebody without an avatar is led to one, and with one to the first picture", async (t) => {
    const person = await web.person("Nora New");
    await visiting(
        () => web,
        { as: person },
        async (page, visitor) => {
            await visitor.open("/images");
            assert.ok(await page.locator("main .empty").isVisible());
            await page.locator("main .empty a").first().click();
            await page.waitForLoadState("load");
            assert.match(new URL(page.url()).pathname, /^\/(avatars|create)/);
            await importAvatar(person, PORTRAIT);
            await visitor.open("/images");
            await page.locator('main .empty a[href^="/create"]').click();
            await page.waitForURL(/\/create/);
        },
    )(t);
});

test("every picture of a page can be seen, at its true proportions", async (t) => {
    const person = await somebody("Vera View");
    await visiting(
        () => web,
        { as: person },
        async (page, visitor) => {
            await visitor.open("/images");
            await settled(page);
            const pictures = await page
                .locator("main img")
                .evaluateAll((all) =>
                    all.map((i) => [i.complete && i.naturalWidth > 0, i.alt.length > 0, i.width > 0]),
                );
            assert.ok(pictures.length >= 1);
            assert.deepEqual(new Set(pictures.flat()), new Set([true]));
        },
    )(t);
});

test(
    "pictures that are shown late leave no gap when the page scrolls",
    as(
        () => world.owner,
        {},
        async (page, visitor) => {
            await addMany(world, world.owner, 40, new Date(Date.now() - 86400e3).toISOString());
            await visitor.open("/images");
            for (let i = 0; i < 8; i++) await page.mouse.wheel(0, 500);
            await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
            await settled(page);
            const broken = await page
                .locator("main img")
                .evaluateAll((all) => all.filter((i) => i.complete && !i.naturalWidth).length);
            assert.equal(broken, 0);
        },
    ),
);

test("in a tab that was open for days, pictures that are scrolled to get new addresses, once", async (t) => {
    const person = await somebody("Dora Days Later");
    await addMany(world, person, 24, new Date(Date.now() - 86400e3).toISOString());
    await visiting(
        () => web,
        { as: person, height: 300 },
        async (page, visitor) => {
            visitor.expect(/^40[34] \/files\//);
            let read = 0;
            page.on("request", (request) => (read += new URL(request.url()).pathname === "/images"));
            await visitor.open("/images");
            await settled(page);
            assert.equal(read, 1);
            const late = page.locator("main img[loading=lazy]");
            const addresses = () => late.evaluateAll((all) => all.map((i) => i.src));
            const good = await addresses();
            assert.ok(good.length >= 12);
            await late.evaluateAll((all) => {
                for (const image of all)
                    for (const name of ["src", "srcset"]) {
                        const address = image.getAttribute(name);
                        if (address) image.setAttribute(name, address.replace(/expires=\d+/g, "expires=1700000000"));
                    }
            });
            for (let i = 0; i < 12; i++) await page.mouse.wheel(0, 400);
            await until("the pictures have good addresses", 5000, async () => `${await addresses()}` === `${good}`);
            await late.evaluateAll((all) => Promise.all(all.map((i) => (i.loading = "eager") && i.decode())));
            assert.equal(read, 2);
        },
    )(t);
});

test("a heart that is clicked after the session has ended says so, and stays as it was", async (t) => {
    const person = await somebody("Enda Session");
    await addMany(world, person, 2, new Date(Date.now() - 86400e3).toISOString());
    await visiting(
        () => web,
        { as: person },
        async (page, visitor) => {
            visitor.expect(/401/);
            await visitor.open("/images");
            const button = page.locator('main form[action$="/favorite"] button').first();
            const before = await button.getAttribute("aria-pressed");
            await visitor.context.clearCookies();
            await button.click();
            await page.locator('[role=alert] a[href^="/login"]').waitFor();
            assert.equal(await button.getAttribute("aria-pressed"), before);
        },
    )(t);
});
