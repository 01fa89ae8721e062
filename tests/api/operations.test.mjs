// Health, metrics, the contract and its page; the page that signs in. Pages are looked at in a real browser.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { browse, hasBrowser } from "./support/browser.mjs";
import { contract, ROOT } from "./support/client.mjs";
import { generate, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;
const skip = hasBrowser ? false : "there is no Chromium (package chromium)";

before(async () => {
    world = await World.start({ generationMs: 50 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

test("health", async () => {
    for (const where of ["/health", "/health/ready"]) {
        const { json } = await world.anonymous.get(where);
        assert.ok(["ok", "degraded"].includes(json.status));
        const { disk, ...rest } = json.checks;
        assert.deepEqual(rest, { database: "ok", redis: "off", storage: "ok", provider: "ok", workers: "ok" });
        assert.ok(["ok", "low"].includes(disk), disk); // of the machine that runs this
    }
    assert.deepEqual((await world.anonymous.get("/health/live")).json, { status: "ok" });
});

test("the service tells what it can do", async () => {
    const { json } = await owner.get("/api/v1/service");
    const { version, ...rest } = json;
    assert.deepEqual(rest, {
        available: true,
        test_mode: true,
        training_test_mode: true,
        api_key_set: true,
        supported_types: ["portrait", "style"],
    });
    assert.equal(version, (await world.anonymous.get("/health")).json.version);
});

// Samples by name and labels; fails on a line that is not of the format.
function readMetrics(text) {
    const types = new Map();
    const samples = [];
    for (const line of text.split("\n").filter((l) => l)) {
        const type = line.match(/^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/);
        if (type) {
            assert.ok(!types.has(type[1]), `two types of ${type[1]}`);
            types.set(type[1], type[2]);
        } else if (!/^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* \S/.test(line)) {
            const sample = line.match(
                /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[0-9.]+(?:e[+-]?\d+)?|[+-]Inf|NaN)$/,
            );
            assert.ok(sample, `a line that is none of the format: ${line}`);
            samples.push({ name: sample[1], labels: sample[2] ?? "", value: Number(sample[3]) });
        }
    }
    assert.ok(text.endsWith("\n"));
    return { types, samples };
}

test("metrics are Prometheus text with few labels", async () => {
    const { id } = await generate(owner, { prompt: "a secret wish", preset: "fast" });
    await owner.get(`/api/v1/generations/${id}`);
    await world.anonymous.send("GET", "/no/such/path/x12345y");
    const answer = await world.anonymous.get("/metrics");
    assert.match(answer.headers["content-type"], /^text\/plain; version=0\.0\.4/);
    const { types, samples } = readMetrics(answer.text);
    for (const { name } of samples) {
        const family = name.replace(/_(bucket|sum|count)$/, "");
        assert.ok(types.has(name) || types.has(family), `${name} has no type`);
    }
    assert.equal(new Set(samples.map((s) => s.name + s.labels)).size, samples.length, "no sample twice");
    assert.ok(
        samples.some((s) => s.labels.includes("/api/v1/generations/{id}")),
        "routes are named by their templates",
    );
    for (const word of [id, "x12345y", "secret wish", owner.id]) assert.ok(!answer.text.includes(word), word);
    for (const [name] of [...types].filter(([, type]) => type === "histogram")) assertHistogram(name, samples);
});

// Buckets of one series never shrink and end at infinity.
function assertHistogram(name, samples) {
    const series = {};
    for (const { labels, value } of samples.filter((s) => s.name === `${name}_bucket`))
        (series[labels.replace(/,?le="[^"]*"/, "")] ??= []).push({ labels, value });
    for (const [labels, buckets] of Object.entries(series)) {
        for (let i = 1; i < buckets.length; i++) assert.ok(buckets[i].value >= buckets[i - 1].value, name + labels);
        assert.match(buckets.at(-1).labels, /le="\+Inf"/, name + labels);
    }
}

test("counters grow", async () => {
    const total = async () => {
        const { types, samples } = readMetrics((await world.anonymous.get("/metrics")).text);
        const requests = samples.filter(
            (s) => /request/.test(s.name) && (types.get(s.name) === "counter" || /_count$/.test(s.name)),
        );
        return requests.reduce((sum, s) => sum + s.value, 0);
    };
    const before = await total();
    for (let i = 0; i < 10; i++) await owner.get("/api/v1/me");
    assert.ok((await total()) >= before + 10);
});

test("the contract is served as it is in the tree, and lints clean", async () => {
    const { text } = await world.anonymous.get("/openapi.yaml");
    assert.equal(text, fs.readFileSync(path.join(ROOT, "openapi.yaml"), "utf8"));
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const { stdout, stderr } = await promisify(execFile)(
        path.join(ROOT, "node_modules/.bin/redocly"),
        ["lint", "openapi.yaml"],
        { cwd: ROOT, env },
    );
    assert.doesNotMatch(stdout + stderr, /You have \d+ (warning|error)/);
});

test("the contract's examples are what it asks for", () => {
    for (const operation of contract.operations)
        for (const media of Object.values(operation.requestBody?.content ?? {}))
            for (const [name, example] of Object.entries(media.examples ?? {}))
                assert.deepEqual(
                    contract.faults(media.schema, example.value, ""),
                    [],
                    `${operation.operationId} ${name}`,
                );
});

test("the page of documentation shows every operation, with nothing from elsewhere", { skip }, async () => {
    await browse(world.url, async (page, faults) => {
        await page.goto(`${world.url}/docs`);
        const wanted = contract.operations.map((o) => o.summary).filter((s) => s);
        await page.getByText(wanted[0]).first().waitFor({ timeout: 15000 });
        await page.waitForTimeout(500);
        const text = await page.evaluate(() => document.body.innerText);
        assert.deepEqual(
            wanted.filter((summary) => !text.includes(summary)),
            [],
            "operations that are not shown",
        );
        assert.deepEqual(faults, []);
        const inline = await page.evaluate(
            () => document.querySelectorAll("script:not([src]), [onclick], a[href^='javascript:']").length,
        );
        assert.equal(inline, 0);
    });
});

test(
    "the page that signs in is sound, accessible, in both languages, and works without scripts",
    { skip },
    async () => {
        const axe = fs.readFileSync(path.join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");
        const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
        for (const [locale, word] of [
            ["ru-RU", /Войти/],
            ["en-US", /Sign in/i],
        ]) {
            const { url } = await world.command("link", "create", "--user", owner.id);
            await browse(
                world.url,
                async (page, faults) => {
                    await page.goto(url);
                    assert.equal(await page.getAttribute("html", "lang"), locale.slice(0, 2));
                    await page.evaluate(axe);
                    const { violations } = await page.evaluate(
                        (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }),
                        tags,
                    );
                    assert.deepEqual(
                        violations.map((v) => `${v.id}: ${v.help}`),
                        [],
                    );
                    assert.deepEqual(faults, []);
                    await page.getByRole("button", { name: word }).click();
                    await page.waitForLoadState();
                    const cookies = await page.context().cookies();
                    const session = cookies.find((c) => c.name === "__Host-sid");
                    assert.ok(session?.httpOnly && session.secure && session.sameSite === "Lax");
                    await page.goto(url, { waitUntil: "commit" });
                    assert.ok(!(await page.getByRole("button", { name: word }).count()), "the link is used");
                },
                { locale },
            );
        }
    },
);

test("the pages are valid HTML", async () => {
    const { url } = await world.command("link", "create", "--user", owner.id);
    const { pathname } = new URL(url);
    const { HtmlValidate } = await import("html-validate");
    const validator = new HtmlValidate({
        extends: ["html-validate:recommended"],
        rules: {
            "doctype-style": ["error", { style: "lowercase" }],
            "require-sri": "off",
            "no-inline-style": "error",
            "void-style": "off",
            "no-trailing-whitespace": "off",
            "long-title": "off",
        },
    });
    const pages = { link: await world.anonymous.get(pathname), docs: await world.anonymous.get("/docs") };
    await world.command("link", "create", "--user", owner.id); // in place of the other
    pages.gone = await world.anonymous.get(pathname, { status: 410 });
    for (const [name, { text, headers }] of Object.entries(pages)) {
        assert.match(headers["content-security-policy"], /default-src 'none'/, name);
        assert.match(headers["content-security-policy"], /frame-ancestors 'none'/, name);
        const report = await validator.validateString(text);
        assert.deepEqual(
            report.results.flatMap((r) => r.messages.map((m) => `${name}:${m.line} ${m.ruleId} ${m.message}`)),
            [],
        );
    }
});

test("ten thousand unfinished generations of one user are enough", async () => {
    const person = await world.person("Busy");
    const avatar = await importAvatar(person, STYLE);
    await generate(person, { prompt: "model", preset: "fast" });
    await world.sql(`UPDATE accounts SET unfinished = 10000 WHERE user_id = '${person.id}'`);
    const refused = await person.post(
        "/api/v1/generations",
        { prompt: "one more", avatar_id: avatar.id },
        { status: 429 },
    );
    assert.equal(refused.json.code, "too_many_requests");
    await owner.post("/api/v1/generations", { prompt: "others may", preset: "fast" }, { status: 202 });
});
