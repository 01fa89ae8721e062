// Every operation with requests made from the contract: what it allows is not refused, what it does not allow is refused
// in the documented way, nothing is a 5xx, and every answer conforms. FUZZ_RUNS and FUZZ_SEED choose other runs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { arbitrary, hostile, nasty } from "./support/arbitrary.mjs";
import { contract } from "./support/client.mjs";
import { accessOf, Things } from "./support/matrix.mjs";
import { ROWS } from "./support/rows.mjs";
import { importAvatar, signIn, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

const RUNS = Number(process.env.FUZZ_RUNS ?? 30);
const SEED = Number(process.env.FUZZ_SEED ?? 20251120);
// Refusals of requests that a schema cannot tell from right ones.
const DEPENDS = [
    "preset_not_supported",
    "not_accepted_here",
    "exclusive",
    "idempotency_key_reused",
    "upload_unknown",
    "style_unknown",
    "unknown_category",
    "unknown_choice",
    "repeated", // a choice, within one parameter
];
const RAW = [
    "",
    "{",
    "[",
    "nul",
    '{"a":1}}',
    '{"a":1,"a":2}',
    "\u0000",
    "[".repeat(5000),
    '{"prompt":"\\ud800"}',
    `"${"x".repeat(70000)}"`,
    "0".repeat(400),
    '{"":{"":{"":0}}}',
];

let world, it, clients;

before(async () => {
    world = await World.start({ generationMs: 20 });
    it = await Things.make(world);
    it.style = (await importAvatar(world.owner, STYLE)).id;
    clients = { session: (await signIn(world, world.owner)).client, service: world.service };
});
after(() => world?.stop());

// Ids that exist, so that requests get beyond the first look-up.
function known(parameter, operation) {
    const ids = {
        Avatar: [it.avatar, it.style],
        Generation: [it.generation],
        Image: [it.image, it.trash],
        Token: [it.token],
    };
    if (parameter.name === "avatar_id") return ids.Avatar;
    if (parameter.name === "id") return Object.entries(ids).find(([kind]) => operation.operationId.includes(kind))?.[1];
    if (parameter.name === "template_id") return parameter.in === "path" ? [it.template] : ["knight"];
    if (parameter.name === "category") return ["portrait", "business", "own"];
    if (parameter.name === "bucket") return ["aisha-v2-generated"];
    return null;
}

// What only the server can make cannot be made up: such parameters are left out of right requests.
const MADE_BY_SERVER = ["cursor", "Last-Event-ID", "X-CSRF-Token", "Idempotency-Key", "Range", "If-None-Match"];

function parametersOf(operation, place, mode) {
    const all = operation.parameters.filter((p) => p.in === place);
    const usable = mode === "right" ? all.filter((p) => !MADE_BY_SERVER.includes(p.name)) : all;
    const values = usable.map((p) => {
        const real = known(p, operation);
        const choices = [
            { weight: 4, arbitrary: real ? fc.constantFrom(...real) : arbitrary(p.schema) },
            arbitrary(p.schema),
        ];
        if (mode === "hostile") choices.push({ weight: 2, arbitrary: nasty });
        return [p.name, fc.oneof(...choices)];
    });
    return fc.record(Object.fromEntries(values), { requiredKeys: place === "path" ? usable.map((p) => p.name) : [] });
}

function bodyOf(operation, mode) {
    const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    if (!media) return fc.constant({});
    const right = arbitrary(media.schema).map((value) => ({
        type,
        body: type.includes("form") ? new URLSearchParams(value).toString() : JSON.stringify(value),
    }));
    if (mode === "right") return right;
    const types = fc.constantFrom(type, type, type, "text/plain", "application/json; charset=utf-16", "", "x");
    const value = hostile(media.schema).map((v) => JSON.stringify(v) ?? "");
    return fc
        .tuple(fc.oneof({ weight: 5, arbitrary: value }, fc.constantFrom(...RAW)), types)
        .map(([body, t]) => ({ type: t, body }));
}

const asHeader = (value) =>
    String(value)
        .replace(/[^\x20-\x7e]/g, "")
        .trim()
        .slice(0, 4000);
const encoded = (value) => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, "\ufffd")).replace(/^\.{1,2}$/, "%2e");

function toRequest(operation, { path, query, header, content }) {
    const target = operation.template.replace(/\{([^}]+)\}/g, (_, name) => encoded(path[name]) || "x");
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
    const headers = Object.fromEntries(
        Object.entries(header)
            .map(([name, value]) => [name, asHeader(value)])
            .filter(([, value]) => value),
    );
    return {
        target: target + (pairs.length ? `?${pairs.join("&")}` : ""),
        options: { headers, ...content, type: content.type || null, timeout: 15000 },
    };
}

async function judgeOne(operation, mode, made) {
    const { target, options } = toRequest(operation, made);
    const client = clients[accessOf(operation)] ?? world.owner;
    const answer = await client.send(operation.method, target, options);
    assert.ok(answer.status < 500, `${operation.method} ${target} → ${answer.status} ${answer.text}`);
    if (mode === "hostile" || ![400, 415, 422].includes(answer.status)) return;
    const codes = [answer.json?.code, ...(answer.json?.errors ?? []).map((e) => e.code)].filter(
        (code) => !["invalid", "invalid_query"].includes(code),
    );
    assert.ok(
        codes.every((code) => DEPENDS.includes(code)),
        `a right request was refused: ${target} ${options.body} → ${answer.text}`,
    );
}

// Those that end what the others need, that need a signature, or whose answer does not end.
const LEFT_OUT = [
    "logout",
    "streamEvents",
    "getFile",
    "headFile",
    "useLink",
    "showLink",
    "deleteAvatar",
    "receiveFalWebhook",
    "receiveStatusUpdate",
    "getDocsFile",
];

for (const mode of ["right", "hostile"])
    describe(`${mode} requests`, () => {
        for (const operation of contract.operations.filter((o) => ROWS[o.operationId])) {
            if (mode === "right" && LEFT_OUT.includes(operation.operationId)) continue;
            if (operation.operationId === "logout" || ROWS[operation.operationId].stream) continue;
            test(operation.operationId, async () => {
                const request = fc.record({
                    path: parametersOf(operation, "path", mode),
                    query: parametersOf(operation, "query", mode),
                    header: parametersOf(operation, "header", mode),
                    content: bodyOf(operation, mode),
                });
                await fc.assert(
                    fc.asyncProperty(request, (made) => judgeOne(operation, mode, made)),
                    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
                );
            });
        }
    });
