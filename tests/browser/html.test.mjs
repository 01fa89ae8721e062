// Every page in every state as the server sends it, in both languages: valid HTML, nothing inline, headers that shut others
// out, no raw key.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { HtmlValidate } from "html-validate";
import { encodeForm, forms, inlineFaults, tags } from "./support/html.mjs";
import { makeStage, personOf, STATES, targetOf } from "./support/states.mjs";
import { keysIn } from "./support/texts.mjs";
import { Web } from "./support/web.mjs";

// "meta-refresh" is off: while something runs a page without JavaScript refreshes itself, in a noscript that axe sees, too.
const validator = new HtmlValidate(createRequire(import.meta.url)("./htmlvalidate.json"));
let web, it;

before(async () => {
    web = await Web.start();
    it = await makeStage(web);
});
after(() => web?.stop());

async function get(state, lang) {
    const person = personOf(web, it, state);
    if (person) await person.patch("/api/v1/me", { locale: lang });
    const client = person ? (await web.session(person)).client : web.world.anonymous;
    const headers = { "accept-language": lang };
    const target = targetOf(state, it);
    const page = await web.fetch(client, target, headers);
    if (!state.send) return page;
    const form = forms(page.html).find((f) => f.method === "post" && (f.action ?? target) === state.send.action);
    const answer = await client.raw("POST", state.send.action, {
        body: encodeForm({ ...form.fields, ...state.send.fields }),
        type: "application/x-www-form-urlencoded",
        headers: { ...headers, accept: "text/html", origin: web.url },
    });
    return { ...answer, html: answer.bytes.toString("utf8") };
}

// What people read, without tags.
const textOf = (html) => html.replace(/<[^>]*>/g, " ");

function directives(policy) {
    return Object.fromEntries(
        policy.split(";").map((part) => {
            const [name, ...values] = part.trim().split(/\s+/);
            return [name, values.join(" ")];
        }),
    );
}

function assertHeaders(headers) {
    assert.match(headers["content-type"], /^text\/html; charset=utf-8$/i);
    const policy = directives(headers["content-security-policy"]);
    const expected = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(policy[name], value, name);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["referrer-policy"], /^(no-referrer|same-origin)$/);
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.match(headers["cache-control"], /no-store|private/);
    assert.ok(headers["x-request-id"]);
    assert.doesNotMatch(headers["server"] ?? "", /\d/, "no version");
}

describe("valid, in both languages", () => {
    for (const [name, state] of Object.entries(STATES))
        for (const lang of ["ru", "en"])
            test(`${name} (${lang})`, async () => {
                const { status, headers, html } = await get(state, lang);
                assert.equal(status, state.status ?? 200);
                assertHeaders(headers);
                const report = await validator.validateString(html, "page.html");
                const faults = report.results.flatMap((r) =>
                    r.messages.map(
                        (m) =>
                            `${m.ruleId} ${m.line}:${m.column} ${m.message} ${html.slice(Math.max(0, m.offset - 60), m.offset + 60)}`,
                    ),
                );
                assert.deepEqual(faults, []);
                assert.deepEqual(inlineFaults(html), []);
                assert.equal(tags(html).find((t) => t.name === "html").attributes.lang, lang);
                if (name !== "image of a hostile prompt") assert.deepEqual(keysIn(textOf(html)), []);
                assert.ok(html.length < 60 * 1024, `${html.length} bytes`);
            });
});

test("every file that a page names is there, for ever, and small", async () => {
    const { client } = await web.session(web.world.owner);
    const files = new Set();
    for (const target of ["/images", "/create", "/settings", `/images/${it.image.id}`, "/login"])
        for (const { attributes } of tags((await web.fetch(client, target)).html))
            for (const value of [attributes.src, attributes.href]) if (value?.startsWith("/static/")) files.add(value);
    assert.ok(files.size >= 4, [...files].join());
    for (const file of files) {
        const encoding = { "accept-encoding": "br, gzip" };
        const { status, headers } = await client.raw("GET", file, { headers: encoding });
        assert.equal(status, 200, file);
        assert.match(headers["cache-control"], /max-age=31536000.*immutable/, file);
        assert.equal(headers["x-content-type-options"], "nosniff", file);
        if (/\.(css|js|svg)$/.test(file)) assert.match(headers["content-encoding"] ?? "", /^(br|gzip)$/, file);
    }
});
