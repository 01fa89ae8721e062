// Asking for a picture and watching it arrive.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { follow } from "../api/support/things.mjs";
import { settle } from "./support/fixtures.mjs";
import { encodeForm, forms } from "./support/html.mjs";
import { type } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, it;

before(async () => {
    web = await Web.start({ generationMs: 1500 });
    world = web.world;
    owner = world.owner;
    it = await settle(owner);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const PROMPT = "textarea[name=prompt]";
const submit = (page) =>
    page
        .locator("main form")
        .filter({ has: page.locator(PROMPT) })
        .locator("button[type=submit], button:not([type])")
        .last();

async function newest() {
    const [row] = await world.sql(
        `SELECT id, status, prompt, preset, source FROM generations WHERE user_id = '${owner.id}' ORDER BY id DESC LIMIT 1`,
    );
    return { id: row[0], status: row[1], prompt: row[2], preset: row[3], source: row[4] };
}

async function ask(page, visitor, prompt) {
    await visitor.open("/create");
    await type(page.locator(PROMPT), prompt);
    await submit(page).click();
    await page.waitForURL((url) => url.pathname !== "/create");
    await page.waitForLoadState("load");
    const made = await newest();
    assert.equal(made.prompt, prompt);
    assert.equal(made.source, "web");
    return made.id;
}

const picturesOf = async (id) => (await owner.get(`/api/v1/generations/${id}`)).json.images.map((i) => i.id);

test(
    "what is asked for in one tab appears in the gallery of another at once and turns into its pictures there",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift .* at \/images /); // a new card on top moves what is below it
        const gallery = await visitor.tab("/images");
        await gallery.evaluate(() => (window.marker = true));
        const id = await ask(page, visitor, "a castle in the mist");
        await gallery.locator(`[data-id="${id}"]`).waitFor({ timeout: 3000 });
        assert.equal((await newest()).status === "completed", false, "it still runs");
        await follow(owner, id);
        for (const image of await picturesOf(id))
            await gallery.locator(`main a[href^="/images/${image}"] img`).first().waitFor({ timeout: 5000 });
        assert.equal(
            await gallery.locator(`article[data-id="${id}"][data-status]:not([data-status=completed])`).count(),
            0,
        );
        assert.equal(await gallery.evaluate(() => window.marker), true, "without a reload");
    }),
);

test(
    "eight tabs all load and all follow, on one stream",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift .* at \/images /);
        const tabs = [];
        for (let i = 0; i < 8; i++) tabs.push(await visitor.tab("/images"));
        const { id } = (
            await owner.post("/api/v1/generations", { prompt: "for eight tabs", preset: "fast" }, { status: 202 })
        ).json;
        await Promise.all(tabs.map((tab) => tab.locator(`[data-id="${id}"]`).first().waitFor()));
        await tabs[0].close(); // perhaps the one that listened: another takes over
        await follow(owner, id);
        const [image] = await picturesOf(id);
        await Promise.all(
            tabs.slice(1).map((tab) => tab.locator(`main a[href^="/images/${image}"]`).first().waitFor()),
        );
    }),
);

test(
    "what ends before the page listens is seen all the same",
    visit({}, async (page, visitor) => {
        let listen;
        const late = new Promise((resolve) => (listen = resolve));
        await page.route("**/api/v1/events", async (route) => {
            await late;
            await route.continue();
        });
        const { id } = (
            await owner.post("/api/v1/generations", { prompt: "too quick", preset: "fast" }, { status: 202 })
        ).json;
        await visitor.open(`/generations/${id}`);
        await page.locator("progress").waitFor();
        await follow(owner, id);
        listen();
        const [image] = await picturesOf(id);
        await page.locator(`main a[href^="/images/${image}"]`).first().waitFor();
    }),
);

test(
    "what arrives takes the place that was kept for it: nothing moves when a card gets its state",
    visit({}, async (page, visitor) => {
        const { id } = (
            await owner.post("/api/v1/generations", { prompt: "stay in place", preset: "fast" }, { status: 202 })
        ).json;
        await visitor.open(`/generations/${id}`);
        await page.locator(`[data-status=running], progress`).first().waitFor();
        await page.waitForTimeout(600);
        assert.deepEqual(await visitor.watch.take(), []);
        await follow(owner, id);
    }),
);

test(
    "a card that says how long it takes is as high when it takes longer",
    visit({ lang: "ru" }, async (page, visitor) => {
        const { id } = (await owner.post("/api/v1/generations", { prompt: "as high", preset: "fast" }, { status: 202 }))
            .json;
        await visitor.open("/images");
        const card = page.locator(`article[data-id="${id}"]`);
        await card.locator("[data-left]").waitFor();
        for (const width of [320, 360, 768, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            const heights = await card.evaluate((c) => {
                const said = c.querySelector("[data-left]");
                return ["Ещё около 5 секунд", said.dataset.late].map((text) => {
                    said.textContent = text;
                    return c.getBoundingClientRect().height;
                });
            });
            assert.equal(heights[0], heights[1], `at ${width} px`);
        }
    }),
);

test(
    "the page of a generation turns into its result without a reload",
    visit({ lang: "ru" }, async (page, visitor) => {
        const id = await ask(page, visitor, "a river in spring");
        await visitor.open(`/generations/${id}`);
        await page.evaluate(() => (window.marker = true));
        await follow(owner, id);
        const [image] = await picturesOf(id);
        await page
            .locator(`main a[href^="/images/${image}"], main img[src*="/files/"]`)
            .first()
            .waitFor({ timeout: 5000 });
        assert.equal(await page.evaluate(() => window.marker), true, "without a reload");
        assert.equal(await page.locator(`form[action="/generations/${id}/cancel"]`).count(), 0);
    }),
);

test(
    "without JavaScript the pages refresh themselves while something runs, and stop when nothing does",
    visit({ javascript: false }, async (page, visitor) => {
        const id = await ask(page, visitor, "a bridge at night");
        const refresh = page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]");
        for (const target of ["/images", `/generations/${id}`]) {
            await visitor.open(target);
            assert.equal(await refresh.count(), 1, target);
            assert.ok(
                await page
                    .locator("body")
                    .innerText()
                    .then((text) => text.includes("a bridge at night")),
            );
        }
        await follow(owner, id);
        const [image] = await picturesOf(id);
        await page
            .locator(`main a[href^="/images/${image}"], main img[src*="/files/"]`)
            .first()
            .waitFor({ timeout: 12000 });
        assert.equal(await refresh.count(), 0);
        await visitor.open("/images");
        assert.equal(await refresh.count(), 0);
        assert.ok(await page.locator(`main a[href^="/images/${image}"]`).count());
    }),
);

for (const javascript of [true, false])
    test(
        `a generation that fails says why and what to do, and hands the form back filled (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript, lang: "en" }, async (page, visitor) => {
            await world.faults({ op: "result", fault: "422", prompt: "refuse me" });
            const id = await ask(page, visitor, "refuse me, please");
            await visitor.open(`/generations/${id}`);
            const failed = await follow(owner, id);
            assert.equal(failed.status, "failed");
            const retry = page.locator('main a[href*="/create?"]').first();
            await retry.waitFor({ timeout: 12000 });
            const text = await page.locator("main").innerText();
            assert.ok(text.length > 60);
            assert.doesNotMatch(text, new RegExp(failed.error.code), "in words, not in codes");
            await world.faults();
            await retry.click();
            await page.waitForURL(/\/create\?/);
            assert.equal(await page.locator(PROMPT).inputValue(), "refuse me, please");
        }),
    );

for (const javascript of [true, false])
    test(
        `a generation can be cancelled while it runs (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            const id = await ask(page, visitor, "not this one");
            await visitor.open(`/generations/${id}`);
            await page.locator(`form[action="/generations/${id}/cancel"] button`).first().click();
            const done = await follow(owner, id);
            assert.equal(done.status, "cancelled");
            await until("it is shown", 12000, async () =>
                /Отменено|Cancelled/i.test(
                    await page
                        .locator("main")
                        .innerText()
                        .catch(() => ""),
                ),
            );
        }),
    );

test(
    "the counter counts as the server does and warns in time",
    visit({}, async (page, visitor) => {
        await visitor.open("/create");
        const counter = page.locator(".counter").first();
        await type(page.locator(PROMPT), "😀".repeat(10) + "ab");
        await until("it counts code points", 2000, async () => /\b(12|988)\b/.test(await counter.innerText()));
        await type(page.locator(PROMPT), "a".repeat(1000));
        await until("it is at its end", 2000, async () => /1\s?000|\b0\b/.test(await counter.innerText()));
    }),
);

for (const javascript of [true, false])
    test(
        `an example fills the prompt (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            await visitor.open("/create");
            const example = page.locator('main a[href*="example="], main button[data-example]').first();
            await example.click();
            await until(
                "the prompt is there",
                3000,
                async () =>
                    (
                        await page
                            .locator(PROMPT)
                            .inputValue()
                            .catch(() => "")
                    ).length > 10,
            );
        }),
    );

for (const javascript of [true, false])
    test(
        `a portrait cannot be made in ultra, and the page says why; a style can (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            await visitor.open(`/create?avatar=${it.portrait.id}`);
            const ultra = page.locator("input[name=preset][value=ultra]");
            assert.equal(await ultra.isDisabled(), true);
            const why = page.locator(".choice", { has: ultra }).locator(".choice-why");
            assert.ok((await why.innerText()).length > 10);
            await visitor.open(`/create?avatar=${it.style.id}`);
            assert.equal(await ultra.isDisabled(), false);
        }),
    );

for (const javascript of [true, false])
    test(
        `a form with faults says what is wrong and keeps what was typed (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            visitor.expect(/^422 \/create/);
            await visitor.open("/create");
            const before = (await newest()).id;
            const long = "x".repeat(990) + " and twenty characters more";
            await type(page.locator(PROMPT), long);
            await page.locator("input[name=preset][value=artistic]").check({ force: true });
            await submit(page).click();
            await page.locator(".error-summary").waitFor();
            assert.equal(await page.locator(".error-summary").getAttribute("role"), "alert");
            assert.equal(await page.locator(PROMPT).inputValue(), long);
            assert.ok(await page.locator("input[name=preset][value=artistic]").isChecked());
            assert.equal(await page.locator(PROMPT).getAttribute("aria-invalid"), "true");
            const described = (await page.locator(PROMPT).getAttribute("aria-describedby")).split(" ");
            const texts = await Promise.all(described.map((d) => page.locator(`#${d}`).innerText()));
            assert.ok(
                texts.some((text) => text.includes("1000") || text.includes("1 000") || text.includes("1\u00a0000")),
                texts.join("|"),
            );
            assert.equal((await newest()).id, before, "nothing was made");
            await page.locator(".error-summary a").first().click();
            assert.ok(await page.evaluate(() => document.activeElement.name === "prompt" || location.hash.length > 1));
        }),
    );

test(
    "an empty prompt goes nowhere",
    visit({}, async (page, visitor) => {
        await visitor.open("/create");
        await submit(page).click();
        assert.equal(new URL(page.url()).pathname, "/create");
        assert.equal(await page.locator(PROMPT).evaluate((p) => p.matches(":invalid")), true);
    }),
);

test(
    "what was typed is there after going away and coming back, and gone after it was sent",
    visit({}, async (page, visitor) => {
        await visitor.open("/create");
        await type(page.locator(PROMPT), "half an idea");
        await page.waitForTimeout(400);
        await visitor.open("/images");
        await visitor.open("/create");
        await until(
            "the draft is back",
            3000,
            async () => (await page.locator(PROMPT).inputValue()) === "half an idea",
        );
        await submit(page).click();
        await page.waitForURL((url) => url.pathname !== "/create");
        await visitor.open("/create");
        await page.waitForTimeout(300);
        assert.equal(await page.locator(PROMPT).inputValue(), "");
    }),
);

const countOf = async (prompt) =>
    Number((await world.sql(`SELECT count(*) FROM generations WHERE prompt = '${prompt}'`))[0][0]);

for (const javascript of [true, false])
    test(
        `a double click makes one generation (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            await visitor.open("/create");
            await type(page.locator(PROMPT), `clicked twice ${javascript}`);
            await submit(page).dblclick();
            // Without a script the second click cuts the first one's navigation off.
            await until("it leads on", 10000, () => new URL(page.url()).pathname !== "/create");
            await page.waitForLoadState("load");
            assert.equal(await countOf(`clicked twice ${javascript}`), 1);
        }),
    );

test("a form that arrives twice makes one generation and leads to it both times", async () => {
    const { client } = await web.session(owner);
    const form = forms((await web.fetch(client, "/create")).html).find((f) => f.action === "/create");
    const body = encodeForm({ ...form.fields, prompt: "sent twice" });
    const send = () =>
        client.raw("POST", "/create", {
            body,
            type: "application/x-www-form-urlencoded",
            headers: { origin: web.url, accept: "text/html" },
        });
    const answers = [await send(), ...(await Promise.all([send(), send()]))];
    assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([303]));
    const [first, ...again] = answers.map((a) => a.headers.location);
    assert.deepEqual(again, [`${first}?done=sent_before`, `${first}?done=sent_before`]);
    assert.equal(await countOf("sent twice"), 1);
});

test(
    "back at a form that was answered: what is sent now is something new",
    visit({}, async (page, visitor) => {
        await ask(page, visitor, "once more, please");
        await page.waitForURL("**/generations/*");
        await page.goBack();
        await page.waitForURL("**/create");
        await page.waitForTimeout(300);
        await page.locator(PROMPT).fill("once more, please");
        await submit(page).click();
        await page.waitForURL("**/generations/*");
        assert.equal(await countOf("once more, please"), 2);
    }),
);

test(
    "news do not give a form another key: a second click on a request that is on its way pays once",
    visit({}, async (page, visitor) => {
        const id = it.done.id;
        await visitor.open(`/generations/${id}`);
        const key = page.locator("#again input[name=key]");
        const before = await key.inputValue();
        const again = page.waitForResponse((answer) => new URL(answer.url()).pathname === `/generations/${id}`);
        const csrf = page.locator("#again input[name=csrf_token]");
        await csrf.evaluate((field) => field.setAttribute("value", "old"));
        await page.evaluate(() => dispatchEvent(new Event("online")));
        assert.notEqual(/name="key" value="([^"]+)"/.exec(await (await again).text())[1], before);
        await until("the rest of the form is the newer one", 3000, async () => (await csrf.inputValue()) !== "old");
        assert.equal(await key.inputValue(), before);
    }),
);
