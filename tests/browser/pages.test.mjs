// Every page in every state, looked at by axe in both themes and at both ends of the sizes, and by its width; those of
// styles and batches in survey_making.test.mjs.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep } from "../api/support/process.mjs";
import { settled } from "./support/look.mjs";
import { personOf, STATES } from "./support/states.mjs";
import { reach, SIZES, survey } from "./support/survey.mjs";
import { visiting } from "./support/web.mjs";

const seen = survey((name) => !/style|batch/.test(name));

describe("pictures that come late move nothing", () => {
    for (const name of ["gallery", "image", "generation, done"])
        for (const [width, height] of SIZES)
            test(`${name} at ${width} px`, (t) =>
                visiting(
                    () => seen.web,
                    { width, height },
                    async (page, visitor) => {
                        let late = 0;
                        await page.route("**/files/**", async (route) => {
                            late++;
                            await sleep(400);
                            await route.continue();
                        });
                        await reach(visitor, STATES[name], seen.it);
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
                () => seen.web,
                { as: personOf(seen.web, seen.it, STATES[name]), more: { forcedColors: "active" } },
                async (page, visitor) => {
                    await reach(visitor, STATES[name], seen.it);
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
                () => seen.web,
                { as: personOf(seen.web, seen.it, STATES[name]), more: { reducedMotion: "reduce" } },
                async (page, visitor) => {
                    await reach(visitor, STATES[name], seen.it);
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
            () => seen.web,
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
