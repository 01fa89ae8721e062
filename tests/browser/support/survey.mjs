// States of pages, looked at by axe in both themes and at both ends of the sizes, and by their width.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertFits, axe, sendForm, settled } from "./look.mjs";
import { makeStage, personOf, STATES, targetOf } from "./states.mjs";
import { Web, visiting } from "./web.mjs";

export const SIZES = [
    [360, 780],
    [1440, 900],
];

export async function reach(visitor, state, it) {
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

// A test for each state whose name is wanted. Returns the web and what stands on its stage, once the tests have begun.
export function survey(isWanted) {
    const seen = {};
    before(async () => {
        seen.web = await Web.start({ env: { AVATARS_PER_USER: "100" } });
        seen.it = await makeStage(seen.web);
    });
    after(() => seen.web?.stop());

    describe("axe finds nothing, nothing is cut off, nothing moves", () => {
        for (const [name, state] of Object.entries(STATES).filter(([name]) => isWanted(name)))
            test(name, (t) =>
                visiting(
                    () => seen.web,
                    { as: personOf(seen.web, seen.it, state), width: 360, height: 780 },
                    async (page, visitor) => {
                        await reach(visitor, state, seen.it);
                        await settled(page);
                        await visitor.calm();
                        await look(visitor, name);
                    },
                )(t),
            );
    });
    return seen;
}
