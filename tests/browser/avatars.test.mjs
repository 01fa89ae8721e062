// An avatar of one's own: made, shown its photos, trained, and asked for a picture; with scripts and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sleep, until } from "../api/support/process.mjs";
import { settle } from "./support/fixtures.mjs";
import { addDraft, addTraining, disguised, endTrainings, file, files, heic, tiny } from "./support/photos.mjs";
import { Web, visiting } from "./support/web.mjs";

const TRAINING_MS = 2000;
let web, world, owner;

before(async () => {
    const env = { AVATARS_PER_USER: "100", FAL_MOCK_TRAINING_DURATION: "2" };
    web = await Web.start({ generationMs: 200, falsim: ["--training-ms", String(TRAINING_MS)], env });
    world = web.world;
    owner = world.owner;
    await settle(owner);
});
after(() => web?.stop());

const visit = (options, run) => visiting(() => web, options, run);
const avatarOf = (page) => new URL(page.url()).pathname.split("/")[2];
const photosOf = async (id) =>
    (await world.sql(`SELECT file_name, status FROM photos WHERE avatar_id = '${id}' ORDER BY id`)).map(([name]) => name);
const statusOf = async (id) => (await world.sql(`SELECT status FROM avatars WHERE id = '${id}'`))[0][0];
const input = (page) => page.locator("input[type=file][name=photo]");
const tiles = (page) => page.locator("#photo-grid > .photo");

// No photo arrives, or none of that name in its address, until what this returns is called.
async function hold(page, name = "") {
    let held = true;
    await page.route(`**/api/v1/avatars/*/photos?*${name}*`, async (route) => {
        while (held && !page.isClosed()) await sleep(20);
        await route.continue().catch(() => {}); // cancelled meanwhile
    });
    return () => (held = false);
}

// Through the form, as a person does it.
async function make(page, visitor, name) {
    await visitor.open("/avatars");
    await page.locator('main a[href="/avatars/new"]').first().click();
    await page.locator("#type-style").check({ force: true });
    await page.locator("#gender-other").check({ force: true });
    await page.locator("#name").fill(name);
    await page.locator('form[action="/avatars/new"] button[type=submit]').click();
    await page.waitForURL(/\/avatars\/[0-9a-f-]{36}\?done=avatar_made$/);
    if (visitor.javascript) await visitor.ready();
    return avatarOf(page);
}

async function upload(page, javascript, chosen) {
    await input(page).setInputFiles(chosen);
    if (!javascript) await page.locator("#upload button[type=submit]").click();
}

for (const javascript of [true, false])
    test(
        `from a name over photos and a training to a picture (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            visitor.expect(/^layout shift/); // each photo that comes moves what is below
            const id = await make(page, visitor, `Whole way ${javascript}`);
            assert.equal(await statusOf(id), "draft");
            await upload(page, javascript, files(4));
            await until("four photos are there", 15000, async () => (await photosOf(id)).length === 4);
            if (!javascript) await page.locator(".verdict.is-valid").nth(3).waitFor();
            assert.ok(await page.locator("#train button[type=submit]").isDisabled(), "four are too few");
            await upload(page, javascript, files(6, 5));
            await until("ten photos are shown", 15000, async () => (await tiles(page).count()) === 10);
            await until("it may be trained", 5000, () => page.locator("#train button[type=submit]").isEnabled());
            await page.locator("#preset-fast").check({ force: true });
            await page.locator("#train button[type=submit]").click();
            await page.locator("#training progress").waitFor();
            if (javascript) await page.locator("#actions a[href^='/create']").waitFor({ timeout: 20000 });
            await until("it is trained", 20000, async () => (await statusOf(id)) === "completed");
            if (!javascript) await visitor.open(`/avatars/${id}`);
            await page.locator(`#actions a[href="/create?avatar=${id}"]`).click();
            await page.waitForURL(/\/create/);
            assert.ok(await page.locator(`#avatar-${id}`).isChecked());
            await page.locator("textarea[name=prompt]").fill("a fountain of tiles");
            await page.locator("form[action='/create'] button[type=submit]").click();
            await page.waitForURL(/\/generations\//);
            const made = new URL(page.url()).pathname.split("/")[2];
            await until("the picture is there", 15000, async () => {
                const [[status]] = await world.sql(`SELECT status FROM generations WHERE id = '${made}'`);
                return status === "completed";
            });
        }),
    );

test(
    "without scripts each photo of a form gets its verdict, and bad ones fail no others",
    visit({ javascript: false }, async (page, visitor) => {
        const id = await addDraft(world, owner);
        await visitor.open(`/avatars/${id}`);
        await upload(page, false, [file(1), tiny, disguised, file(1)]);
        await page.locator(".verdicts").waitFor();
        await page.waitForLoadState();
        assert.equal(new URL(page.url()).pathname, `/avatars/${id}/photos`);
        const verdicts = await page.locator(".verdict").allInnerTexts();
        assert.equal(verdicts.length, 4);
        assert.match(verdicts[0], /picture 1\.png/);
        assert.match(verdicts[1], /tiny\.png[^]*512/);
        assert.match(verdicts[2], /really\.jpg[^]*GIF/);
        assert.match(verdicts[3], /уже есть/);
        assert.equal(await page.locator(".verdict.is-rejected").count(), 3);
        assert.equal(await tiles(page).count(), 1);
        visitor.expect(/^422 \/avatars\//);
        await upload(page, false, [tiny]);
        await page.getByText("Ни одна фотография не принята").waitFor();
        await page.waitForLoadState();
        assert.equal(await tiles(page).count(), 1);
    }),
);

test(
    "of a portrait's photo without a face is said why it will not do",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner, 0, { training_type: "portrait", gender: "female" });
        await visitor.open(`/avatars/${id}`);
        await page.getByText("На каждом снимке один человек").waitFor();
        await input(page).setInputFiles([file(1)]);
        await page.locator(".upload-item.is-refused").getByText("Лица не видно").waitFor({ timeout: 15000 });
        assert.deepEqual(await photosOf(id), []);
    }),
);

test(
    "each file has a line with its name, its bar, and what became of it",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner);
        await visitor.open(`/avatars/${id}`);
        const release = await hold(page);
        await input(page).setInputFiles([file(1), file(2), file(3), tiny, heic]);
        await page.locator(".upload-item").nth(4).waitFor();
        const state = (n) => page.locator(".upload-item").nth(n).locator(".upload-state");
        assert.match(await state(0).innerText(), /Отправляется|Проверяется/);
        assert.match(await state(2).innerText(), /Ждёт/, "two at a time");
        assert.match(await state(4).innerText(), /HEIC/);
        assert.equal(await page.locator(".upload-item").nth(0).locator("progress").count(), 1);
        release();
        await until("three are shown", 10000, async () => (await tiles(page).count()) === 3);
        assert.deepEqual((await photosOf(id)).sort(), ["picture 1.png", "picture 2.png", "picture 3.png"]);
        const refused = page.locator(".upload-item.is-refused");
        await until("what was taken needs no line", 5000, async () => (await page.locator(".upload-item").count()) === 2);
        assert.match(await refused.first().innerText(), /tiny\.png[^]*512/);
        await until("the end is told", 3000, async () => /Принято: 3/.test(await page.locator("#announce").innerText()));
        await refused.first().getByRole("button").last().click();
        assert.equal(await page.locator(".upload-item").count(), 1);
    }),
);

test(
    "what was not sent can be sent again, and what waits can be cancelled",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        visitor.expect(/^failed: .*\/photos/);
        visitor.expect(/console.*(ERR_FAILED|Failed to load)/i);
        const id = await addDraft(world, owner);
        await visitor.open(`/avatars/${id}`);
        let broken = true;
        await page.route("**/api/v1/avatars/*/photos?*", (route) => (broken ? route.abort() : route.continue()));
        await input(page).setInputFiles([file(1)]);
        const item = page.locator(".upload-item");
        await item.getByText("Не отправлено").waitFor();
        broken = false;
        await item.getByRole("button", { name: /^Ещё раз/ }).click();
        await until("it is there", 10000, async () => (await photosOf(id)).length === 1);
        await until("only how it ended counts", 5000, async () =>
            /Принято: 1, не подошло: 0/.test(await page.locator("#announce").innerText()),
        );
        await until("its line is gone", 5000, async () => (await item.count()) === 0);
        await page.unroute("**/api/v1/avatars/*/photos?*");
        const release = await hold(page);
        await input(page).setInputFiles(files(3, 10));
        await item.nth(2).getByRole("button", { name: /^Отменить/ }).click();
        await until("two are left", 3000, async () => (await item.count()) === 2);
        release();
        await until("both are there", 10000, async () => (await photosOf(id)).length === 3);
        assert.ok(!(await photosOf(id)).includes("picture 12.png"));
        await until("their lines are gone", 5000, async () => (await item.count()) === 0);
        await hold(page, "picture");
        await input(page).setInputFiles([tiny, file(20)]);
        await page.locator(".upload-item.is-refused").waitFor();
        await item.nth(1).getByRole("button", { name: /^Отменить/ }).click();
        await until("the end is told without what was cancelled", 5000, async () =>
            /Принято: 0, не подошло: 1/.test(await page.locator("#announce").innerText()),
        );
    }),
);

test(
    "files can be dropped, and more than there is room for are refused at once",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner, 18);
        await visitor.open(`/avatars/${id}`);
        const bytes = [...file(5).buffer];
        const transfer = await page.evaluateHandle(
            ([bytes]) => {
                const data = new DataTransfer();
                for (let i = 0; i < 3; i++) {
                    const more = new Uint8Array([...bytes, i]); // behind the end: another file, the same picture
                    data.items.add(new File([more], `drop ${i}.png`, { type: "image/png" }));
                }
                return data;
            },
            [bytes],
        );
        await page.dispatchEvent("[data-drop]", "dragover", { dataTransfer: transfer });
        assert.ok(await page.locator("[data-drop].is-over").count());
        const release = await hold(page);
        await page.dispatchEvent("[data-drop]", "drop", { dataTransfer: transfer });
        await page.locator(".upload-item.is-refused").getByText("больше нет места").waitFor();
        release();
        await until("twenty are there", 10000, async () => (await photosOf(id)).length === 20);
        await until("no more are taken", 5000, async () => (await input(page).count()) === 0);
    }),
);

for (const javascript of [true, false])
    test(
        `one photo can be deleted (${javascript ? "with" : "without"} JavaScript)`,
        visit({ javascript }, async (page, visitor) => {
            const id = await addDraft(world, owner, 3);
            await visitor.open(`/avatars/${id}`);
            await page.locator(".photo-delete").nth(1).click();
            await page.waitForURL(/done=photo_deleted/);
            assert.equal(await tiles(page).count(), 2);
            assert.equal((await photosOf(id)).length, 2);
        }),
    );

test(
    "a page that refused to train still follows what happens, and has an address that can be asked for",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        visitor.expect(/^409 \/avatars\/[0-9a-f-]{36}\/train/);
        const id = await addDraft(world, owner, 10);
        await visitor.open(`/avatars/${id}`);
        await addTraining(world, owner, await addDraft(world, owner, 10));
        try {
            await page.locator("#train button[type=submit]").click();
            await page.getByText("Уже обучается другой аватар").waitFor();
        } finally {
            await endTrainings(world, owner);
        }
        await visitor.ready();
        await input(page).setInputFiles([file(1)]);
        await until("the photo is shown", 10000, async () => (await tiles(page).count()) === 11);
        assert.equal(new URL(page.url()).pathname, `/avatars/${id}`);
        await page.reload();
        await page.locator("#photos").waitFor();
    }),
);

test(
    "a training is cancelled from its page, and the photos are still there",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner, 10);
        await addTraining(world, owner, id, { status: "pending", progress: 0 });
        await visitor.open(`/avatars/${id}`);
        assert.equal(await page.locator("#training-title").innerText(), "Готовим архив с фотографиями");
        assert.equal(await page.locator("#delete").count(), 0, "it cannot be deleted meanwhile");
        await page.locator('form[action$="/train/cancel"] button').click();
        await page.locator("#photos").waitFor({ timeout: 10000 });
        assert.equal(await tiles(page).count(), 10);
        assert.equal(await statusOf(id), "draft");
    }),
);

test(
    "progress is followed in the list and on the page, without a reload, and never says more than is known",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner, 10, { name: "Followed" });
        const training = await addTraining(world, owner, id, { status: "queued", progress: 3 });
        const list = await visitor.tab("/avatars");
        await visitor.open(`/avatars/${id}`);
        await page.evaluate(() => (window.marker = true));
        const set = (what) => world.sql(`UPDATE trainings SET ${what} WHERE id = '${training}'`);
        await set("status = 'running', progress = 57");
        await until("the page says it", 8000, async () => /57 %/.test(await page.locator("#training").innerText()));
        assert.equal(await page.locator("#training-title").innerText(), "Модель учится");
        assert.equal(await page.locator("#training progress").evaluate((bar) => bar.value), 57);
        await until("the list says it", 8000, async () =>
            /57 %/.test(await list.locator(`#a-${id}`).innerText()),
        );
        await set("status = 'failed', error_code = 'training_refused', finished_at = now()");
        await page.locator("#why").getByText("Провайдер не принял фотографии").waitFor({ timeout: 8000 });
        assert.match(await page.locator("#why").innerText(), /Фотографии сохранены/);
        assert.equal(await tiles(page).count(), 10);
        assert.equal(await page.evaluate(() => window.marker), true);
    }),
);

test(
    "a form with faults comes back filled in, and one without them makes one avatar however often it is clicked",
    visit({}, async (page, visitor) => {
        visitor.expect(/^422 \/avatars\/new/);
        await visitor.open("/avatars/new");
        await page.locator("#gender-female").check({ force: true });
        await page.locator("#name").fill("   ");
        const submit = page.locator('form[action="/avatars/new"] button[type=submit]');
        await submit.click();
        await page.locator(".error-summary").waitFor();
        assert.ok(await page.locator("#gender-female").isChecked());
        await page.locator("#name").fill("Clicked twice");
        await submit.dblclick();
        await page.waitForURL(/done=avatar_made/);
        const [[count]] = await world.sql("SELECT count(*) FROM avatars WHERE name = 'Clicked twice'");
        assert.equal(Number(count), 1);
    }),
);

test(
    "with the keyboard alone: a photo is deleted and a training is begun",
    visit({}, async (page, visitor) => {
        visitor.expect(/^layout shift/);
        const id = await addDraft(world, owner, 11);
        await endTrainings(world, owner);
        await visitor.open(`/avatars/${id}`);
        const tabTo = async (selector) => {
            for (let i = 0; i < 80; i++) {
                await page.keyboard.press("Tab");
                if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
            }
            assert.fail(`${selector} cannot be reached`);
        };
        await tabTo("input[type=file]");
        await tabTo(".photo-delete");
        await page.keyboard.press("Enter");
        await page.waitForURL(/done=photo_deleted/);
        await visitor.ready();
        await tabTo("input[name=preset]");
        await page.keyboard.press("ArrowUp");
        assert.ok(await page.locator("#preset-fast").isChecked());
        await tabTo("#train button[type=submit]");
        await page.keyboard.press("Enter");
        await page.locator("#training").waitFor();
        const [[preset]] = await world.sql(`SELECT preset FROM trainings WHERE avatar_id = '${id}'`);
        assert.equal(preset, "fast");
        await until("it ends", 20000, async () => (await statusOf(id)) !== "training");
    }),
);
