// Waiting: the place in the queue, what keeps a generation, and what becomes of it; told by itself, without anything moving.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { follow } from "../api/support/things.mjs";
import { addChecked, addWaiting, copySettled, freeSlots, setBreaker, settle, takeSlots } from "./support/fixtures.mjs";
import { assertFits, axe, settled } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, other;

before(async () => {
    web = await Web.start({ generationMs: 50, env: { FAL_CONCURRENCY: "2", FAL_USER_CONCURRENCY: "2" } });
    world = web.world;
    owner = world.owner;
    const first = await settle(owner);
    other = await web.person("Olga Other");
    await copySettled(world, first, other);
});
after(() => web?.stop());
afterEach(async () => {
    await setBreaker(world, "fal-ai/flux-lora", false);
    await setBreaker(world, "", false);
    await world.sql(`UPDATE generations SET status = 'cancelled', finished_at = now() WHERE charged IS NULL`);
});

const visit = (options, run) => visiting(() => web, options, run);
const ask = async (prompt) =>
    (await owner.post("/api/v1/generations", { prompt, preset: "fast" }, { status: 202 })).json.id;
const line = (page) => page.locator("#state .progress-line");
const says = (page, pattern) =>
    until(`it says ${pattern}`, 15000, async () => pattern.test(await line(page).innerText()), 100);

test(
    "what fails or is cancelled while somebody watches says so, and nothing moves",
    visit({ lang: "en" }, async (page, visitor) => {
        for (const [end, words] of [["failed", /moderation|rules|prompt/i], ["cancelled", /was cancelled/]]) {
            const held = await takeSlots(world, other, 2);
            const id = await ask(`watched until it is ${end}`);
            await visitor.open(`/generations/${id}`);
            await world.faults({ op: "result", fault: "422", prompt: "watched" });
            if (end === "cancelled") await owner.post(`/api/v1/generations/${id}/cancel`, undefined, { status: 202 });
            await freeSlots(world, held);
            assert.equal((await follow(owner, id)).status, end);
            await page.locator(`main a[href="/create?generation=${id}"]`).waitFor({ timeout: 12000 });
            assert.match(await page.locator("#result").innerText(), words);
            await visitor.calm();
            await world.faults();
        }
    }),
);

for (const [lang, next, behind] of [
    ["ru", /Ещё около.*\sВы следующие/s, /Ещё около.*\sПеред вами 2 запроса/s],
    ["en", /About.*\sYou are next/s, /About.*\s2 requests before you/s],
])
    test(
        `the place in the queue is said, in every list, and followed until the picture is there (${lang})`,
        visit({ lang }, async (page, visitor) => {
            const held = await takeSlots(world, other, 2);
            const ids = [await ask("the first"), await ask("the second"), await ask("the third")];
            for (const target of ["/images", "/generations"]) {
                await visitor.open(target);
                assert.match(await page.locator(`#g-${ids[0]} .progress-line`).innerText(), next, target);
                assert.match(await page.locator(`#g-${ids[2]} .progress-line`).innerText(), behind, target);
            }
            visitor.expect(/^layout shift .* at \/(images|generations) /); // cards go when they have ended
            await visitor.open(`/generations/${ids[2]}`);
            await says(page, behind);
            await page.evaluate(() => (window.marker = true));
            const spoken = line(page).locator("[role=status]");
            assert.equal(await spoken.count(), 1);
            assert.doesNotMatch(await spoken.innerText(), /около|About/, "the time is not read out every second");
            await owner.post(`/api/v1/generations/${ids[0]}/cancel`, undefined, { status: 202 });
            await owner.post(`/api/v1/generations/${ids[1]}/cancel`, undefined, { status: 202 });
            await says(page, next);
            assert.equal(await spoken.evaluate((e) => e.isConnected), true, "the same element says it");
            await freeSlots(world, held);
            await follow(owner, ids[2]);
            await page.locator("#result img").first().waitFor();
            assert.equal(await page.evaluate(() => window.marker), true, "without a reload");
            assert.match(await page.locator("#facts").innerText(), lang === "ru" ? /списано 4 кредита/ : /4 credits charged/);
        }),
    );

test(
    "a place that others change is seen although no news tells of it",
    visit({ lang: "ru" }, async (page, visitor) => {
        const held = await takeSlots(world, other, 2);
        const theirs = await addWaiting(world, other);
        const id = await ask("behind another user");
        await visitor.open(`/generations/${id}`);
        await says(page, /Перед вами 1 запрос/);
        await freeSlots(world, [theirs]);
        await says(page, /Вы следующие/);
        await freeSlots(world, held);
        await follow(owner, id);
    }),
);

for (const [name, code, lang, words, kept] of [
    ["away", "fal-ai/flux-lora", "ru", /Провайдер сейчас не отвечает.*не потеряется/s, /^Время пока неизвестно\s+Провайдер сейчас не отвечает$/],
    ["away", "fal-ai/flux-lora", "en", /does not answer at the moment.*request is kept/s, /^No estimate yet\s+The provider does not answer/],
    ["stopped", "", "ru", /Приём у провайдера остановлен.*администратор оповещён/s, /^Время пока неизвестно\s+Приём у провайдера остановлен$/],
    ["stopped", "", "en", /does not take our requests.*administrator/s, /^No estimate yet\s+The provider does not take our requests$/],
])
    test(
        `a provider that is ${name} is told of calmly while it lasts, and nothing moves (${lang})`,
        visit({ lang, width: 390, height: 844 }, async (page, visitor) => {
            const held = await takeSlots(world, other, 2);
            const id = await ask("for another day");
            await visitor.open(`/generations/${id}`);
            await says(page, lang === "ru" ? /Вы следующие/ : /You are next/);
            await setBreaker(world, code);
            const notice = page.locator("#waiting");
            await notice.waitFor({ timeout: 15000 });
            assert.match(await notice.innerText(), words);
            assert.match((await line(page).innerText()).trim(), kept, "no time that nobody knows");
            assert.equal(await page.locator(".notice-bad, [role=alert]").count(), 0, "it is no error");
            for (const colorScheme of ["light", "dark"]) {
                await page.emulateMedia({ colorScheme });
                await settled(page);
                assert.deepEqual(await axe(page), []);
            }
            assert.deepEqual(await visitor.watch.take(), [], "nothing has moved");
            await assertFits(page, 320, "the notice");
            await setBreaker(world, code, false);
            await notice.waitFor({ state: "detached", timeout: 15000 });
            await freeSlots(world, held);
            await follow(owner, id);
        }),
    );

for (const javascript of [true, false])
    test(
        `an attempt that is being looked for says so on its page and in the lists (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript, lang: "ru" }, async (page, visitor) => {
            const id = await addChecked(world, owner);
            for (const target of ["/images", "/generations"]) {
                await visitor.open(target);
                const text = await page.locator(`#g-${id} .progress-line`).innerText();
                assert.match(text, /Проверяем, принят ли запрос/, target);
            }
            await visitor.open(`/generations/${id}`);
            assert.match(await page.locator("#waiting").innerText(), /Чтобы не заплатить дважды/);
        }),
    );

test(
    "without JavaScript the place is said and kept up to date, and a batch says that it is one",
    visit({ javascript: false, lang: "en" }, async (page, visitor) => {
        await takeSlots(world, other, 2);
        const id = await addWaiting(world, owner, { lane: 1 });
        await addWaiting(world, owner);
        await visitor.open(`/generations/${id}`);
        assert.match(await page.locator("h1").innerText(), /Background queue/);
        assert.match(await page.locator("#facts").innerText(), /ordinary requests go first/);
        assert.match(await line(page).innerText(), /before you|You are next/);
        assert.equal(await page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count(), 1);
        await page.locator(`form[action="/generations/${id}/cancel"] button`).click();
        await until("it says what it cost", 12000, async () =>
            /Cancelled[^]*not charged/.test(
                await page
                    .locator("main")
                    .innerText()
                    .catch(() => ""),
            ),
        );
    }),
);
