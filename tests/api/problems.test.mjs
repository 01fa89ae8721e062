// Problem documents: the same shape from every layer, in the reader's language.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { contract } from "./support/client.mjs";
import { importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;
before(async () => {
    world = await World.start();
    owner = world.owner;
});
after(() => world?.stop());

const isRussian = (text) => /[а-яё]/i.test(text);

test("they speak Russian and English as asked, and the code stays", async () => {
    const title = async (language) => {
        const { json } = await world.anonymous.get("/api/v1/me", {
            status: 401,
            headers: language ? { "accept-language": language } : {},
        });
        assert.equal(json.code, "unauthenticated");
        assert.equal(isRussian(json.title), isRussian(json.detail));
        return isRussian(json.title) ? "ru" : "en";
    };
    const wanted = {
        en: "en",
        ru: "ru",
        "ru-RU,ru;q=0.9,en;q=0.8": "ru",
        "en-US,en;q=0.9,ru;q=0.5": "en",
        "de,en;q=0.5": "en",
        "ru;q=0.1,en;q=0.2": "en",
        "ru;q=0,en;q=0.001": "en",
        de: "ru",
        "": "ru",
        "*": "ru",
        ["x".repeat(500)]: "ru",
        "en;q=abc,;;,,": undefined,
    };
    for (const [header, language] of Object.entries(wanted)) {
        const got = await title(header);
        if (language) assert.equal(got, language, `Accept-Language: ${header}`);
    }
});

test("without a wish the user's own language holds", async () => {
    await owner.patch("/api/v1/me", { locale: "en" });
    assert.ok(!isRussian((await owner.get("/api/v1/avatars/x", { status: 404 })).json.title));
    await owner.patch("/api/v1/me", { locale: "ru" });
    assert.ok(isRussian((await owner.get("/api/v1/avatars/x", { status: 404 })).json.title));
});

test("every fault of a value is told in the language of the answer", async () => {
    const body = {
        prompt: "x".repeat(1001),
        num_images: 9,
        preset: "no",
        image_size: { width: 1 },
        colour: 1,
        seed: -1,
    };
    for (const language of ["ru", "en"]) {
        const { json } = await owner.post("/api/v1/generations", body, {
            status: 422,
            headers: { "accept-language": language },
        });
        assert.ok(json.errors.length >= 6, JSON.stringify(json.errors));
        for (const error of json.errors)
            assert.equal(isRussian(error.detail), language === "ru", `${error.code}: ${error.detail}`);
        assert.ok(!/[{}]/.test(json.errors.map((e) => e.detail).join("")), "no unfilled places");
    }
});

test("what a failed generation says is in the reader's language", async () => {
    await importAvatar(owner, PORTRAIT);
    await world.faults({ op: "result", fault: "422", prompt: "translated" });
    const { id } = (await owner.post("/api/v1/generations", { prompt: "translated", preset: "fast" }, { status: 202 }))
        .json;
    for (const language of ["en", "ru"]) {
        let json;
        do json = (await owner.get(`/api/v1/generations/${id}`, { headers: { "accept-language": language } })).json;
        while (json.status !== "failed" && json.status !== "completed");
        assert.equal(isRussian(json.error.message), language === "ru", json.error.message);
    }
});

test("paths that do not exist, with any method", async () => {
    for (const path of [
        "/nothing",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me",
        "/api/v1/me/",
        "//api/v1/me",
        "/API/V1/ME",
        "/api/v1/avatars/",
        "/health/",
        "/docs/../me",
    ])
        for (const method of ["GET", "POST", "DELETE"])
            assert.ok([404, 405].includes((await owner.send(method, path)).status), `${method} ${path}`);
    assert.equal((await owner.get("/nothing", { status: 404 })).json.code, "not_found");
});

test("methods that do not exist on a path that does", async () => {
    for (const { template } of contract.routes) {
        if (template.startsWith("/files")) continue;
        const path = template.replace(/\{[^}]+\}/g, "x");
        const { methods } = contract.find("GET", path);
        for (const method of ["PUT", "OPTIONS", "TRACE", "PROPFIND", "POST", "PATCH", "DELETE", "GET"].filter(
            (m) => !methods.includes(m),
        )) {
            const answer = await owner.send(method, path);
            assert.equal(answer.status, 405, `${method} ${path}`);
            assert.equal(answer.json.code, "method_not_allowed");
        }
    }
});

test("HEAD is GET without the body", async () => {
    for (const path of ["/health/live", "/api/v1/me", "/api/v1/images", "/openapi.yaml", "/docs", "/metrics"]) {
        const [head, get] = [await owner.expect(200, "HEAD", path), await owner.get(path)];
        assert.equal(head.headers["content-type"], get.headers["content-type"]);
        assert.equal(head.bytes.length, 0);
    }
    const missing = await owner.send("HEAD", "/api/v1/images/x");
    assert.equal(missing.status, 404);
});

test("every answer is guarded against sniffing, and none tells what it was made with", async () => {
    for (const path of ["/health/live", "/api/v1/me", "/nothing", "/docs", "/openapi.yaml"]) {
        const { headers } = await owner.send("GET", path);
        assert.equal(headers["x-content-type-options"], "nosniff", path);
        assert.ok(!/h2o|\d+\.\d+/i.test(headers.server ?? ""), `Server: ${headers.server}`);
    }
});

test("request ids are the server's own and each a new one", async () => {
    const ids = new Set();
    for (let i = 0; i < 20; i++)
        ids.add(
            (await owner.get("/health/live", { headers: { "x-request-id": "chosen-by-the-client-0000" } })).headers[
                "x-request-id"
            ],
        );
    assert.equal(ids.size, 20);
    assert.ok(!ids.has("chosen-by-the-client-0000"));
});
