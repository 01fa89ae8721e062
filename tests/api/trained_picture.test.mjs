// A picture with one's own model, at a provider that fetches the model from the address that it is given.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { ask, follow, generate } from "./support/things.mjs";
import { trained } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let world;

before(async () => {
    world = await World.start({ generationMs: 100, falsim: ["--training-ms", "300", "--check-loras"] });
});
after(() => world?.stop());

test("the provider reaches the model that we keep, and says so when it is not there", { timeout: 90000 }, async () => {
    const wish = { prompt: "in a garden", preset: "fast" };
    const avatar = await trained(world, world.owner);
    assert.equal((await generate(world.owner, wish)).avatar_id, avatar.id);
    const [[key]] = await world.sql(`SELECT model_key FROM avatars WHERE id = '${avatar.id}'`);
    fs.unlinkSync(path.join(world.env.OBJECTS_DIR, "aisha-v2-models", key));
    const failed = await follow(world.owner, (await ask(world.owner, wish)).id);
    assert.equal(failed.status, "failed");
    assert.ok(failed.error.message, JSON.stringify(failed.error));
    assert.equal((await world.owner.get("/api/v1/me")).json.quota.held, 0);
});
