// A whole Aisha and a browser for one test file; visitors are contexts of their own in that browser.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { hasBrowser, launch } from "../../api/support/browser.mjs";
import { ROOT } from "../../api/support/client.mjs";
import { until } from "../../api/support/process.mjs";
import { World } from "../../api/support/world.mjs";
import { Watch } from "./watch.mjs";

const SHOTS = path.join(process.env.VAR_DIR ?? path.join(ROOT, "var"), "test/browser");

export class Web {
    static async start(options = {}) {
        assert.ok(hasBrowser, "there is no Chromium (package chromium)");
        const web = new Web();
        const root = process.env.AISHA_ROOT ? { AISHA_ROOT: process.env.AISHA_ROOT } : {};
        const turns = { FAL_CONCURRENCY: "16", FAL_USER_CONCURRENCY: "4" }; // room for others beside one who has all of his
        web.world = await World.start({ ...options, env: { ...root, ...turns, ...options.env } });
        try {
            web.browser = await launch();
        } catch (error) {
            await web.world.stop();
            throw error;
        }
        web.url = web.world.url;
        web.states = new Map();
        web.people = 1000;
        return web;
    }

    // A user made on first sight by the service, which is quicker than the command; a client that also knows id.
    async person(name, { lang = "ru", zone = "UTC" } = {}) {
        const person = this.world.service.with({
            "x-acting-user": `telegram:${++this.people}`,
        });
        const { id } = (await person.patch("/api/v1/me", { name, locale: lang, time_zone: zone })).json;
        return Object.assign(person, { id, acts: true });
    }

    // The path of a new sign-in link.
    async link(person) {
        if (person.acts)
            return new URL((await person.post("/api/v1/auth/links", {}, { status: 201 })).json.url).pathname;
        return new URL((await this.world.command("link", "create", "--user", person.id)).url).pathname;
    }

    // Through the page of a link, as a person does it. The rest of the file uses the session that this makes.
    async signIn(page, person, link) {
        await page.goto(this.url + (link ?? (await this.link(person))));
        await page.locator("main form[method=post] button, main form[method=POST] button").click();
        await page.waitForURL((url) => !url.pathname.startsWith("/auth/link"));
    }

    async #stateOf(person) {
        if (!this.states.has(person.id)) {
            const context = await this.browser.newContext();
            await this.signIn(await context.newPage(), person);
            this.states.set(person.id, await context.storageState());
            await context.close();
        }
        return this.states.get(person.id);
    }

    // The next visitor signs in anew: the session of this person has ended.
    forget(person) {
        this.states.delete(person.id);
    }

    // {cookie, csrf, client}: the person's session for requests without a browser.
    async session(person) {
        const { cookies } = await this.#stateOf(person);
        const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
        const client = this.world.anonymous.as({ cookie });
        return { cookie, client, csrf: (await client.get("/api/v1/me")).json.csrf_token };
    }

    // A page as text: {status, headers, html}.
    async fetch(client, target, headers = {}) {
        const {
            status,
            headers: got,
            bytes,
        } = await client.raw("GET", target, {
            headers: { accept: "text/html,*/*;q=0.8", ...headers },
        });
        return { status, headers: got, html: bytes.toString("utf8") };
    }

    // options: as (a person; null: nobody), javascript, lang, theme (of the system), width, height, keyboard, more
    // (of Playwright's context).
    async visitor(options = {}) {
        const { as = this.world.owner, javascript = true, lang, theme = "light", width = 1280, height = 900 } = options;
        if (as && lang) await as.patch("/api/v1/me", { locale: lang });
        const context = await this.browser.newContext({
            storageState: as ? await this.#stateOf(as) : undefined,
            javaScriptEnabled: javascript,
            colorScheme: theme,
            viewport: { width, height },
            locale: lang === "en" ? "en-GB" : "ru-RU",
            timezoneId: "UTC",
            acceptDownloads: true,
            ...options.more,
        });
        context.setDefaultTimeout(5000);
        const watch = new Watch(this.url);
        await watch.follow(context, javascript);
        const visitor = new Visitor(this, context, watch, await context.newPage());
        return Object.assign(visitor, { javascript });
    }

    async stop() {
        await this.browser?.close();
        await this.world?.stop();
    }
}

export class Visitor {
    constructor(web, context, watch, page) {
        Object.assign(this, { web, context, watch, page });
    }

    async open(target, status = 200) {
        if (status >= 400) this.watch.expect(new RegExp(`^${status} ${escape(target.split("#")[0])}`));
        const answer = await this.page.goto(this.web.url + target);
        assert.equal(answer.status(), status, `${target}: ${answer.status()}`);
        await this.ready();
        return answer;
    }

    // The page's modules are at work: they are loaded by the first one, after the page itself.
    async ready(page = this.page) {
        await page.waitForLoadState("load");
        if (!this.javascript) return;
        await until("the modules are there", 5000, () => this.watch.scripts.get(page).size === 0, 10);
        await page.evaluate(async () => {
            const modules = () =>
                performance
                    .getEntriesByType("resource")
                    .flatMap(({ name }) => (/\/static\/[^?]*\.js$/.test(name) ? [name] : []));
            for (let known = -1; known !== modules().length;) {
                known = modules().length;
                await Promise.all(modules().map((name) => import(name).catch(() => {})));
            }
        });
    }

    async tab(target) {
        const page = await this.context.newPage();
        await page.goto(this.web.url + target);
        await this.ready(page);
        return page;
    }

    expect(pattern) {
        this.watch.expect(pattern);
    }

    // What has just moved is reported with the next frame; a page in the background has none.
    async calm() {
        const drawn = () => new Promise((done) => setTimeout(done, 200) && requestAnimationFrame(() => setTimeout(done, 20)));
        if (this.javascript) await Promise.all(this.context.pages().map((page) => page.evaluate(drawn).catch(() => {})));
        assert.deepEqual(await this.watch.take(), []);
    }

    async close() {
        await this.context.close();
    }
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// The body of a test: run(page, visitor) as that visitor; afterwards nothing must have been wrong on any page.
export const visiting = (getWeb, options, run) => async (t) => {
    const visitor = await getWeb().visitor(options);
    try {
        await run(visitor.page, visitor);
        await visitor.calm();
    } catch (error) {
        await shoot(visitor, t.name);
        throw error;
    } finally {
        await visitor.close();
    }
};

// What the person saw when it went wrong.
async function shoot(visitor, name) {
    fs.mkdirSync(SHOTS, { recursive: true });
    const file = path.join(SHOTS, `${name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80)}.png`);
    await visitor.page.screenshot({ path: file, timeout: 3000 }).catch(() => {});
    console.log(`# seen: ${path.relative(ROOT, file)} at ${visitor.page.url()}`);
}
