// Every page in every state, looked at by axe in both themes and at both ends of the sizes, and by its width.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep } from "../api/support/process.mjs";
import { assertFits, axe, sendForm, settled } from "./support/look.mjs";
import { makeStage, personOf, STATES, targetOf } from "./support/states.mjs";
import { Web, visiting } from "./support/web.mjs";

const SIZES = [
    [360, 780],
    [1440, 900],
];
let web, it;

before(async () => {
    web = await Web.start({ env: { AVATARS_PER_USER: "100" } });
    it = await makeStage(web);
});
after(() => web?.stop());

async function reach(visitor, state) {
    const { page } = visitor;
    const target = targetOf(state, it);
    if (!state.send) return visitor.open(target, state.status);
    visitor.expect(new RegExp(`^${state.status} ${state.send.action}`));
    await visitor.open(target);
    await sendForm(page, state.send.action, state.send.fields);
}

async function look(visitor, name) {
    const { page } = visitor;
    const found = [];
    for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            await settled(page);
            found.push(
                ...(await axe(page, { colours: colorScheme === "dark" })).map(
                    (fault) => `${width} ${colorScheme}: ${fault}`,
                ),
            );
        }
    }
    assert.deepEqual(found, [], name);
    await assertFits(page, 320, name);
    await assertFits(page, 640, `${name}, as if 1280 px were enlarged twice`);
}

describe("axe finds nothing, nothing is cut off, nothing moves", () => {
    for (const [name, state] of Object.entries(STATES))
        test(name, (t) =>
            visiting(
                () => web,
                { as: personOf(web, it, state), width: 360, height: 780 },
                async (page, visitor) => {
                    await reach(visitor, state);
                    await settled(page);
                    await visitor.calm();
                    await look(visitor, name);
                },
            )(t),
        );
});

describe("pictures that come late move nothing", () => {
    for (const name of ["gallery", "image", "generation, done"])
        for (const [width, height] of SIZES)
            test(`${name} at ${width} px`, (t) =>
                visiting(
                    () => web,
                    { width, height },
                    async (page, visitor) => {
                        let late = 0;
                        await page.route("**/files/**", async (route) => {
                            late++;
                            await sleep(400);
                            await route.continue();
                        });
                        await reach(visitor, STATES[name]);
                        await settled(page);
                        await page.waitForTimeout(100); // until it has been drawn
                        assert.ok(late > 0, "there are pictures");
                    },
                )(t));
});

const SEEN = ["gallery", "image", "image, a favourite", "create", "generation, running", "avatars", "settings"];

describe("other ways of seeing", () => {
    for (const name of SEEN)
        test(`${name}: in colours of the system's own, controls keep their edges`, (t) =>
            visiting(
                () => web,
                { as: personOf(web, it, STATES[name]), more: { forcedColors: "active" } },
                async (page, visitor) => {
                    await reach(visitor, STATES[name]);
                    assert.ok(await page.evaluate(() => matchMedia("(forced-colors: active)").matches));
                    const lost = await page.evaluate(() =>
                        [
                            ...document.querySelectorAll(
                                ".button, main input:not([type=hidden]), main textarea, main select",
                            ),
                        ]
                            .filter((e) => e.checkVisibility() && e.offsetWidth > 2 && !e.closest(".choice"))
                            .filter((e) => {
                                const s = getComputedStyle(e);
                                return (
                                    parseFloat(s.borderTopWidth) === 0 &&
                                    s.outlineStyle === "none" &&
                                    s.textDecorationLine === "none"
                                );
                            })
                            .map((e) => e.outerHTML.slice(0, 100)),
                    );
                    assert.deepEqual(lost, []);
                },
            )(t));

    for (const name of SEEN)
        test(`${name}: nothing moves by itself for who asked for that`, (t) =>
            visiting(
                () => web,
                { as: personOf(web, it, STATES[name]), more: { reducedMotion: "reduce" } },
                async (page, visitor) => {
                    await reach(visitor, STATES[name]);
                    const moving = await page.evaluate(() =>
                        document
                            .getAnimations()
                            .filter((a) => a.effect.getComputedTiming().endTime > 1) // ms: what is over at once does not move
                            .map((a) => a.animationName ?? a.transitionProperty),
                    );
                    assert.deepEqual(moving, []);
                    assert.equal(
                        await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior),
                        "auto",
                    );
                },
            )(t));

    test("a heart that is set looks different from one that is not, also in the system's colours", (t) =>
        visiting(
            () => web,
            { more: { forcedColors: "active" } },
            async (page, visitor) => {
                await visitor.open("/images");
                const look = (pressed) =>
                    page
                        .locator(`main .tile button[aria-pressed=${pressed}] svg`)
                        .first()
                        .evaluate((s) => [s, ...s.querySelectorAll("*")].map((e) => getComputedStyle(e).fill).join());
                assert.notEqual(await look(true), await look(false));
            },
        )(t));
});
