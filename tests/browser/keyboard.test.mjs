// The main flow with nothing but a keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { follow } from "../api/support/things.mjs";
import { settle } from "./support/fixtures.mjs";
import { makeStage, STATES, personOf, targetOf } from "./support/states.mjs";
import { Web, visiting } from "./support/web.mjs";

let web, world, owner, it;

before(async () => {
    web = await Web.start({ generationMs: 400 });
    world = web.world;
    owner = world.owner;
    it = await makeStage(web);
});
after(() => web?.stop());

// What has the focus: {tag, href, name, text, seen}. seen: something about it is drawn differently, and inside the window.
function focus(page) {
    return page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body) return null;
        const drawing = (s) => ({
            outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0,
            shadow: s.boxShadow,
        });
        const look = (element) => drawing(getComputedStyle(element));
        const lookAround = () => [...near.map(look), drawing(getComputedStyle(e, "::after"))];
        const label = e.labels?.[0];
        const near = [e, label, e.closest(".choice, .tile, .card, .chip, .field")].filter(Boolean);
        const now = lookAround();
        const focused = document.activeElement;
        focused.blur();
        const rest = lookAround();
        focused.focus({ preventScroll: true });
        const drawn = now.some((n, i) => n.outline || (n.shadow !== "none" && n.shadow !== rest[i].shadow));
        const box = (e.getClientRects().length && e.offsetWidth > 1 ? e : (label ?? e)).getBoundingClientRect();
        const inside =
            box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
        return {
            tag: e.tagName,
            href: e.getAttribute("href"),
            name: e.getAttribute("name"),
            action: e.form ? new URL(e.form.action).pathname : null,
            text: (e.innerText || e.getAttribute("aria-label") || e.value || "").trim().slice(0, 40),
            seen: drawn && inside,
            drawn,
            inside,
        };
    });
}

// Tab until something fits; every stop on the way must be seen.
async function tabTo(page, fits, what, key = "Tab") {
    for (let i = 0; i < 120; i++) {
        await page.keyboard.press(key);
        const at = await focus(page);
        if (!at) continue;
        assert.ok(at.seen, `the focus cannot be seen: ${JSON.stringify(at)}`);
        if (fits(at)) return at;
    }
    assert.fail(`${what} cannot be reached`);
}

test(
    "from the link to a favourite picture and back, with the keyboard alone",
    visiting(
        () => web,
        { as: null },
        async (page, visitor) => {
            await visitor.open(await web.link(owner));
            await tabTo(page, (at) => at.tag === "BUTTON", "the button of the link");
            await page.keyboard.press("Enter");
            await page.waitForURL(/\/images$/);
            await tabTo(page, (at) => at.href === "/create", "the way to create");
            await page.keyboard.press("Enter");
            await page.waitForURL(/\/create$/);
            await page.waitForLoadState("load");
            await tabTo(page, (at) => at.name === "prompt", "the prompt");
            await page.keyboard.type("a garden by keyboard");
            await tabTo(
                page,
                (at) =>
                    at.tag === "BUTTON" &&
                    at.action === "/create" &&
                    at.name !== "example" &&
                    !/example/i.test(at.text),
                "the button that creates",
            );
            await page.keyboard.press("Enter");
            await page.waitForURL((url) => url.pathname !== "/create");
            const [[id]] = await world.sql(`SELECT id FROM generations WHERE prompt = 'a garden by keyboard'`);
            const done = await follow(owner, id);
            const image = done.images[0].id;
            await page.locator(`main a[href^="/images/${image}"]`).first().waitFor();
            await tabTo(page, (at) => at.href?.startsWith(`/images/${image}`), "the picture");
            await page.keyboard.press("Enter");
            await page.waitForURL(`**/images/${image}*`);
            await page.waitForLoadState("load");
            await tabTo(page, (at) => at.action === `/images/${image}/favorite`, "the heart");
            await page.keyboard.press("Space");
            await until(
                "it is a favourite",
                3000,
                async () => (await owner.get(`/api/v1/images/${image}`)).json.is_favorite,
            );
            await page.waitForLoadState("load");
            await tabTo(page, (at) => /^\/images(\?from=.*)?$/.test(at.href ?? ""), "the way back", "Shift+Tab");
            await page.keyboard.press("Enter");
            await page.waitForURL((url) => url.pathname === "/images");
        },
    ),
);

test(
    "the first stop leads past the navigation",
    visiting(
        () => web,
        {},
        async (page, visitor) => {
            for (const target of ["/images", "/create", "/settings", `/images/${it.image.id}`]) {
                await visitor.open(target);
                await page.keyboard.press("Tab");
                const at = await focus(page);
                assert.match(at.href ?? "", /^#/, target);
                assert.ok(at.seen, `${target}: the link can be seen when it has the focus ${JSON.stringify(at)}`);
                await page.keyboard.press("Enter");
                await page.keyboard.press("Tab");
                const inMain = await page.evaluate(() =>
                    document.querySelector("main").contains(document.activeElement),
                );
                assert.ok(inMain, `${target}: the next stop is in the content`);
            }
        },
    ),
);

const WALKED = [
    "gallery",
    "image",
    "create",
    "generation, failed",
    "generation, running",
    "avatars",
    "avatar",
    "avatar, new",
    "avatar, a draft with some photos",
    "avatar, learning",
    "avatar, import",
    "settings",
    "sign-in page",
    "nothing there",
];
for (const name of WALKED)
    test(`no trap: the focus walks through "${name}" and leaves it, and is always seen`, (t) => {
        const state = STATES[name];
        return visiting(
            () => web,
            { as: personOf(web, it, state) },
            async (page, visitor) => {
                await visitor.open(targetOf(state, it), state.status);
                const expected = await page.evaluate(
                    () =>
                        [
                            ...document.querySelectorAll(
                                "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary",
                            ),
                        ].filter((e) => e.checkVisibility({ checkVisibilityCSS: true }) && e.tabIndex >= 0).length,
                );
                let stops = 0;
                let left = false;
                for (let i = 0; i < expected + 40 && !left; i++) {
                    await page.keyboard.press("Tab");
                    const at = await focus(page);
                    if (!at) left = stops > 0;
                    else {
                        stops++;
                        assert.ok(at.seen, `the focus cannot be seen: ${JSON.stringify(at)}`);
                    }
                }
                assert.ok(left, `after ${stops} stops for ${expected} controls the page is not left`);
            },
        )(t);
    });
