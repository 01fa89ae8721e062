// The documents tell the truth about names: links lead somewhere, files and folders exist, docs/architecture.md has every
// folder in its tree, and docs/operating.md every event of the log and no metric that is not there.
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { done, fault, files, read } from "./source.mjs";

const tracked = files("*");
const folders = new Set(tracked.flatMap((path) => path.split("/").slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join("/"))));
const there = (path) => tracked.includes(path) || folders.has(path.replace(/\/$/, ""));

// Lines with whether they stand in a fenced block.
function* lines(path) {
    let fenced = false;
    for (const [i, text] of read(path).split("\n").entries()) {
        if (text.startsWith("```")) fenced = !fenced;
        yield { line: i + 1, text, fenced };
    }
}

const slug = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
function anchors(path) {
    return [...lines(path)].filter(({ text, fenced }) => !fenced && text.startsWith("#")).map(({ text }) => slug(text.replace(/^#+ /, "")));
}

function checkLink(path, line, target) {
    if (/^[a-z]+:/.test(target)) return;
    const [file, anchor] = target.split("#");
    const place = file ? normalize(join(dirname(path), file)) : path;
    if (!there(place)) fault(path, line, `${target} leads nowhere`);
    else if (anchor && !anchors(place).includes(anchor)) fault(path, line, `${place} has no heading for #${anchor}`);
}

// `http/call.c`, `tests/api/kill.test.mjs`, `db/`: from the top or from server/; of "x.{h,c}" both.
const FILE = /^[\w-]+(\/[\w.-]+)*\/[\w.-]*$|^[\w-]+\.(md|mjs|sql|yaml)$/;
function checkName(path, line, name) {
    if (!FILE.test(name) || /^(var|build|node_modules|fal-ai|application|text|image)\b/.test(name)) return;
    if (!["", "server/", "migrations/", `${dirname(path)}/`].some((from) => there(from + name) || there(`${from + name}.h`)))
        fault(path, line, `there is no ${name}`);
}

const documents = tracked.filter((path) => path.endsWith(".md"));
for (const path of documents)
    for (const { line, text, fenced } of lines(path)) {
        if (fenced) continue;
        for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) checkLink(path, line, target);
        for (const [, name] of text.matchAll(/`([^`\s]+)`/g)) checkName(path, line, name);
    }

const ARCHITECTURE = "docs/architecture.md";
if (documents.includes(ARCHITECTURE)) {
    const tree = [...lines(ARCHITECTURE)].filter(({ text, fenced }) => fenced && /^( {2})?[\w-]+\/ {2,}\S|^server\/$/.test(text));
    const named = tree.map(({ line, text }) => ({ line, path: text.startsWith(" ") ? `server/${text.trim().split("/")[0]}` : text.split("/")[0] }));
    for (const { line, path } of named) if (!folders.has(path)) fault(ARCHITECTURE, line, `there is no folder ${path}`);
    for (const path of folders)
        if (/^(server\/)?[^./][^/]*$/.test(path) && !named.some((row) => row.path === path)) fault(ARCHITECTURE, 1, `the tree lacks ${path}`);
}

const OPERATING = "docs/operating.md";
if (documents.includes(OPERATING)) {
    const text = read(OPERATING);
    const source = tracked.filter((path) => /^server\/.*\.c$/.test(path) && !path.startsWith("server/falsim/")).map((path) => [path, read(path)]);
    const events = source.flatMap(([path, code]) =>
        [...code.matchAll(/\blog_write\(([^";]*)"([a-z_.]+)"/g)].filter(([, level]) => !level.includes("DEBUG")).map(([, , name]) => [path, name]),
    );
    const rows = [...lines(OPERATING)].filter((row) => /^\| `[a-z_.`, ]+` \| (info|warn|error)/.test(row.text));
    const told = rows.flatMap((row) => [...row.text.split("|")[1].matchAll(/`([a-z_.]+)`/g)].map(([, name]) => [row.line, name]));
    for (const [path, name] of events) if (!told.some(([, other]) => other === name)) fault(path, 1, `${OPERATING} does not explain the event ${name}`);
    for (const [line, name] of told) if (!events.some(([, other]) => other === name)) fault(OPERATING, line, `nobody logs ${name}`);
    for (const [name] of text.matchAll(/\b(aisha_(waiting|oldest|database|build)\w*|(http_request|process_)\w+)\b/g))
        if (!source.some(([, code]) => code.includes(name))) fault(OPERATING, 1, `there is no metric ${name}`);
}
done();
