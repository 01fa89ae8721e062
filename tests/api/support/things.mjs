// What most tests need first: avatars, and generations that have ended.
import assert from "node:assert/strict";
import { until } from "./process.mjs";

export const PORTRAIT = {
    name: "Anna",
    gender: "female",
    training_type: "portrait",
    trigger_phrase: "ANNA woman",
    diffusers_lora_file_url: "https://v3.fal.media/files/penguin/anna.safetensors",
};
export const STYLE = {
    name: "Ink",
    gender: "other",
    training_type: "style",
    trigger_word: "INKSTYLE",
    finetune_id: "0f0e0d0c-0b0a-4908-8706-050403020100",
};
export const STYLE_LORA = {
    name: "Linocut",
    gender: "other",
    training_type: "style",
    trigger_word: "LINOCUT",
    diffusers_lora_file_url: "https://v3.fal.media/files/penguin/linocut.safetensors",
};
export const NOBODY = "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11"; // a UUID that nothing has
export const ENDED = ["completed", "failed", "cancelled"];

export async function importAvatar(client, body, more = {}) {
    return (await client.post("/api/v1/avatars/import", { ...body, ...more }, { status: 201 })).json;
}

export async function ask(client, body) {
    return (await client.post("/api/v1/generations", body, { status: 202 })).json;
}

export async function follow(client, id, ms = 30000) {
    let last;
    await until(`generation ${id} ends`, ms, async () => {
        last = (await client.get(`/api/v1/generations/${id}`)).json;
        return ENDED.includes(last.status);
    });
    return last;
}

export async function generate(client, body, ms) {
    const { id } = await ask(client, body);
    const done = await follow(client, id, ms);
    assert.equal(done.status, "completed", JSON.stringify(done.error));
    return done;
}

// Every item of a list, page by page.
export async function walk(client, path, limit = 100) {
    const items = [];
    let cursor = null;
    do {
        const query = `${path.includes("?") ? "&" : "?"}limit=${limit}${cursor ? `&cursor=${cursor}` : ""}`;
        const page = (await client.get(path + query)).json;
        items.push(...page.items);
        cursor = page.next_cursor;
    } while (cursor);
    return items;
}

// The page of a sign-in link, as a browser has it before the button is pressed: {path, cookie, form}.
export async function openLink(world, url) {
    const path = new URL(url, world.url).pathname;
    const page = await world.anonymous.get(path);
    const csrf_token = page.text.match(/name="csrf_token" value="([^"]+)"/)[1];
    return {
        path,
        cookie: page.headers["set-cookie"].split(";")[0],
        form: new URLSearchParams({ csrf_token }).toString(),
    };
}

// Presses the button. headers: more of them, or others.
export async function pressLink(client, { path, cookie, form }, { status = 303, headers = {} } = {}) {
    const cookies = [client.headers.cookie, cookie].filter(Boolean).join("; ");
    return client.expect(status, "POST", path, {
        headers: { cookie: cookies, ...headers },
        type: "application/x-www-form-urlencoded",
        body: form,
    });
}

// Uses a sign-in link as a browser does: its page first, then the page's form.
export async function useLink(world, url) {
    return pressLink(world.anonymous, await openLink(world, url), { headers: { origin: world.url } });
}

// A browser's session of a user: cookie and CSRF token.
export async function signIn(world, user) {
    const used = await useLink(world, (await world.command("link", "create", "--user", user.id)).url);
    const cookie = used.headers["set-cookie"].split("\n").find((line) => line.startsWith("__Host-sid=")).split(";")[0];
    const me = (await world.anonymous.as({ cookie }).get("/api/v1/me")).json;
    return { cookie, csrf: me.csrf_token, client: world.anonymous.as({ cookie, "x-csrf-token": me.csrf_token }) };
}
