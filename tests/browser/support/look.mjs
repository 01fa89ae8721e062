// Ways to look at a page in a browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fs from "node:fs";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
const COLOURS = ["color-contrast", "link-in-text-block"];

// Pictures that can be seen are there, fonts too; what moves has come to rest.
export async function settled(page) {
    await page.evaluate(async () => {
        await document.fonts.ready;
        const near = [...document.images].filter(
            (i) => i.loading !== "lazy" || (i.checkVisibility() && i.getBoundingClientRect().top < innerHeight),
        );
        await Promise.all(near.map((i) => i.decode().catch(() => {})));
        const ends = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
        const rest = Promise.all(ends.map((a) => a.finished.catch(() => {})));
        await Promise.race([rest, new Promise((resolve) => setTimeout(resolve, 1000))]); // what is paused never ends
    });
}

// As somebody who presses keys: a field that grows with what is typed moves what is below, and that is no fault.
export async function type(field, text) {
    await field.fill("");
    await field.press("End");
    await field.page().keyboard.insertText(text);
}

// Violations as "rule: element …". colours: only by the rules that a theme can break, when the rest was looked at already.
export async function axe(page, { colours = false } = {}) {
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
    const found = await page.evaluate(
        (runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] }),
        colours ? { type: "rule", values: COLOURS } : { type: "tag", values: RULES },
    );
    return found.violations.flatMap((v) =>
        v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ""}`),
    );
}

// By how many pixels the page can be moved sideways, and by what.
export async function overflow(page) {
    return page.evaluate(() => {
        const over = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
        if (over <= 0) return [];
        const out = (e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
        const wide = [...document.querySelectorAll("body *")].filter((e) => out(e) && ![...e.children].some(out));
        return [`${over} px`, ...wide.slice(0, 5).map((e) => `${e.tagName}.${e.className}`)];
    });
}

export async function assertFits(page, width, what) {
    const size = page.viewportSize();
    await page.setViewportSize({ width, height: size.height });
    assert.deepEqual(await overflow(page), [], `${what} at ${width} px`);
    await page.setViewportSize(size);
}

// Sends the form of that action as a person would who could type anything anywhere; waits for what comes.
export async function sendForm(page, action, fields) {
    const there = page.waitForEvent("load");
    await page.evaluate(
        ([path, values]) => {
            const form = [...document.forms].find((f) => new URL(f.action).pathname === path && f.method === "post");
            for (const [name, value] of Object.entries(values)) form.elements.namedItem(name).value = value;
            setTimeout(() => HTMLFormElement.prototype.submit.call(form)); // when this has been answered
        },
        [action, fields],
    );
    await there;
}
