// Prompts and names that try to be more than words, on every page that shows them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addGeneration, addPictures, copySettled, settle } from "./support/fixtures.mjs";
import { HOSTILE } from "./support/hostile.mjs";
import { assertFits, settled } from "./support/look.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world;
const things = {};

const cut = (text, length) => [...text].slice(0, length).join("");

before(async () => {
    web = await Web.start({ generationMs: 50 });
    world = web.world;
    const first = await settle(world.owner);
    for (const [kind, text] of Object.entries(HOSTILE)) {
        const person = await web.person(cut(text, 120).replace(/\n|\t/g, " "));
        const it = await copySettled(world, first, person);
        await person.patch(`/api/v1/avatars/${it.portrait.id}`, { name: cut(text, 60).replace(/\n|\t/g, " ").trim() });
        const prompt = cut(text, 1000);
        const [image, named] = await addPictures(world, person, [
            { at: new Date(Date.now() - 60e3).toISOString(), prompt },
            { at: new Date().toISOString(), prompt, custom_name: cut(text, 120).replace(/\n|\t/g, " ").trim() },
        ]);
        const statuses = {};
        for (const status of ["failed", "running", "cancelled"])
            statuses[status] = await addGeneration(world, person, { status, prompt });
        things[kind] = { person, prompt, image, named, avatar: it.portrait.id, ...statuses };
    }
});
after(() => web?.stop());

// Where the whole prompt stands, and how it is read there.
const WHOLE = {
    image: (it) => `/images/${it.image}`,
    named: (it) => `/images/${it.named}`,
    failed: (it) => `/generations/${it.failed}`,
    running: (it) => `/generations/${it.running}`,
    "create again": (it) => `/create?image=${it.image}`,
};
const PARTS = {
    gallery: () => "/images",
    generations: () => "/generations",
    avatars: () => "/avatars",
    avatar: (it) => `/avatars/${it.avatar}`,
    settings: () => "/settings",
    create: () => "/create",
};

// Every text and attribute of the document and the values of its fields.
const wordsOf = (page) =>
    page.evaluate(() => {
        const texts = [...document.querySelectorAll("main *")].map((e) => e.textContent);
        const values = [...document.querySelectorAll("textarea, input")].map((e) => e.value);
        return [...texts, ...values];
    });

describe("no script runs, nothing is cut off, the words are what was written", () => {
    for (const kind of Object.keys(HOSTILE))
        test(kind, async (t) => {
            const it = things[kind];
            await visiting(
                () => web,
                { as: it.person, width: 320, height: 640 },
                async (page, visitor) => {
                    visitor.expect(/^text: .*shows "\{\{|^text: .*shows "\}\}/); // of the prompt itself
                    for (const [name, target] of Object.entries({ ...WHOLE, ...PARTS })) {
                        await visitor.open(target(it));
                        await settled(page);
                        assert.equal(await page.evaluate(() => window.hacked), undefined, `${name}: a script ran`);
                        assert.equal(await page.locator("img[src=x], main svg[onload], main script").count(), 0, name);
                        await assertFits(page, 320, `${kind} at ${name}`);
                        if (!(name in WHOLE)) continue;
                        const words = await wordsOf(page);
                        assert.ok(
                            words.some((w) => w === it.prompt || w.trim() === it.prompt.trim()),
                            `${name}: the prompt is not what was written`,
                        );
                    }
                },
            )(t);
        });
});

test("words from right to left stay among themselves", async (t) => {
    const it = things.direction;
    await visiting(
        () => web,
        { as: it.person },
        async (page, visitor) => {
            for (const target of [WHOLE.image(it), WHOLE.failed(it), "/images", "/generations", "/avatars"]) {
                await visitor.open(target);
                const loose = await page.evaluate(() => {
                    const faults = [];
                    const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
                    while (walk.nextNode())
                        if (
                            /[\u202e\u2067]/.test(walk.currentNode.data) &&
                            !walk.currentNode.parentElement.closest("bdi, [dir=auto], textarea, option")
                        )
                            faults.push(walk.currentNode.parentElement.outerHTML.slice(0, 120));
                    return faults;
                });
                assert.deepEqual(loose, [], target);
            }
        },
    )(t);
});
