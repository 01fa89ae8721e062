// Several descriptions at once: written in one field, followed on one page, with and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { settle } from "./support/fixtures.mjs";
import { axe, type } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

const API = "/api/v1/generations/batches";
let web, world, owner;

before(async () => {
    web = await Web.start({ generationMs: 700 });
    world = web.world;
    owner = world.owner;
    await settle(owner);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const area = (page) => page.locator("textarea[name=prompts]");
const sendAll = (page) => page.locator("form[data-batch] .create-foot button.button-primary");

async function newest() {
    const [{ id }] = (await owner.get(`${API}?limit=1`)).json.items;
    return (await owner.get(`${API}/${id}`)).json;
}

async function ended(id) {
    let batch;
    await until("it has ended", 30000, async () => {
        batch = (await owner.get(`${API}/${id}`)).json;
        return batch.status !== "running";
    });
    return batch;
}

async function write(page, visitor, text) {
    await visitor.open("/create/batch");
    await type(area(page), text);
    await page.locator("#preset-fast").check({ force: true });
}

for (const javascript of [true, false])
    test(
        `lines become pictures on one page, which says what was not accepted (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript, lang: "en" }, async (page, visitor) => {
            const mark = javascript ? "on" : "off";
            await write(page, visitor, `a lighthouse, ${mark}\n\n  \n a naked man \na garden, ${mark}`);
            await sendAll(page).click();
            await page.waitForURL(/\/batches\//);
            const made = await newest();
            assert.deepEqual(
                made.items.map((item) => [item.prompt, item.status === "refused"]),
                [
                    [`a lighthouse, ${mark}`, false],
                    ["a naked man", true],
                    [`a garden, ${mark}`, false],
                ],
            );
            assert.match(page.url(), new RegExp(`/batches/${made.id}$`));
            await page.locator("#n-2 .badge-bad").waitFor();
            await page.locator("#n-1 .thumbs img").waitFor({ timeout: 20000 });
            await page.locator("#n-3 .thumbs img").waitFor({ timeout: 20000 });
            await page.locator("#ended").waitFor({ timeout: 10000 });
            assert.match(await page.locator("#ended").innerText(), /2 of 2 done · 1 not accepted/);
            assert.equal(await page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count(), 0);
            if (javascript) assert.deepEqual(await axe(page), []);
            await page.locator("#actions a").click();
            assert.equal(await area(page).inputValue(), "a naked man", "what was not made is there to be changed");
            assert.ok(await page.locator("#preset-fast").isChecked());
        }),
    );

test(
    "how many there are and what they cost is said while one types",
    visit({ lang: "en" }, async (page, visitor) => {
        await visitor.open("/create/batch");
        const counter = page.locator("#prompts-counter");
        const said = page.locator("#summary [data-say]");
        await type(area(page), "one\n\ntwo\nthree");
        assert.equal(await counter.innerText(), "3 / 50");
        assert.match(await said.innerText(), /^12 of /);
        await page.locator("#split-paragraph").check({ force: true });
        assert.equal(await counter.innerText(), "2 / 50");
        assert.match(await said.innerText(), /^8 of /);
        await page.locator("#count-3").check({ force: true });
        assert.match(await said.innerText(), /^24 of /);
        await page.locator("#split-line").check({ force: true });
        await type(area(page), Array(51).fill("x").join("\n"));
        assert.equal(await counter.getAttribute("data-state"), "over");
    }),
);

test(
    "without JavaScript a button counts and tells the price before anything is made",
    visit({ javascript: false, lang: "en" }, async (page, visitor) => {
        const before = (await owner.get(`${API}?limit=100`)).json.items.length;
        await write(page, visitor, "one\ntwo\nthree");
        await page.locator("button[name=check]").click();
        await page.waitForLoadState("load");
        assert.match(await page.locator("main .notice-ok").innerText(), /^3 descriptions\. 12 of /);
        assert.equal(await area(page).inputValue(), "one\ntwo\nthree");
        assert.ok(await page.locator("#preset-fast").isChecked());
        assert.equal((await owner.get(`${API}?limit=100`)).json.items.length, before);
        await sendAll(page).click();
        await page.waitForURL(/\/batches\//);
        assert.equal((await newest()).items.length, 3);
    }),
);

test(
    "what is wrong with a description is said with its number, and nothing typed is lost",
    visit({ lang: "en" }, async (page, visitor) => {
        const long = "x".repeat(1001);
        await write(page, visitor, `a naked man\n${long}`);
        visitor.expect(/^422 \/create\/batch/);
        await sendAll(page).click();
        await page.locator(".error-summary").waitFor();
        const said = await page.locator(".error-summary li").allInnerTexts();
        assert.equal(said.length, 2);
        assert.match(said[0], /^Description 1: .*moderation/);
        assert.match(said[1], /^Description 2: .*1000/);
        assert.equal(await area(page).inputValue(), `a naked man\n${long}`);
        assert.deepEqual(await axe(page), []);
    }),
);

test(
    "one after another in their order, and a cancel ends what has not begun",
    visit({ lang: "en" }, async (page, visitor) => {
        await write(page, visitor, "first\nsecond\nthird\nfourth\nfifth\nsixth\nseventh\neighth\nninth");
        await page.locator("#mode-sequential").check({ force: true });
        await sendAll(page).click();
        await page.waitForURL(/\/batches\//);
        const { id, mode } = await newest();
        assert.equal(mode, "sequential");
        await page.evaluate(() => (window.marker = true));
        await page.locator('#n-1[data-status="completed"]').waitFor({ timeout: 20000 });
        assert.equal(await page.evaluate(() => window.marker), true, "without a reload");
        await page.locator("#actions form button").click();
        await page.waitForLoadState("load");
        const done = await ended(id);
        assert.equal(done.status, "cancelled");
        assert.equal(done.items[8].status, "cancelled");
        await page.locator("#ended").waitFor({ timeout: 10000 });
        assert.match(await page.locator("#ended").innerText(), new RegExp(`^Cancelled\\. ${done.counts.completed} of 9 done · ${done.counts.cancelled} cancelled$`));
        assert.equal(await page.locator("#actions form").count(), 0);
        await page.locator("#actions a").click();
        await page.waitForURL(/\/create\/batch\?/);
        const stopped = done.items.filter((item) => item.status === "cancelled").map((item) => item.prompt);
        assert.equal(await area(page).inputValue(), stopped.join("\n"));
        assert.ok(await page.locator("#mode-sequential").isChecked(), "and the way they are made");
    }),
);

test(
    "the way there and back: from the create page, and from each of its generations",
    visit({ lang: "en" }, async (page, visitor) => {
        await visitor.open("/create");
        await page.locator('a[href="/create/batch"]').click();
        await page.waitForURL(/\/create\/batch$/);
        const made = (await owner.post(API, { prompts: ["way"], preset: "fast" }, { status: 202 })).json;
        await ended(made.id);
        await visitor.open(`/generations/${made.items[0].generation_id}`);
        assert.equal(await page.locator(`#facts a[href="/batches/${made.id}"]`).count(), 1);
        await visitor.open("/generations");
        await page.locator(`#g-${made.items[0].generation_id} a[href="/batches/${made.id}"]`).click();
        await page.waitForURL(`**/batches/${made.id}`);
    }),
);

test(
    "a second click makes nothing new",
    visit({ javascript: false, lang: "en" }, async (page, visitor) => {
        await write(page, visitor, "only once");
        const form = await page.evaluate(() => new URLSearchParams(new FormData(document.forms[0])).toString());
        await sendAll(page).click();
        await page.waitForURL(/\/batches\//);
        const { id } = await newest();
        const { cookie, client } = await web.session(owner);
        assert.ok(cookie);
        const again = await client.raw("POST", "/create/batch", {
            body: form,
            headers: { "content-type": "application/x-www-form-urlencoded", origin: web.url },
        });
        assert.deepEqual([again.status, again.headers.location], [303, `/batches/${id}?done=sent_before`]);
        assert.equal((await newest()).id, id);
        await ended(id);
    }),
);
