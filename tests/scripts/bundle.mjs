// scripts/build-bundle: what it makes of files, and what it does again.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const SCRIPT = fileURLToPath(new URL("../../scripts/build-bundle", import.meta.url));
const top = fs.mkdtempSync("/tmp/aisha-bundle-");
after(() => fs.rmSync(top, { recursive: true, force: true }));

const LONG = ".button { color: red }\n".repeat(50);
const FILES = { "a.css": LONG, "b.txt": "short", "c.png": LONG, "d/e f.js": `// 'x' "y" $z \\n\n${LONG}` };

function make(files, env = {}) {
    for (const [name, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(`${top}/src/${name}`), { recursive: true });
        fs.writeFileSync(`${top}/src/${name}`, text);
    }
    const names = Object.keys(files).sort();
    fs.writeFileSync(`${top}/list`, names.map((name) => `${name}\t${top}/src/${name}\n`).join(""));
    const { status, stderr } = spawnSync(SCRIPT, [`${top}/list`, `${top}/out`], {
        encoding: "utf8",
        env: { ...process.env, ...env },
    });
    const table = status === 0 ? fs.readFileSync(`${top}/out/table.c`, "utf8") : "";
    return { status, stderr, table, version: table.match(/bundle_hash\[\] = "([0-9a-f]{16})"/)?.[1] };
}

// The forms of a file: what the table's row names, as bytes.
function forms(table, name) {
    const row = table.split("\n").find((line) => line.startsWith(`    {"${name}", `));
    return [...row.matchAll(/\{(0|(bundle_\w+), (\d+))\}/g)].map(([, none, symbol, size]) => {
        if (none === "0") return null;
        const bytes = fs.readFileSync(table.match(new RegExp(`BUNDLE_BLOB\\(${symbol}, "([^"]+)"\\)`))[1]);
        assert.equal(bytes.length, Number(size));
        return bytes;
    });
}

test("takes every file in as it is, and compressed where that is smaller", () => {
    const { table } = make(FILES);
    for (const [name, text] of Object.entries(FILES)) {
        const [whole, gzip, brotli] = forms(table, name);
        assert.equal(whole.toString(), text);
        if (!/css|js/.test(name)) assert.deepEqual([gzip, brotli], [null, null], name);
        else {
            assert.equal(zlib.gunzipSync(gzip).toString(), text);
            assert.equal(zlib.brotliDecompressSync(brotli).toString(), text);
            assert.ok(brotli.length < whole.length && gzip.length < whole.length);
        }
    }
});

test("the version follows content and names, and nothing else", () => {
    const { version } = make(FILES);
    const { "a.css": a, ...others } = FILES;
    const versions = [
        version,
        make({ ...FILES, "a.css": `${a} ` }).version,
        make({ ...others, "A.css": a }).version,
        make(others).version,
        make({ ...FILES, "z.txt": "" }).version,
    ];
    assert.equal(new Set(versions).size, versions.length);
    assert.equal(make(FILES, { LC_ALL: "C.UTF-8", TZ: "Asia/Tokyo" }).version, version);
});

test("compresses again only what has changed, and keeps nothing of files that are gone", () => {
    const times = () => {
        const forms = fs.readdirSync(`${top}/out/forms`).filter((form) => !form.endsWith(".raw"));
        return new Map(forms.map((form) => [form, fs.statSync(`${top}/out/forms/${form}`).mtimeMs]));
    };
    make(FILES);
    const before = times();
    make({ ...FILES, "d/e f.js": `${LONG}${LONG}` });
    const later = times();
    const kept = [...later].filter(([name, time]) => before.get(name) === time);
    assert.equal(kept.length, before.size - 2, "all but the two forms of one file");
    assert.equal(later.size, before.size);
});

test("stops at a file of a type that it does not know, and says which", () => {
    const { status, stderr } = make({ ...FILES, "page.html": "x" });
    assert.equal(status, 1);
    assert.match(stderr, /page\.html/);
});

test("stops when a file is missing", () => {
    fs.writeFileSync(`${top}/list`, `x.css\t${top}/src/none.css\n`);
    assert.notEqual(spawnSync(SCRIPT, [`${top}/list`, `${top}/out`]).status, 0);
});
