// The README's table of settings says what server/base/config.c does: the same names in the same order, with the same
// defaults and limits.
import { existsSync } from "node:fs";
import { done, fault, read } from "./source.mjs";

const CODE = "server/base/config.c";
const TABLE = "README.md";

// {"NAME", SETTING_TYPE, AT(member), otherwise, min, max, required, "hint"}
const SETTING = /^\s*\{"([A-Z0-9_]+)", SETTING_([A-Z]+), AT\([\w.]+\), (NULL|"[^"]*"), (\d+), (\d+), (true|false), "[^"]*"\},$/;
const ROW = /^\| `([A-Z0-9_]+)` \| (.*?) \| (.*?) \| (.*?) \|$/;

function values(type, min, max) {
    if (type === "NUMBER") return `${min}–${max}`;
    if (type === "FLAG") return "true, false";
    if (type === "URL") return "URL";
    return min > 1 ? `text, at least ${min} characters` : "text";
}

function settings() {
    const found = [];
    const lines = read(CODE).split("\n");
    const begin = lines.findIndex((line) => line.includes("SETTINGS[] = {"));
    for (let i = begin + 1; begin >= 0 && i < lines.length && lines[i] !== "};"; i++) {
        const parts = lines[i].match(SETTING);
        if (!parts) return fault(CODE, i + 1, "a setting that scripts/lint/config-table.mjs cannot read") ?? [];
        const [, name, type, otherwise, min, max, required] = parts;
        const standard = required === "true" ? "required" : otherwise === "NULL" ? "none" : `\`${otherwise.slice(1, -1)}\``;
        found.push({ name, standard, values: values(type, +min, +max) });
    }
    if (!found.length) fault(CODE, 1, "there is no table of settings");
    return found;
}

// The rows behind the heading "Configuration" up to the next heading.
function rows() {
    const lines = read(TABLE).split("\n");
    const begin = lines.indexOf("## Configuration");
    const end = lines.findIndex((line, i) => i > begin && line.startsWith("#"));
    const found = [];
    for (let i = begin; begin >= 0 && i < (end < 0 ? lines.length : end); i++) {
        const parts = lines[i].match(ROW);
        if (parts) found.push({ line: i + 1, name: parts[1], standard: parts[2], values: parts[3], meaning: parts[4] });
    }
    return found;
}

if (existsSync(CODE) && existsSync(TABLE)) {
    const table = rows();
    settings().forEach((setting, i) => {
        const row = table[i] ?? { line: 1, name: "nothing" };
        if (row.name !== setting.name) fault(TABLE, row.line, `${setting.name} belongs here, not ${row.name}`);
        else if (row.standard !== setting.standard) fault(TABLE, row.line, `the default is ${setting.standard}`);
        else if (row.values !== setting.values) fault(TABLE, row.line, `the values are: ${setting.values}`);
        else if (!row.meaning.trim()) fault(TABLE, row.line, "what does it mean?");
        delete table[i];
    });
    table.forEach((row) => fault(TABLE, row.line, `there is no setting ${row.name}`));
}
done();
