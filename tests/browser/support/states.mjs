// Every page in every state that people meet, for tests that look at all of them. A state:
//   target   path, or what makes it of `it` (see Stage)
//   as       owner (by default), newcomer (has nothing yet), waiter (has to wait), poor (has 3 credits), leaver
//            (has asked for the end of a training), nobody
//   status   200 by default
//   send     {action, fields}: the page's form of that action is sent with these fields, and what then comes is the state
import { NOBODY } from "../../api/support/things.mjs";
import {
    addChecked,
    addGeneration,
    addMany,
    addPictures,
    addStyle,
    addWaiting,
    copySettled,
    likeStyle,
    setAvailable,
    setBreaker,
    settle,
    takeSlots,
} from "./fixtures.mjs";
import { addBatch } from "./batches.mjs";
import { HOSTILE } from "./hostile.mjs";
import { addDraft, addTraining } from "./photos.mjs";

export const STATES = {
    "sign-in page": { target: "/login", as: "nobody" },
    "sign-in page with a way back": { target: "/login?next=/images", as: "nobody" },
    link: { target: (it) => it.link, as: "nobody" },
    "link that is gone": { target: "/auth/link/AAAAAAAAAAAAAAAAAAAAAAAA", as: "nobody", status: 410 },
    "nothing there, for nobody": { target: "/no/such/page", as: "nobody", status: 404 },
    "nothing there": { target: `/images/${NOBODY}`, status: 404 },
    "wrong address": { target: "/no/such/page", status: 404 },
    "wrong query": { target: "/images?before=1", status: 400 },
    "wrong method": { target: "/auth/logout", status: 405 },
    "form of an old session": {
        target: "/settings",
        send: { action: "/settings", fields: { csrf_token: "old" } },
        status: 403,
    },
    gallery: { target: "/images" },
    "gallery, an older page": { target: (it) => `/images?before=${it.many[20]}` },
    "gallery, favourites": { target: "/images?favorite=true" },
    "gallery of one avatar": { target: (it) => `/images?avatar=${it.portrait.id}` },
    "gallery, nothing fits": { target: (it) => `/images?avatar=${it.style.id}&favorite=true` },
    "gallery, empty": { target: "/images", as: "newcomer" },
    "gallery, just deleted": { target: (it) => `/images?done=deleted&undo=${it.deleted}` },
    image: { target: (it) => `/images/${it.image.id}` },
    "image, a favourite": { target: (it) => `/images/${it.favorite}` },
    "image of a hostile prompt": { target: (it) => `/images/${it.hostile}` },
    create: { target: "/create" },
    "create, without an avatar": { target: "/create", as: "newcomer" },
    "create again from an image": { target: (it) => `/create?image=${it.image.id}` },
    "create with the style": { target: (it) => `/create?avatar=${it.style.id}` },
    "create, a form with faults": {
        target: "/create",
        send: { action: "/create", fields: { prompt: " " } },
        status: 422,
    },
    "create, too little to spend": { target: "/create", as: "poor" },
    "create, refused for want of credits": {
        target: "/create",
        as: "poor",
        send: { action: "/create", fields: { prompt: "too dear" } },
        status: 402,
    },
    styles: { target: "/styles" },
    "styles of one category": { target: "/styles?category=fantasy" },
    "styles that were searched for": { target: "/styles?q=sea" },
    "styles, none found": { target: "/styles?q=zzzz" },
    "styles, favourites": { target: "/styles?category=favorites" },
    "styles, no favourites": { target: "/styles?category=favorites", as: "newcomer" },
    "styles, own ones": { target: "/styles?category=own" },
    "styles, none of one's own": { target: "/styles?category=own", as: "newcomer" },
    "styles, without an avatar": { target: "/styles", as: "newcomer" },
    "styles, too little to spend": { target: "/styles", as: "poor" },
    "a style": { target: "/styles/neon-street" },
    "a style with another avatar": { target: (it) => `/styles/business-portrait?avatar=${it.style.id}` },
    "a style, without an avatar": { target: "/styles/neon-street", as: "newcomer" },
    "a style, refused for want of credits": {
        target: "/styles/neon-street",
        as: "poor",
        send: { action: "/styles/neon-street", fields: {} },
        status: 402,
    },
    "a style of one's own": { target: (it) => `/styles/${it.own}` },
    "a new style": { target: "/styles/new" },
    "a new style of a picture": { target: (it) => `/styles/new?image=${it.image.id}` },
    "a new style, a form with faults": {
        target: "/styles/new",
        send: { action: "/styles/new", fields: { title: " ", prompt: " " } },
        status: 422,
    },
    "a style that is changed": { target: (it) => `/styles/${it.own}/edit` },
    "create from a style": { target: "/create?style=neon-street" },
    "batch, new": { target: "/create/batch" },
    "batch, new without an avatar": { target: "/create/batch", as: "newcomer" },
    "batch, new with faults": {
        target: "/create/batch",
        send: { action: "/create/batch", fields: { prompts: " \n " } },
        status: 422,
    },
    "batch, refused for want of credits": {
        target: "/create/batch",
        as: "poor",
        send: { action: "/create/batch", fields: { prompts: "too\ndear" } },
        status: 402,
    },
    "batch, running": { target: (it) => `/batches/${it.batchRunning}` },
    "batch, ended in every way": { target: (it) => `/batches/${it.batchMixed}` },
    "batch, all made": { target: (it) => `/batches/${it.batchMade}` },
    "batch, cancelled": { target: (it) => `/batches/${it.batchCancelled}` },
    "batch, what was not made": { target: (it) => `/create/batch?batch=${it.batchMixed}` },
    generations: { target: "/generations" },
    "generations, none": { target: "/generations", as: "newcomer" },
    "generation, done": { target: (it) => `/generations/${it.done.id}` },
    "generation, failed": { target: (it) => `/generations/${it.failed}` },
    "generation, cancelled": { target: (it) => `/generations/${it.cancelled}` },
    "generation, running": { target: (it) => `/generations/${it.running}` },
    "generation, queued": { target: (it) => `/generations/${it.queued}` },
    "generation, done in part": { target: (it) => `/generations/${it.part}` },
    "generation, done late": { target: (it) => `/generations/${it.late}` },
    "generation, waiting for its turn": { target: (it) => `/generations/${it.waiting}`, as: "waiter" },
    "generation, waiting in the background": { target: (it) => `/generations/${it.background}`, as: "waiter" },
    "generation, its provider is away": { target: (it) => `/generations/${it.away}` },
    "generation, being looked for": { target: (it) => `/generations/${it.checked}` },
    "generations, waiting": { target: "/generations", as: "waiter" },
    "gallery, waiting": { target: "/images", as: "waiter" },
    avatars: { target: "/avatars" },
    "avatars, none": { target: "/avatars", as: "newcomer" },
    avatar: { target: (it) => `/avatars/${it.portrait.id}` },
    "avatar, a style": { target: (it) => `/avatars/${it.style.id}` },
    "avatar, new": { target: "/avatars/new" },
    "avatar, new with faults": {
        target: "/avatars/new",
        send: { action: "/avatars/new", fields: { name: "" } },
        status: 422,
    },
    "avatar, a draft": { target: (it) => `/avatars/${it.draft}` },
    "avatar, a draft with some photos": { target: (it) => `/avatars/${it.some}` },
    "avatar, ready to be trained": { target: (it) => `/avatars/${it.ready}` },
    "avatar, too dear to be trained": { target: (it) => `/avatars/${it.dear}`, as: "poor" },
    "avatar, learning": { target: (it) => `/avatars/${it.learning}` },
    "avatar, learning anew": { target: (it) => `/avatars/${it.anew}`, as: "waiter" },
    "avatar, its end is waited for": { target: (it) => `/avatars/${it.ending}`, as: "leaver" },
    "avatar, its training failed": { target: (it) => `/avatars/${it.spoiled}` },
    "avatar, trained here": { target: (it) => `/avatars/${it.trained}` },
    "avatars, one learns": { target: "/avatars", as: "waiter" },
    "avatar, import": { target: "/avatars/import" },
    "avatar, import with faults": {
        target: "/avatars/import",
        send: { action: "/avatars/import", fields: { name: "" } },
        status: 422,
    },
    settings: { target: "/settings" },
    "settings, a new token": {
        target: "/settings",
        send: { action: "/settings/tokens", fields: { token_name: "For a script", scope_read: "true" } },
    },
};

export async function makeStage(web) {
    const { world } = web;
    const owner = world.owner;
    const it = await settle(owner);
    const day = (n) => new Date(Date.now() - n * 86400e3).toISOString();
    it.many = await addMany(world, owner, 40, day(9));
    [it.hostile, it.favorite] = await addPictures(world, owner, [
        { at: day(3), prompt: HOSTILE.markup, custom_name: HOSTILE.markup.slice(0, 100) },
        { at: day(2), prompt: "a favourite", is_favorite: true, custom_name: "Любимая" },
    ]);
    for (const status of ["failed", "cancelled", "running", "queued"])
        it[status] = await addGeneration(world, owner, { status, prompt: `${status} by itself` });
    [it.deleted] = await addPictures(world, owner, [{ at: day(4), prompt: "deleted" }]);
    await owner.delete(`/api/v1/images/${it.deleted}`);
    await plantWaits(web, it);
    await plantBatches(web, it);
    it.own = await addStyle(world, owner, it.image.id);
    await addStyle(world, owner, null, { title: HOSTILE.markup.slice(0, 60), prompt: HOSTILE.markup.slice(0, 400) });
    await likeStyle(world, owner, "forest-elf");
    it.newcomer = await web.person("Nina Newcomer");
    await plantAvatars(web, it);
    it.link = await web.link(await web.person("Lena Link"));
    return it;
}

async function plantBatches(web, it) {
    const { world } = web;
    const prompts = ["a lighthouse in a storm", HOSTILE.markup, "the same lighthouse at dawn", "and on a postcard"];
    const batch = (statuses, more) =>
        addBatch(
            world,
            world.owner,
            it.portrait.id,
            statuses.map((status, i) => ({ prompt: prompts[i], status, code: "too_long" })),
            more,
        );
    it.batchRunning = await batch(["completed", "running", "queued", "refused"]);
    it.batchMixed = await batch(["completed", "refused", "failed", "cancelled"]);
    it.batchMade = await batch(["completed", "completed"], { mode: "sequential" });
    it.batchCancelled = await batch(["completed", "cancelled", "cancelled"], { cancelled: true });
}

// Avatars on their way.
async function plantAvatars(web, it) {
    const { world } = web;
    const owner = world.owner;
    for (const [name, photos] of Object.entries({ draft: 0, some: 3, ready: 11, spoiled: 10, trained: 12, learning: 10 }))
        it[name] = await addDraft(world, owner, photos, { name: `A ${name} one` });
    await addTraining(world, owner, it.spoiled, { status: "failed", error_code: "'training_refused'", finished_at: "now()" });
    await world.sql(`UPDATE avatars SET status = 'completed', training_preset = 'quality', lora_url = 'https://x/l',
        model_key = 'x/l.safetensors', model_bytes = 89000000, model_sha256 = '\\x00', completed_at = now()
        WHERE id = '${it.trained}'`);
    await addTraining(world, owner, it.learning);
    it.dear = await addDraft(world, it.poor, 12, { name: "Too dear" });
    it.anew = await addDraft(world, it.waiter, 10, { name: "Once more" });
    await world.sql(`UPDATE avatars SET status = 'completed', lora_url = 'https://x/l' WHERE id = '${it.anew}'`);
    await addTraining(world, it.waiter, it.anew, { status: "storing", progress: 92 });
    it.leaver = await web.person("Lea Leaver");
    it.ending = await addDraft(world, it.leaver, 10, { name: "Given up" });
    await addTraining(world, it.leaver, it.ending, { cancel_requested: true });
}

// What has to wait, and for what; what was charged for in part, and not at all.
async function plantWaits(web, it) {
    const { world } = web;
    const owner = world.owner;
    it.part = await addGeneration(world, owner, { num_images: 4, cost: 8, charged: 6 });
    it.late = await addGeneration(world, owner, { charged: 0 });
    await setBreaker(world, "away");
    it.away = await addWaiting(world, owner, { endpoint: "away", num_images: 4 });
    it.checked = await addChecked(world, owner);
    it.waiter = await web.person("Wanda Waiter");
    await copySettled(world, it, it.waiter);
    await takeSlots(world, it.waiter, 4);
    await addWaiting(world, it.waiter);
    it.waiting = await addWaiting(world, it.waiter);
    it.background = await addWaiting(world, it.waiter, { lane: 1 });
    it.poor = await web.person("Paul Poor");
    await copySettled(world, it, it.poor);
    await setAvailable(world, it.poor, 3);
}

export const personOf = (web, it, state) => ({ nobody: null, owner: web.world.owner, ...it })[state.as ?? "owner"];
export const targetOf = (state, it) => (typeof state.target === "function" ? state.target(it) : state.target);
