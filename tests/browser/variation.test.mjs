// Variations, repeats and other tries, by clicks and by keys.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, follow, generate } from "../api/support/things.mjs";
import { settle } from "./support/fixtures.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, image;

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
        test(
            `${name} (${javascript ? "with" : "without"} JavaScript)`,
            visit({ javascript }, async (page, visitor) => {
                image = (await generate(owner, { prompt: `a heron ${javascript}`, preset: "fast", num_images: 2 })).images[1];
                return run(page, visitor, javascript);
            }),
        );
};

const submit = (page, action) => page.locator(`main form[action="${action}"] button`).first();

// The generation whose page a click has led to, when it has ended.
async function arrived(page) {
    await page.waitForURL(/\/generations\/[0-9a-f-]{36}/);
    const id = new URL(page.url()).pathname.split("/")[2];
    const done = await follow(owner, id);
    assert.equal(done.status, "completed", JSON.stringify(done.error));
    return done;
}

both("one click varies a picture as far as was chosen; each page leads to the other", async (page, visitor) => {
    await visitor.open(`/images/${image.id}`);
    await page.locator('select[name="change"]').selectOption("much");
    await submit(page, `/images/${image.id}/variation`).click();
    const done = await arrived(page);
    assert.deepEqual([done.parent_image_id, done.parameters.strength, done.images.length], [image.id, 0.85, 1]);
    await visitor.open(`/generations/${done.id}`);
    const parent = page.locator(`.descent a[href="/images/${image.id}"]`);
    assert.equal(await parent.last().innerText(), "Вариация этого изображения");
    assert.ok(await page.locator(".descent img").evaluate((i) => i.decode().then(() => i.naturalWidth > 0)));
    await visitor.open(`/images/${done.images[0].id}`);
    await page.locator(".descent a").last().click();
    await page.waitForURL(`**/images/${image.id}`);
    assert.match(await page.locator(".kin h2").innerText(), /Сделано из этого: 1 изображение/i);
    await page.locator("#children a").first().click();
    await page.waitForURL(`**/images/${done.images[0].id}`);
});

both("one click varies a picture where it has just been made", async (page, visitor) => {
    await visitor.open(`/generations/${image.generation_id}`);
    await submit(page, `/images/${image.id}/variation`).click();
    const done = await arrived(page);
    assert.deepEqual([done.parent_image_id, done.parameters.strength], [image.id, 0.6]);
});

both("an exact repeat makes all pictures of the request again, with their seed", async (page, visitor) => {
    await visitor.open(`/images/${image.id}`);
    const details = page.locator("details", { has: page.locator(`form[action="/images/${image.id}/repeat"]`) });
    await details.locator("summary").click();
    assert.match(await details.innerText(), /все его 2 изображения/);
    await submit(page, `/images/${image.id}/repeat`).click();
    const done = await arrived(page);
    assert.deepEqual([done.seed, done.images.length, done.parent_image_id], [image.seed, 2, image.id]);
    await visitor.open(`/generations/${done.id}`);
    assert.match(await page.locator(".descent").innerText(), /Повтор этого изображения/);
});

both("what failed is tried again with one click, and leads back", async (page, visitor, javascript) => {
    const prompt = `an unlucky wish ${javascript}`;
    await world.faults({ op: "result", fault: "422", prompt, count: 1 });
    const failed = await follow(owner, (await ask(owner, { prompt, preset: "fast", overrides: { guidance_scale: 8 } })).id);
    assert.equal(failed.status, "failed");
    await visitor.open(`/generations/${failed.id}`);
    await submit(page, `/generations/${failed.id}/again`).click();
    const done = await arrived(page);
    assert.deepEqual([done.retry_of, done.parameters.guidance_scale], [failed.id, 8]);
    await visitor.open(`/generations/${done.id}`);
    await page.locator(`#facts a[href="/generations/${failed.id}"]`).click();
    await page.waitForURL(`**/generations/${failed.id}`);
});

both("what a deleted or hidden picture has left is said, and nothing is made of it", async (page, visitor) => {
    const { json } = await owner.post(`/api/v1/images/${image.id}/variations`, {}, { status: 202 });
    const [child] = (await follow(owner, json.id)).images;
    await owner.delete(`/api/v1/images/${image.id}`);
    await visitor.open(`/images/${child.id}`);
    assert.match(await page.locator(".descent").innerText(), /Вариация удалённого изображения/);
    assert.equal(await page.locator(".descent a").count(), 0);
    await owner.post(`/api/v1/images/${image.id}/restore`, undefined);
    await world.sql(`UPDATE images SET has_nsfw_content = true WHERE id = '${image.id}'`);
    visitor.expect(/blurred/); // is made when such a picture is stored
    await visitor.open(`/images/${child.id}`);
    assert.match(await page.locator(".descent").innerText(), /Вариация скрытого изображения/);
    assert.equal(await page.locator(".descent img").count(), 0);
    await visitor.open(`/images/${image.id}`);
    assert.equal(await page.locator('form[action$="/variation"], form[action$="/repeat"]').count(), 0);
});

test(
    "by keys alone: how far it goes is chosen, and the variation is made",
    visit({ lang: "en" }, async (page, visitor) => {
        image = (await generate(owner, { prompt: "by keys", preset: "fast" })).images[0];
        await visitor.open(`/images/${image.id}`);
        const button = submit(page, `/images/${image.id}/variation`);
        for (let i = 0; i < 60 && !(await button.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press("Tab");
        assert.equal(await button.innerText(), "Variation");
        await page.keyboard.press("Tab");
        await page.keyboard.press("ArrowUp");
        assert.equal(await page.locator('select[name="change"]').inputValue(), "little");
        await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("Enter");
        assert.equal((await arrived(page)).parameters.strength, 0.35);
    }),
);
