// Credits: what there is, what a wish will take, what was taken, and what happens when there is too little.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { follow } from "../api/support/things.mjs";
import { addGeneration, copySettled, setAvailable, settle } from "./support/fixtures.mjs";
import { axe, settled, type } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, first;

before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    owner = world.owner;
    first = await settle(owner);
});
after(() => web?.stop());

const PROMPT = "textarea[name=prompt]";
const send = (page) => page.locator("form.create .create-foot button");
const count = (page, n) => page.locator(`input[name=num_images][value="${n}"]`).check({ force: true });

async function personWith(credits) {
    const person = await web.person("Pia");
    await copySettled(world, first, person);
    await setAvailable(world, person, credits);
    return person;
}
const visit = (credits, options, run) => async (t) => {
    const as = await personWith(credits);
    await visiting(
        () => web,
        { as, ...options },
        (page, visitor) => run(page, visitor, as),
    )(t);
};

test(
    "the price of the choice stands beside what there is, and follows the choice",
    visit(996, { lang: "ru" }, async (page, visitor) => {
        await visitor.open("/create");
        const summary = page.locator("#summary");
        assert.match(await summary.innerText(), /Будет зарезервировано 4 из 996 кредитов/);
        await count(page, 2);
        assert.match(await summary.innerText(), /Будет зарезервировано 8 из 996 кредитов/);
        assert.equal(await page.locator("#too-little").isVisible(), false);
        assert.equal(await send(page).getAttribute("aria-describedby"), "summary");
        await type(page.locator(PROMPT), "for eight credits");
        await send(page).click();
        await page.waitForURL("**/generations/*");
        await visitor.open("/create");
        assert.match(await summary.innerText(), / из 988 кредитов/);
    }),
);

for (const javascript of [true, false])
    test(
        `too little is said before sending, refused with the same words, and nothing typed is lost (${javascript ? "with" : "without"} JavaScript)`,
        visit(5, { javascript, lang: "en", width: 390, height: 844 }, async (page, visitor, person) => {
            await visitor.open("/create");
            const notice = page.locator("#too-little");
            assert.equal(await notice.isVisible(), false, "one picture can be had");
            assert.match(await page.locator("#summary").innerText(), javascript ? /4 of 5 credits/ : /5 credits available/);
            await page.locator(PROMPT).fill("four castles");
            await page.locator("input[name=preset][value=artistic]").check({ force: true });
            await count(page, 4);
            const words = /Needed: 16, available: 5\.\s+Choose fewer pictures\.\s+An administrator can add credits\./;
            if (javascript) {
                assert.match(await page.locator("#summary").innerText(), /Not enough credits: 16 needed, 5 available/);
                assert.match(await notice.innerText(), words);
                assert.match(await page.locator("#announce").innerText(), /^$|Not enough/);
            }
            visitor.expect(/^402 \/create/);
            const answer = page.waitForResponse((r) => r.request().method() === "POST");
            await send(page).click();
            assert.equal((await answer).status(), 402);
            await page.waitForLoadState("load");
            const trouble = page.locator(".error-summary");
            assert.equal(await trouble.getAttribute("role"), "alert");
            assert.match(await trouble.innerText(), words);
            assert.equal(await page.locator(PROMPT).inputValue(), "four castles");
            assert.ok(await page.locator("input[name=preset][value=artistic]").isChecked());
            assert.ok(await page.locator("input[name=num_images][value='4']").isChecked());
            const made = () => world.sql(`SELECT id FROM generations WHERE user_id = '${person.id}' AND prompt = 'four castles'`);
            assert.equal((await made()).length, 0, "nothing was made");
            await count(page, 1);
            await send(page).click();
            await page.waitForURL("**/generations/*");
            assert.equal((await made()).length, 1);
        }),
    );

test(
    "with nothing at hand it does not tell to choose fewer, and says what will come back",
    visit(7, { lang: "ru" }, async (page, visitor, person) => {
        await addGeneration(world, person, { status: "running" });
        await visitor.open("/create");
        const notice = page.locator("#too-little");
        assert.match(await notice.innerText(), /Нужно: 4, доступно: 3\./);
        assert.match(await notice.innerText(), /Ещё 4 зарезервированы для начатого: что не спишется, вернётся/);
        assert.doesNotMatch(await notice.innerText(), /Выберите меньше/);
        assert.deepEqual(await axe(page), []);
    }),
);

for (const [lang, inPart, late, free] of [
    ["ru", "доставлено 3 из 4, списано 6 из 8", "пришло с опозданием, бесплатно", "не списано"],
    ["en", "3 of 4 delivered, 6 of 8 credits charged", "came late, free of charge", "not charged"],
])
    test(
        `what was charged is said on the page of each and in the list (${lang})`,
        visit(100, { lang }, async (page, visitor, person) => {
            const expected = {
                [await addGeneration(world, person, { num_images: 4, cost: 8, charged: 6 })]: inPart,
                [await addGeneration(world, person, { charged: 0 })]: late,
                [await addGeneration(world, person, { status: "failed" })]: free,
                [await addGeneration(world, person, { status: "failed", error_code: "moderation_blocked" })]: free,
                [await addGeneration(world, person, { status: "cancelled" })]: free,
            };
            for (const [id, words] of Object.entries(expected)) {
                await visitor.open(`/generations/${id}`);
                assert.ok((await page.locator("#facts").innerText()).includes(words), words);
            }
            await visitor.open("/generations");
            for (const [id, words] of Object.entries(expected))
                assert.equal(await page.locator(`#g-${id} .charge`).innerText(), words);
        }),
    );

for (const javascript of [true, false])
    test(
        `settings show the sums and the book (${javascript ? "with" : "without"} JavaScript)`,
        async (t) => {
            const person = await web.person("Bea Book");
            await copySettled(world, first, person);
            const make = (prompt) => person.post("/api/v1/generations", { prompt, preset: "fast" }, { status: 202 });
            await visiting(
                () => web,
                { as: person, javascript, lang: "en", width: 390, height: 844 },
                async (page, visitor) => {
                    await visitor.open("/settings");
                    assert.match(await page.locator("#credits").innerText(), /Available\s+1000000[^]*There are no entries yet/);
                    const { id } = (await make("<b>bold</b>")).json;
                    await follow(person, id);
                    await addGeneration(world, person, { status: "running" });
                    await visitor.open("/settings");
                    const sums = await page.locator("#credits .sums dd strong").allInnerTexts();
                    const [available, held, spent, granted] = sums.map(Number);
                    assert.equal(available + held + spent, granted);
                    assert.ok(held >= 4, sums.join());
                    await page.locator("#credits summary").click();
                    const rows = page.locator("#credits tbody tr");
                    assert.ok((await rows.count()) >= 3);
                    assert.match(await rows.last().innerText(), /Granted when the account was opened/);
                    assert.ok((await page.locator("#credits tbody").innerText()).includes("<b>bold</b>"), "as it was typed");
                    if (javascript)
                        for (const colorScheme of ["light", "dark"]) {
                            await page.emulateMedia({ colorScheme });
                            await settled(page);
                            assert.deepEqual(await axe(page), []);
                        }
                    for (const width of [320, 390, 1440]) {
                        await page.setViewportSize({ width, height: 800 });
                        const cut = await page.locator("#credits :is(td, dd, dt)").evaluateAll((cells) =>
                            cells.filter((c) => c.scrollWidth > c.clientWidth + 1).map((c) => c.innerText),
                        );
                        assert.deepEqual(cut, [], `at ${width} px`);
                    }
                    await page.locator(`#credits a[href="/generations/${id}"]`).first().click();
                    await page.waitForURL(`**/generations/${id}`);
                },
            )(t);
        },
    );
