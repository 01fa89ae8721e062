// Styles: from one click to a picture, with choices, by search, with favourites and styles of one's own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { follow } from "../api/support/things.mjs";
import { copySettled, setAvailable, settle } from "./support/fixtures.mjs";
import { axe, settled, type } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, it;

before(async () => {
    web = await Web.start({ generationMs: 300 });
    world = web.world;
    owner = world.owner;
    it = await settle(owner);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const both = (name, options, run) => {
    for (const javascript of [true, false])
        test(
            `${name} (${javascript ? "with" : "without"} JavaScript)`,
            visit({ ...options, javascript }, (page, visitor) => run(page, visitor, javascript)),
        );
};

async function newest(person = owner) {
    const [row] = await world.sql(
        `SELECT id, prompt, template_id, num_images, preset FROM generations WHERE user_id = '${person.id}' ORDER BY id DESC LIMIT 1`,
    );
    return { id: row[0], prompt: row[1], template: row[2], count: Number(row[3]), preset: row[4] };
}

const card = (page, style) => page.locator("li.style", { has: page.locator(`a[href^="/styles/${style}"]`) }).first();
const make = (page, style) => card(page, style).locator(`form[action="/styles/${style}"] button`);
const leftFor = (page, pattern) => page.waitForURL((url) => pattern.test(url.pathname));

both("one click on a card makes a picture of the main avatar", { lang: "ru" }, async (page, visitor) => {
    await visitor.open("/styles/neon-street"); // one of its two prompts, always the same one for a user
    const shown = await page.locator("#prompt").innerText();
    await visitor.open("/styles?category=cyberpunk");
    await make(page, "neon-street").click();
    await leftFor(page, /^\/generations\//);
    const made = await newest();
    assert.equal(new URL(page.url()).pathname, `/generations/${made.id}`);
    assert.equal(made.template, "neon-street");
    assert.equal(made.prompt, shown);
    const done = await follow(owner, made.id);
    assert.equal(done.status, "completed");
    await page.locator(`main a[href^="/images/${done.images[0].id}"]`).first().waitFor({ timeout: 12000 });
});

both("the create page itself is one click away from a picture", {}, async (page, visitor) => {
    await visitor.open("/create");
    const button = page.locator(".shelves form.style-make button").first();
    const style = (await button.locator("xpath=..").getAttribute("action")).split("/").pop();
    await button.click();
    await leftFor(page, /^\/generations\//);
    assert.equal((await newest()).template, style);
});

test(
    "a double click makes one picture",
    visit({}, async (page, visitor) => {
        await visitor.open("/styles");
        const before = Number((await world.sql(`SELECT count(*) FROM generations`))[0][0]);
        await make(page, "knight").dblclick();
        await leftFor(page, /^\/generations\//);
        assert.equal(Number((await world.sql(`SELECT count(*) FROM generations`))[0][0]), before + 1);
    }),
);

both("what is chosen for a style is in its prompt, and in the picture's", { lang: "en" }, async (page, visitor, javascript) => {
    await visitor.open("/styles/business-portrait");
    await page.locator("#backdrop-navy").check({ force: true });
    await page.locator("#count-2").check({ force: true });
    if (!javascript) await page.locator('button[formaction="/styles/business-portrait/look"]').click();
    await until("the prompt says so", 15000, async () => (await page.locator("#prompt").innerText()).includes("navy"));
    await until("and the price", 15000, async () => /8 credits/.test(await page.locator("#summary").innerText()));
    assert.ok(await page.locator("#backdrop-navy").isChecked());
    await page.locator(".style-form button.button-primary").click();
    await leftFor(page, /^\/generations\//);
    const made = await newest();
    assert.match(made.prompt, /navy studio background/);
    assert.equal(made.count, 2);
    assert.equal(made.preset, "portrait");
});

both("another avatar's prompt is another one", {}, async (page, visitor, javascript) => {
    await visitor.open("/styles/business-portrait");
    const before = await page.locator("#prompt").innerText();
    await page.locator("#avatar_id").selectOption(it.style.id);
    if (!javascript) await page.locator("button[formaction]").click();
    await until("it changes", 15000, async () => (await page.locator("#prompt").innerText()) !== before);
});

both("a style's prompt can be changed in words of one's own", {}, async (page, visitor) => {
    await visitor.open("/styles/forest-elf");
    const prompt = await page.locator("#prompt").innerText();
    await page.locator("#change-words").click();
    await page.waitForURL(/\/create\?style=forest-elf/);
    assert.equal(await page.locator("textarea[name=prompt]").inputValue(), prompt);
});

both("a search finds styles by any form of a word", { lang: "ru" }, async (page, visitor) => {
    await visitor.open("/styles");
    await type(page.locator("input[name=q]"), "замки");
    await page.locator(".style-search button").click();
    await page.waitForURL(/q=/);
    await card(page, "knight").waitFor();
    assert.equal(await card(page, "coffee-morning").count(), 0);
    await type(page.locator("input[name=q]"), "ъъъъ");
    await page.locator(".style-search button").click();
    await page.locator(".empty").waitFor();
    await page.locator(".empty a[href='/styles']").click();
    await card(page, "coffee-morning").waitFor();
});

both("a heart puts a style among the favourites and takes it away", {}, async (page, visitor) => {
    const liked = async () =>
        (await world.sql(`SELECT count(*) FROM style_favorites WHERE user_id = '${owner.id}' AND template_id = 'art-deco'`))[0][0] === "1";
    const heart = () => card(page, "art-deco").locator(`form[action="/styles/art-deco/favorite"] button`);
    await visitor.open("/styles?category=artistic");
    await heart().click({ force: true });
    await until("it is liked", 15000, liked);
    await visitor.open("/styles?category=favorites");
    await card(page, "art-deco").waitFor();
    assert.equal(await heart().getAttribute("aria-pressed"), "true");
    await visitor.open("/create");
    await page.locator("#favorites").waitFor();
    await visitor.open("/styles?category=favorites");
    await heart().click({ force: true });
    await until("it is not", 15000, async () => !(await liked()));
});

both("a picture becomes a style, is used, changed and deleted", { lang: "en" }, async (page, visitor, javascript) => {
    const title = `Sunset ${javascript}`;
    await visitor.open(`/styles/new?image=${it.image.id}`);
    assert.equal(await page.locator("textarea[name=prompt]").inputValue(), "sunset over the sea");
    await type(page.locator("input[name=title]"), title);
    await page.locator("main button[type=submit]").click();
    await leftFor(page, /^\/styles\/[0-9a-f-]{36}$/);
    const own = new URL(page.url()).pathname.split("/").pop();
    assert.equal(await page.locator("h1").innerText(), title);
    assert.ok(await page.locator(".style-figure img").evaluate((i) => i.complete && i.naturalWidth > 0 || i.decode().then(() => true)));
    await visitor.open("/styles?category=own");
    await make(page, own).click();
    await leftFor(page, /^\/generations\//);
    const made = await newest();
    assert.equal(made.template, own);
    assert.equal(made.prompt, "sunset over the sea");
    await visitor.open(`/styles/${own}/edit`);
    await type(page.locator("textarea[name=prompt]"), "portrait of a {subject} at sunset");
    await page.locator("main button[type=submit]").click();
    await leftFor(page, /^\/styles\/[0-9a-f-]{36}$/);
    assert.match(await page.locator("#prompt").innerText(), /portrait of a (woman|man|person) at sunset/);
    await page.locator(".style-own summary").click();
    await page.locator(`form[action="/styles/${own}/delete"] button`).click();
    await page.waitForURL(/category=own/);
    await visitor.open(`/styles/${own}`, 404);
    const [[kept]] = await world.sql(`SELECT template_id FROM generations WHERE id = '${made.id}'`);
    assert.equal(kept, own, "what was made with it still says so");
});

both("a title or a prompt that will not do is told, and nothing is lost", { lang: "en" }, async (page, visitor) => {
    visitor.expect(/^422 \/styles\/new/);
    await visitor.open("/styles/new");
    await type(page.locator("input[name=title]"), "x".repeat(70));
    await type(page.locator("textarea[name=prompt]"), "a naked person");
    await page.locator("main button[type=submit]").click();
    await page.locator(".error-summary").waitFor();
    assert.equal(await page.locator(".error-summary a").count(), 2);
    assert.equal(await page.locator("textarea[name=prompt]").inputValue(), "a naked person");
});

test("who has no avatar may look at everything and is told what to do", async (t) => {
    const newcomer = await web.person("Nina Newcomer", { lang: "en" });
    await visit({ as: newcomer, lang: "en" }, async (page, visitor) => {
        await visitor.open("/create");
        await page.locator('main a[href="/avatars/new"]').first().waitFor();
        for (const target of ["/styles", "/styles/neon-street"]) {
            await visitor.open(target);
            await page.locator('.notice a[href="/avatars/new"]').waitFor();
            assert.equal(await page.locator(".style-make").count(), 0);
        }
        assert.ok(await page.locator(".style-form button.button-primary").isDisabled());
    })(t);
});

for (const javascript of [true, false])
    test(`with too few credits nothing is made, and the page says how many are missing (${javascript ? "with" : "without"} JavaScript)`, async (t) => {
        const poor = await web.person(`Paul Poor ${javascript}`, { lang: "en" });
        await copySettled(world, it, poor);
        await setAvailable(world, poor, 3);
        await visit({ as: poor, lang: "en", javascript }, async (page, visitor) => {
            await visitor.open("/styles");
            await page.locator(".notice-warn").waitFor();
            assert.equal(await page.locator(".style-make").count(), 0);
            visitor.expect(/^402 \/styles\/knight/);
            await visitor.open("/styles/knight");
            await page.locator(".style-form button.button-primary").click();
            await page.locator(".error-summary").waitFor();
            assert.match(await page.locator(".error-summary").innerText(), /Needed: 4, available: 3/);
        })(t);
    });

test("of what is saved by one nobody else sees anything", async () => {
    const other = await web.session(world.other);
    const { json } = await owner.post("/api/v1/templates", { title: "Mine", prompt: "a pier" }, { status: 201 });
    for (const target of [`/styles/${json.id}`, `/styles/${json.id}/edit`])
        assert.equal((await web.fetch(other.client, target)).status, 404);
    assert.doesNotMatch((await web.fetch(other.client, "/styles?category=own")).html, new RegExp(json.id));
});

test(
    "from the menu to a picture with the keyboard alone",
    visit({}, async (page, visitor) => {
        const stop = () =>
            page.evaluate(() => {
                const e = document.activeElement;
                return { href: e.getAttribute("href"), action: e.form?.getAttribute("action"), name: e.name, tag: e.tagName };
            });
        const tabTo = async (fits, what) => {
            for (let i = 0; i < 150; i++) {
                await page.keyboard.press("Tab");
                if (fits(await stop())) return;
            }
            assert.fail(`${what} cannot be reached`);
        };
        await visitor.open("/images");
        await tabTo((at) => at.href === "/create", "the menu");
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/create$/);
        await visitor.ready();
        await tabTo((at) => at.href === "/styles", "all styles");
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/styles$/);
        await visitor.ready();
        await tabTo((at) => at.name === "q", "the search");
        await page.keyboard.type("neon");
        await page.keyboard.press("Enter");
        await page.waitForURL(/q=neon/);
        await visitor.ready();
        await tabTo((at) => at.href?.startsWith("/styles/neon-street"), "the style");
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/styles\/neon-street/);
        await visitor.ready();
        await tabTo((at) => at.name?.startsWith("choice_"), "a choice");
        await page.keyboard.press("ArrowRight");
        await tabTo((at) => at.tag === "BUTTON" && at.action === "/styles/neon-street", "the button");
        await page.keyboard.press("Enter");
        await leftFor(page, /^\/generations\//);
        assert.equal((await newest()).template, "neon-street");
    }),
);

test(
    "previews that come late move nothing, and those that are far below are not asked for",
    visit({ width: 390, height: 800 }, async (page, visitor) => {
        const asked = new Set();
        await page.route("**/static/**/styles/*.webp", async (route) => {
            asked.add(route.request().url());
            await new Promise((resolve) => setTimeout(resolve, 300));
            await route.continue();
        });
        await visitor.open("/styles");
        await settled(page);
        await page.waitForTimeout(100);
        assert.ok(asked.size > 0 && asked.size < 42, `${asked.size} of 42`);
    }),
);

test(
    "the page of a style has no fault that axe finds, also when it is open",
    visit({ lang: "en" }, async (page, visitor) => {
        await visitor.open("/styles/neon-street");
        await settled(page);
        assert.deepEqual(await axe(page), []);
        await visitor.open("/create");
        await page.locator(".desk-change summary").click();
        assert.deepEqual(await axe(page), []);
        await page.locator(`.desk-change a[href*="${it.style.id}"]`).click();
        await page.waitForURL(/avatar=/);
        assert.equal(await page.locator(".style-make input[name=avatar]").first().inputValue(), it.style.id);
    }),
);
