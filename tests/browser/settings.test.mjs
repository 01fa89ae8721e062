// Settings and avatars: what is changed there, and what it changes elsewhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { addPictures, settle } from "./support/fixtures.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner;

before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    owner = world.owner;
    await settle(owner);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const both = (name, run) => {
    for (const javascript of [true, false])
        test(`${name} (${javascript ? "with" : "without"} JavaScript)`, visit({ javascript }, run));
};
const me = async () => (await owner.get("/api/v1/me")).json;
const settings = (page) => page.locator('form[action="/settings"]');

async function choose(page, visitor, values) {
    await visitor.open("/settings");
    for (const [name, value] of Object.entries(values)) {
        const control = settings(page).locator(`[name=${name}]`);
        const tag = await control.first().evaluate((c) => `${c.tagName} ${c.type}`);
        if (/SELECT/.test(tag)) await control.selectOption(value);
        else if (/radio/.test(tag))
            await settings(page).locator(`[name=${name}][value="${value}"]`).check({ force: true });
        else await control.fill(value);
    }
    await settings(page).locator("button[type=submit], button:not([type])").last().click();
    await until("it is kept", 5000, async () => {
        const now = await me();
        return Object.entries(values).every(([name, value]) => now[name] === value);
    });
    await page.waitForLoadState("load");
}

both("the language changes every page", async (page, visitor) => {
    for (const lang of ["en", "ru"]) {
        await choose(page, visitor, { locale: lang });
        for (const target of ["/images", "/create", "/generations", "/avatars", "/settings"]) {
            await visitor.open(target);
            assert.equal(await page.locator("html").getAttribute("lang"), lang);
            const nav = await page.locator("nav").first().innerText();
            assert.match(nav, lang === "ru" ? /Создать/ : /Create/, target);
            const rest = await page.locator("main h1").innerText();
            assert.match(rest, lang === "ru" ? /\p{Script=Cyrillic}/u : /^\P{Script=Cyrillic}+$/u, target);
        }
    }
});

both("the time zone moves days", async (page, visitor) => {
    const person = owner;
    await addPictures(world, person, [{ at: "2026-03-10T23:30:00Z", prompt: "late" }]);
    for (const [zone, day] of [
        ["Asia/Tokyo", /11 марта/],
        ["America/New_York", /10 марта/],
    ]) {
        await choose(page, visitor, { time_zone: zone });
        await visitor.open("/images");
        const titles = await page.locator(".day-title").allInnerTexts();
        assert.ok(
            titles.some((title) => day.test(title)),
            titles.join(),
        );
    }
});

both("a theme is what the colours are, whatever the system wants", async (page, visitor) => {
    const dark = () =>
        page.evaluate(() => {
            const pixel = document.createElement("canvas").getContext("2d");
            for (const element of [document.documentElement, document.body]) {
                pixel.fillStyle = getComputedStyle(element).backgroundColor;
                pixel.fillRect(0, 0, 1, 1);
            }
            const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
            return (r + g + b) / 765 < 0.5;
        });
    for (const [theme, expected] of [
        ["dark", { light: true, dark: true }],
        ["light", { light: false, dark: false }],
        ["auto", { light: false, dark: true }],
    ]) {
        await choose(page, visitor, { theme });
        for (const target of ["/settings", "/images"])
            for (const colorScheme of ["light", "dark"]) {
                await page.emulateMedia({ colorScheme });
                await visitor.open(target);
                assert.equal(await dark(), expected[colorScheme], `${target}: ${theme} with a ${colorScheme} system`);
            }
    }
});

both("faults of the settings are named and nothing is changed", async (page, visitor) => {
    visitor.expect(/^422 \/settings/);
    await visitor.open("/settings");
    const zone = settings(page).locator("[name=time_zone]");
    const before = await me();
    if ((await zone.evaluate((z) => z.tagName)) === "SELECT")
        await zone.evaluate((z) => {
            z.options[0].value = "Mars/Olympus";
            z.selectedIndex = 0;
        });
    else await zone.fill("Mars/Olympus");
    await settings(page).locator("button[type=submit], button:not([type])").last().click();
    await page.locator(".error-summary, .field-error").first().waitFor();
    assert.deepEqual(await me(), before);
});

both("a token is shown once, works, and stops when it is revoked", async (page, visitor) => {
    await visitor.open("/settings");
    const form = page.locator('form[action="/settings/tokens"]');
    const field = form.locator("input[name=token_name]");
    if (!(await field.isVisible())) await page.locator("details", { has: form }).locator("summary").click();
    await field.fill("From the page");
    await form.locator("[name=scope_read]").check();
    await form.locator("button[type=submit], button:not([type])").last().click();
    await page.locator('input[value^="ais_"]').waitFor();
    const secret = (await page.content()).match(/ais_[A-Za-z0-9_-]{20,}/)[0];
    const ask = () => fetch(`${web.url}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    const answer = await ask();
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).id, owner.id);
    await visitor.open("/settings");
    assert.ok(!(await page.content()).includes(secret), "shown once");
    const [[id]] = await world.sql(`SELECT id FROM api_tokens WHERE name = 'From the page' AND revoked_at IS NULL`);
    await page.locator(`#token-${id} summary`).click();
    await page.locator(`form[action="/settings/tokens/${id}/revoke"] button`).click();
    await page.waitForURL(/done=/);
    await until("it is revoked", 5000, async () => (await ask()).status === 401);
    await visitor.open("/settings");
    assert.equal(await page.locator(`form[action="/settings/tokens/${id}/revoke"]`).count(), 0);
});

both("an avatar from elsewhere is brought in, renamed, made the main one and deleted", async (page, visitor) => {
    visitor.expect(/^404 \/avatars/);
    await visitor.open("/avatars/import");
    const form = page.locator('form[action="/avatars/import"]');
    await form.locator("[name=name]").fill("Соня");
    await form.locator("[name=training_type][value=portrait]").check({ force: true });
    for (const [name, value] of [
        ["gender", "female"],
        ["trigger", "SONYA woman"],
        ["diffusers_lora_file_url", "https://v3.fal.media/files/penguin/sonya.safetensors"],
    ]) {
        const control = form.locator(`[name=${name}]`);
        const kind = await control.first().evaluate((c) => c.type);
        if (kind === "radio") await form.locator(`[name=${name}][value="${value}"]`).check({ force: true });
        else if (kind === "select-one") await control.selectOption(value);
        else await control.fill(value);
    }
    await form.locator("button[type=submit], button:not([type])").last().click();
    await page.waitForURL((url) => url.pathname !== "/avatars/import");
    const id = async () =>
        (
            await world.sql(
                `SELECT id FROM avatars WHERE deleted_at IS NULL AND name IN ('Соня', 'Софья') ORDER BY id DESC LIMIT 1`,
            )
        )[0]?.[0];
    const made = await id();
    const avatar = async () => (await owner.get(`/api/v1/avatars/${made}`)).json;
    assert.equal((await avatar()).trigger_phrase, "SONYA woman");
    await visitor.open("/avatars");
    await page.locator(`main a[href="/avatars/${made}"]`).first().click();
    await page.waitForURL(`**/avatars/${made}`);
    assert.match(await page.locator("main").innerText(), /Соня/);
    const rename = page.locator(`form[action="/avatars/${made}/rename"]`);
    if (!(await rename.locator("[name=name]").isVisible()))
        await page.locator("details", { has: rename }).locator("summary").click();
    await rename.locator("[name=name]").fill("Софья");
    await rename.locator("button").click();
    await until("it is renamed", 5000, async () => (await avatar()).name === "Софья");
    await visitor.open(`/avatars/${made}`);
    await page.locator(`form[action="/avatars/${made}/main"] button`).click();
    await until("it is the main one", 5000, async () => (await avatar()).is_main);
    await visitor.open("/create");
    assert.match(await page.locator("main").innerText(), /Софья/);
    await visitor.open(`/avatars/${made}`);
    const remove = page.locator(`form[action="/avatars/${made}/delete"] button`).first();
    if (!(await remove.isVisible())) await page.locator("details", { has: remove }).locator("summary").click();
    await remove.click();
    await until("it is gone", 5000, async () => (await owner.send("GET", `/api/v1/avatars/${made}`)).status === 404);
    await visitor.open("/avatars");
    assert.equal(await page.locator(`main a[href="/avatars/${made}"]`).count(), 0);
});
