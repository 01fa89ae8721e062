// The documents' examples, as a reader types them: the sh blocks of a file run in order, in one shell, beside a
// var/run.json as scripts/run writes it. SQL that the operating guide tells people to run is run as well.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { browse, hasBrowser } from "./support/browser.mjs";
import { ROOT } from "./support/client.mjs";
import { readJpeg } from "./support/pictures.mjs";
import { BUILD, World } from "./support/world.mjs";

let world, demo;

before(async () => {
    world = await World.start({ falsim: ["--training-ms", "1500"] });
    demo = await world.command("demo");
});
after(() => world?.stop());

// The fenced blocks of a language, each with the line where it begins.
function blocks(file, language) {
    const found = [];
    let block = null;
    fs.readFileSync(path.join(ROOT, file), "utf8")
        .split("\n")
        .forEach((line, i) => {
            if (!block && line === `\`\`\`${language}`) block = { line: i + 1, text: "" };
            else if (block && line === "```") block = void found.push(block);
            else if (block) block.text += `${line}\n`;
        });
    assert.ok(found.length, `${file} has no ${language} block`);
    return found;
}

// A folder like the checkout of somebody whose scripts/run is running.
function place(name) {
    const folder = path.join(world.home, name);
    fs.mkdirSync(path.join(folder, "var"), { recursive: true });
    const about = { url: world.url, api_token: demo.api_token, sign_in_url: demo.sign_in_url, falsim_url: world.falsimUrl, database_url: world.databaseUrl };
    const json = `{${Object.entries(about).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(", ")}}\n`;
    fs.writeFileSync(path.join(folder, "var/run.json"), json);
    return folder;
}

// Runs them all; what was said, and in which block it ended when one failed.
async function runBlocks(file, folder) {
    const script = blocks(file, "sh").map(({ line, text }) => `echo "-- ${file}:${line}"\n${text}`);
    const child = spawn("bash", ["-c", `set -euo pipefail; exec 2>&1\n${script.join("\n")}`], { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
    const late = setTimeout(() => child.kill("SIGKILL"), 60000);
    const [code, signal] = await once(child, "close");
    clearTimeout(late);
    assert.equal(code, 0, `${signal ?? `exit status ${code}`} behind:\n${said.slice(-3000)}`);
    return said;
}

async function decode(bytes) {
    const { width, height } = readJpeg(bytes);
    if (!hasBrowser) return { width, height };
    return browse(world.url, async (page) => {
        await page.goto(`${world.url}/health/live`);
        return page.evaluate(async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
            return { width: bitmap.width, height: bitmap.height };
        }, bytes.toString("base64"));
    });
}

test("the README's examples end in a picture that a browser can show", async () => {
    const folder = place("readme");
    await runBlocks("README.md", folder);
    assert.deepEqual(await decode(fs.readFileSync(path.join(folder, "lighthouse.jpg"))), { width: 1024, height: 1024 });
});

// What the guide asks its reader for; fewer than are needed would show in it.
function drawPhotos(folder) {
    fs.mkdirSync(folder);
    for (let seed = 1; seed <= 10; seed++)
        execFileSync(path.join(BUILD, "tests/draw-portrait"), [path.join(folder, `${seed}.jpg`), "800", "900", String(seed)]);
}

test("the API guide's examples work as they stand", async () => {
    const folder = place("guide");
    drawPhotos(path.join(folder, "photos"));
    const said = await runBlocks("docs/api-guide.md", folder);
    for (const word of ["Idempotent-Replayed: true", "application/problem+json", "event: generation"])
        assert.ok(said.toLowerCase().includes(word.toLowerCase()), `nobody said ${word}:\n${said}`);
    const pictures = fs.readdirSync(folder).filter((name) => name.endsWith(".jpg"));
    assert.ok(pictures.length > 0, "it leaves a picture");
    for (const name of pictures) await decode(fs.readFileSync(path.join(folder, name)));
});

test("the operating guide's SQL fits the schema", async () => {
    for (const { line, text } of blocks("docs/operating.md", "sql"))
        await world.sql(`BEGIN;\n${text}ROLLBACK;`).catch((error) => assert.fail(`docs/operating.md:${line}: ${error.message}`));
});
