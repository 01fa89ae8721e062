// Who may include whom: base < json, db, redis, fetch, image < storage, decoder < view < http < domains < web < app
// (server/*.c).
// A domain sees of another domain only <noun>.h; bot sees no domain; the simulator stands outside, on the platform alone.
import { basename, dirname } from "node:path";
import { existsSync } from "node:fs";
import { done, fault, files, read } from "./source.mjs";

const LAYERS = [["base"], ["json", "db", "redis", "fetch", "image"], ["storage", "decoder"], ["view"], ["http"]];
const [DOMAIN, WEB, APP] = [5, 6, 7];
const SIMULATOR_MAY = ["base", "json", "http", "fetch", "image"];
const ROLES = /_(api|page|job|inside)\.h$/;

// Neighbours on the platform that may see each other, with the reason.
const NEIGHBOURS = {};

// What the app hands to the domains' steps: theirs to include, though it lies beside main.c.
const HANDED_DOWN = "server/local.h";

const folder = (path) => path.split("/").slice(1, -1).join("/") || "app";
const ABOVE = { web: WEB, app: APP };
const rank = (name) => {
    const layer = LAYERS.findIndex((names) => names.includes(name));
    return layer >= 0 ? layer : (ABOVE[name] ?? DOMAIN);
};

function rule(from, to, header) {
    if (from === to) return null;
    if (from === "falsim") return SIMULATOR_MAY.includes(to) ? null : `the simulator may not include ${to}/`;
    if (to === "falsim") return "nobody includes the simulator";
    if (from === "bot" && rank(to) === DOMAIN) return "the bot knows the API alone; it includes no domain";
    if (rank(to) > rank(from)) return `${from}/ lies below ${to}/ and may not include it`;
    if ([1, 2].includes(rank(from)) && rank(from) === rank(to) && !NEIGHBOURS[from]?.includes(to))
        return `${from}/ and ${to}/ stand side by side; neither includes the other`;
    if (rank(from) >= DOMAIN && rank(from) < APP && rank(to) === DOMAIN && ROLES.test(header))
        return `of another domain only <noun>.h may be included, not ${header}`;
    return null;
}

for (const path of files("server/*.c", "server/*.h", "server/*.inc")) {
    const lines = read(path).split("\n");
    const own = basename(path).replace(/\.c$/, ".h");
    let first = true;
    lines.forEach((line, i) => {
        const include = line.match(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/);
        if (!include) return;
        const [, quote, name] = include;
        if (first && path.endsWith(".c") && existsSync(`${dirname(path)}/${own}`) && basename(name) !== own)
            fault(path, i + 1, `its own header, ${own}, comes first`);
        first = false;
        if (quote === "<") return;
        const target = existsSync(`server/${name}`) ? `server/${name}` : `${dirname(path)}/${name}`;
        if (!existsSync(target)) return fault(path, i + 1, `"${name}" is not in server/; name it from there`);
        if (target === HANDED_DOWN && [DOMAIN, WEB].includes(rank(folder(path))) && !["falsim", "bot"].includes(folder(path))) return;
        const broken = rule(folder(path), folder(target), basename(target));
        if (broken) fault(path, i + 1, broken);
    });
    if (path.endsWith(".h") && !lines.some((line) => line.startsWith("#pragma once")))
        fault(path, 1, "a header needs #pragma once");
}
done();
