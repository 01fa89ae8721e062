// A page that comes in pieces over a slow connection: what is there stays where it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addGeneration, addMany, copySettled, settle } from "./support/fixtures.mjs";
import { settled } from "./support/look.mjs";
import { addDraft, addTraining } from "./support/photos.mjs";
import { slowWay } from "./support/slow.mjs";
import { SHIFT_FORGIVEN } from "./support/watch.mjs";
import { Web } from "./support/web.mjs";

let web, way, person;
const targets = {};

async function learner(world) {
    const id = await addDraft(world, person, 10);
    await addTraining(world, person, id);
    return id;
}

before(async () => {
    web = await Web.start({ generationMs: 50 });
    const { world } = web;
    person = await web.person("Sonya Slow", { lang: "ru" });
    const it = await copySettled(world, await settle(world.owner), person);
    await addMany(world, person, 30, new Date(Date.now() - 86400e3).toISOString());
    await world.sql(`UPDATE generations SET num_images = 4 WHERE user_id = '${person.id}'`); // as many as are shown
    way = await slowWay(web.url);
    Object.assign(targets, {
        "the gallery": "/images",
        "a picture": `/images/${it.image.id}`,
        "the form": "/create",
        history: "/generations",
        "what failed": `/generations/${await addGeneration(world, person, { status: "failed" })}`,
        "what runs": `/generations/${await addGeneration(world, person, { status: "running" })}`,
        "an avatar": `/avatars/${it.portrait.id}`,
        "a draft of an avatar": `/avatars/${await addDraft(world, person, 5)}`,
        "an avatar that learns": `/avatars/${await learner(world)}`,
        "a new avatar": "/avatars/new",
        settings: "/settings",
    });
});
after(async () => {
    await way?.stop();
    await web?.stop();
});

// What jumped on the pages at these targets ({name: path}) for that person, or for nobody (null).
async function jumps(as, targets, width) {
    const visitor = await web.visitor({ as, width, height: width < 400 ? 640 : 900 });
    const moved = [];
    try {
        for (const [name, target] of Object.entries(targets)) {
            await visitor.page.goto(way.url + target);
            await settled(visitor.page);
            for (const { value, sources } of visitor.watch.shifts.values())
                if (value > SHIFT_FORGIVEN) moved.push(`${name}: ${value.toFixed(4)} by ${[...new Set(sources)].join(" | ")}`);
            visitor.watch.shifts.clear();
        }
    } finally {
        await visitor.close();
    }
    return moved;
}

for (const width of [320, 768, 1280])
    test(`nothing jumps on pages ${width} pixels wide that come in pieces`, async () => {
        assert.deepEqual(await jumps(person, targets, width), []);
        const open = { "signing in": "/login", "signed out": "/login?done=signed_out", nothing: "/nowhere" };
        assert.deepEqual(await jumps(null, open, width), []);
    });
