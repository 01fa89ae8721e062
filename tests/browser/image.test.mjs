// One picture's page.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { follow } from "../api/support/things.mjs";
import { addMany, addPictures, settle } from "./support/fixtures.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, it, ids, id;

before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    owner = world.owner;
    it = await settle(owner);
    ids = await addMany(world, owner, 30, new Date(Date.now() - 3600e3).toISOString());
});
// Each test has a picture of its own, newer than those before.
beforeEach(async () => {
    [id] = await addPictures(world, owner, [{ at: new Date().toISOString(), prompt: 'a "lighthouse" & a storm' }]);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const both = (name, run) => {
    for (const javascript of [true, false])
        test(
            `${name} (${javascript ? "with" : "without"} JavaScript)`,
            visit({ javascript }, (page, visitor) => run(page, visitor, javascript)),
        );
};
const button = (page, action) => page.locator(`form[action="/images/${id}/${action}"] button`).first();
const picture = async (which = id) => (await owner.get(`/api/v1/images/${which}`)).json;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const generations = async () =>
    Number((await world.sql(`SELECT count(*) FROM generations WHERE user_id = '${owner.id}'`))[0][0]);

test(
    "the page tells all about the picture",
    visit({ lang: "en" }, async (page, visitor) => {
        await visitor.open(`/images/${it.image.id}`);
        const text = await page.locator("main").innerText();
        const facts = await picture(it.image.id);
        for (const fact of [facts.prompt, "Anna", "512", "Fast", String(facts.seed)])
            assert.ok(text.includes(fact), `"${fact}" is not told: ${text}`);
        const shown = page.locator("main img").first();
        assert.equal(await shown.evaluate((i) => i.decode().then(() => i.naturalWidth > 0)), true);
        assert.ok((await shown.getAttribute("alt")).includes("sunset"));
        assert.ok(await page.locator("main time[datetime]").count());
    }),
);

test(
    "the button copies the prompt as it was written",
    visit({ more: { permissions: ["clipboard-read", "clipboard-write"] } }, async (page, visitor) => {
        await visitor.open(`/images/${id}`);
        await page.locator("[data-copy]").first().click();
        const copied = async () => page.evaluate(() => navigator.clipboard.readText());
        await until("it is copied", 3000, async () => (await copied()) === 'a "lighthouse" & a storm');
        await until("it is said", 3000, async () => /Скопировано|Copied/.test(await page.locator("body").innerText()));
    }),
);

test(
    "without JavaScript there is no button that could not copy",
    visit({ javascript: false }, async (page, visitor) => {
        await visitor.open(`/images/${id}`);
        assert.equal(await page.locator("[data-copy]:visible").count(), 0);
    }),
);

both("a download gives the bytes of the original, as a file", async (page, visitor) => {
    await visitor.open(`/images/${it.image.id}`);
    const link = page.locator("main a[download], main a[href*='download']").first();
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const bytes = fs.readFileSync(await download.path());
    const [[sha]] = await world.sql(`SELECT encode(sha256, 'hex') FROM images WHERE id = '${it.image.id}'`);
    assert.equal(sha256(bytes), sha);
    assert.match(download.suggestedFilename(), /^[^\\/]+\.(jpe?g|png|webp)$/);
    const { cookie } = await web.session(owner);
    const answer = await world.anonymous
        .as({ cookie })
        .raw("GET", new URL(download.url()).pathname + new URL(download.url()).search);
    assert.match(answer.headers["content-disposition"], /^attachment/);
    assert.equal(new URL(page.url()).pathname, `/images/${it.image.id}`, "the page stays");
});

both("the heart is remembered", async (page, visitor, javascript) => {
    await visitor.open(`/images/${id}`);
    for (const expected of [true, false]) {
        if (javascript) await page.evaluate(() => (window.marker = true));
        await button(page, "favorite").click();
        await until("it is kept", 5000, async () => (await picture()).is_favorite === expected);
        await page.waitForLoadState("load");
        await until(
            "it is shown",
            5000,
            async () => (await button(page, "favorite").getAttribute("aria-pressed")) === String(expected),
        );
        if (javascript) assert.equal(await page.evaluate(() => window.marker), true, "without leaving the page");
    }
    await page.reload();
    assert.equal(await button(page, "favorite").getAttribute("aria-pressed"), "false");
});

both("a new name is shown, an empty one takes it away", async (page, visitor) => {
    for (const name of ["Маяк & <буря>", ""]) {
        await visitor.open(`/images/${id}`);
        const form = page.locator(`form[action="/images/${id}/rename"]`);
        const field = form.locator("input[type=text], input:not([type]), textarea").first();
        if (!(await field.isVisible()))
            await page.locator("summary, [data-rename]").filter({ hasText: /./ }).first().click();
        await field.fill(name);
        await form.locator("button").click();
        await until("it is kept", 5000, async () => ((await picture()).custom_name ?? "") === name);
        await page.waitForLoadState("load");
        if (name) await until("it is shown", 5000, async () => (await page.locator("h1").innerText()).includes(name));
    }
});

both("a deleted picture comes back by undo", async (page, visitor) => {
    visitor.expect(/^404 /);
    await visitor.open(`/images/${id}`);
    await button(page, "delete").click();
    await page.waitForURL(/\/images\?/);
    const restore = page.locator(`form[action="/images/${id}/restore"] button`);
    assert.ok(await restore.isVisible());
    assert.equal(await page.locator(`main a[href="/images/${id}"]`).count(), 0);
    await owner.get(`/api/v1/images/${id}`, { status: 404 });
    await restore.click();
    await until("it is back", 5000, async () => (await owner.send("GET", `/api/v1/images/${id}`)).status === 200);
    await visitor.open("/images");
    assert.ok((await page.locator(`main a[href^="/images/${id}"]`).count()) >= 1);
});

both(
    "one click on “again” makes exactly one new generation like the old, and so does a double click",
    async (page, visitor) => {
        for (const click of ["click", "dblclick"]) {
            await visitor.open(`/images/${it.image.id}`);
            const before = await generations();
            await page.locator('main form[action$="/again"] button')[click]();
            await page.waitForURL((url) => !url.pathname.startsWith("/images/"));
            await page.waitForLoadState("load");
            assert.equal(await generations(), before + 1, click);
            const [[made, prompt, preset]] = await world.sql(
                `SELECT id, prompt, preset FROM generations WHERE user_id = '${owner.id}' ORDER BY id DESC LIMIT 1`,
            );
            assert.deepEqual([prompt, preset], ["sunset over the sea", "fast"]);
            await follow(owner, made);
        }
    },
);

// Without an answer nobody knows whether the request arrived: the same key is sent again. With one, another picture is
// what is wanted.
test(
    "“again” whose answer was lost makes no second generation, and the page says so",
    visit({}, async (page, visitor) => {
        const again = page.locator('main form[action$="/again"] button');
        await visitor.open(`/images/${it.image.id}`);
        const before = await generations();
        visitor.watch.expect(/again/);
        await page.route("**/again", async (route) => {
            await route.fetch({ maxRedirects: 0 });
            await route.abort("connectionreset");
        });
        await again.click();
        await until("it has arrived", 10000, async () => (await generations()) === before + 1);
        await page.unroute("**/again");
        await page.waitForURL(/^chrome-error:/);
        await page.goBack();
        await page.waitForURL("**/images/*");
        await again.click();
        await page.waitForURL("**/generations/*?done=sent_before");
        assert.equal(await generations(), before + 1);
        await page.goBack();
        await page.waitForURL("**/images/*");
        await again.click();
        await page.waitForURL((url) => /^\/generations\/[^/]+$/.test(url.pathname) && !url.search);
        assert.equal(await generations(), before + 2);
    }),
);

test(
    "the form to change and repeat begins with what the picture was made of",
    visit({}, async (page, visitor) => {
        await visitor.open(`/images/${it.image.id}`);
        await page.locator('main a[href^="/create?image="]').click();
        await page.waitForURL(/\/create\?image=/);
        assert.equal(await page.locator("textarea[name=prompt]").inputValue(), "sunset over the sea");
        assert.ok(await page.locator("input[name=preset][value=fast]").isChecked());
    }),
);

both("previous and next lead along the gallery and end at its ends", async (page, visitor) => {
    await visitor.open(`/images/${ids[10]}`);
    const at = () => new URL(page.url()).pathname.split("/")[2];
    const step = async (rel) => {
        await page.locator(`a[rel~=${rel}]`).first().click();
        await page.waitForLoadState("load");
    };
    await step("next");
    assert.equal(at(), ids[9], "next is older");
    await step("prev");
    await step("prev");
    assert.equal(at(), ids[11]);
    const end = async (order) =>
        (
            await world.sql(
                `SELECT id FROM images WHERE user_id = '${owner.id}' AND deleted_at IS NULL ORDER BY id ${order} LIMIT 1`,
            )
        )[0][0];
    await visitor.open(`/images/${await end("DESC")}`);
    assert.equal(await page.locator("a[rel~=prev]").count(), 0, "nothing is newer than the newest");
    await visitor.open(`/images/${await end("ASC")}`);
    assert.equal(await page.locator("a[rel~=next]").count(), 0);
});

test(
    "arrow keys do the same, but not while somebody writes",
    visit({}, async (page, visitor) => {
        await visitor.open(`/images/${ids[10]}`);
        await page.keyboard.press("ArrowRight");
        await page.waitForURL(`**/images/${ids[9]}*`);
        await visitor.ready();
        await page.keyboard.press("ArrowLeft");
        await page.waitForURL(`**/images/${ids[10]}*`);
        await visitor.ready();
        const field = page.locator(`form[action="/images/${ids[10]}/rename"] input:not([type=hidden])`).first();
        if (!(await field.isVisible())) await page.locator("main summary").first().click();
        await field.focus();
        await page.keyboard.press("ArrowRight");
        await page.waitForTimeout(300);
        assert.ok(page.url().includes(ids[10]));
        await page.locator("h1").click();
        await page.keyboard.press("Escape");
        await page.waitForURL((url) => url.pathname === "/images");
    }),
);

both("going back from a picture finds the gallery where it was", async (page, visitor) => {
    await page.setViewportSize({ width: 800, height: 500 });
    await visitor.open("/images");
    const target = (await page.locator("main .tile").nth(15).getAttribute("data-id")) ?? "";
    const link = page.locator(`main a[href^="/images/${target}"]`).first();
    await link.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await link.click();
    await page.waitForURL(`**/images/${target}*`);
    await page.waitForLoadState("load");
    await page.goBack();
    await page.waitForURL((url) => url.pathname === "/images");
    await link.waitFor();
    assert.ok(before > 100, "it was scrolled");
    await until("the place is kept", 3000, async () => Math.abs((await page.evaluate(() => scrollY)) - before) < 40);
});

both("the link back leads to the part of the gallery that shows the picture", async (page, visitor) => {
    const target = ids[2];
    await visitor.open(`/images/${target}`);
    await page.locator('main a[href*="/images?from="], main a[href="/images"]').first().click();
    await page.waitForURL((url) => url.pathname === "/images");
    assert.ok((await page.locator(`main a[href^="/images/${target}"]`).count()) >= 1);
});
