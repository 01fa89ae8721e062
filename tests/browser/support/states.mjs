// Every page in every state that people meet, for tests that look at all of them. A state:
//   target   path, or what makes it of `it` (see Stage)
//   as       owner (by default), newcomer (has nothing yet), waiter (has to wait), poor (has 3 credits), nobody
//   status   200 by default
//   send     {action, fields}: the page's form of that action is sent with these fields, and what then comes is the state
import { NOBODY } from "../../api/support/things.mjs";
import {
    addChecked,
    addGeneration,
    addMany,
    addPictures,
    addWaiting,
    copySettled,
    setAvailable,
    setBreaker,
    settle,
    takeSlots,
} from "./fixtures.mjs";
import { HOSTILE } from "./hostile.mjs";

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
    it.newcomer = await web.person("Nina Newcomer");
    it.link = await web.link(await web.person("Lena Link"));
    return it;
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
