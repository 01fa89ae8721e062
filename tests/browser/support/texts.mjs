// The catalogues of texts, and what of them has no business on a page.
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../api/support/client.mjs";

const read = (lang) => {
    const file = path.join(ROOT, `templates/texts/${lang}.json`);
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
};

export const TEXTS = { ru: read("ru"), en: read("en") };

const PREFIXES =
    "nav|common|day|flash|gallery|image|images|create|generation|generations|avatar|avatars|settings|login|error|status|preset|time";
const RAW = new RegExp(
    `\\b(?:${PREFIXES})\\.[a-z_]+(?:\\.[a-z_]+)*\\b|\\{\\{|\\}\\}|\\bundefined\\b|\\[object \\w+\\]`,
    "g",
);

// Raw keys, tags of templates and the like in a text that people see.
export const keysIn = (text) => [...new Set(text.match(RAW) ?? [])];
