// Trainings that would last a minute: what is refused while they run, and the way out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "./support/process.mjs";
import { followTraining, readyAvatar, train, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let world;
let people = 0;

before(async () => {
    world = await World.start({ falsim: ["--training-ms", "60000"] });
});
after(() => world?.stop());

const somebody = () => world.person(`Person ${++people}`);

test("a cancel while it runs is obeyed, is free, and leaves a draft; afterwards it is too late", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    await until("it runs", 10000, async () => ["queued", "running"].includes((await user.get(trainingPath(avatar.id))).json.status));
    const asked = await user.expect(202, "DELETE", trainingPath(avatar.id));
    assert.equal(asked.json.cancel_requested, true);
    const { last } = await followTraining(user, avatar.id);
    assert.equal(last.status, "cancelled");
    assert.equal(last.cost, 0);
    assert.equal((await user.get(`/api/v1/avatars/${avatar.id}`)).json.status, "draft");
    assert.equal((await user.expect(409, "DELETE", trainingPath(avatar.id))).json.code, "training_not_running");
    assert.equal((await user.get("/api/v1/me")).json.quota.held, 0);
});

test("while it learns an avatar is not deleted; when it was cancelled, it is", async () => {
    const user = await somebody();
    const avatar = await readyAvatar(world, user);
    await train(user, avatar.id);
    const refused = await user.expect(409, "DELETE", `/api/v1/avatars/${avatar.id}`);
    assert.equal(refused.json.code, "avatar_training");
    await user.expect(202, "DELETE", trainingPath(avatar.id));
    assert.equal((await followTraining(user, avatar.id)).last.status, "cancelled");
    await user.expect(204, "DELETE", `/api/v1/avatars/${avatar.id}`);
});
