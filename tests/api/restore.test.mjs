// The operating guide's way back from a backup: a dump into another cluster, and the SQL that the guide prescribes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "./support/client.mjs";
import { Postgres } from "./support/postgres.mjs";
import { until } from "./support/process.mjs";
import { EventStream } from "./support/sse.mjs";
import { ask, generate, importAvatar, PORTRAIT } from "./support/things.mjs";
import { readyAvatar, train, trainingPath } from "./support/trainings.mjs";
import { World } from "./support/world.mjs";

let world, owner, elsewhere;

before(async () => {
    world = await World.start({ generationMs: 60 });
    elsewhere = await Postgres.make(); // its transactions count from the beginning
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(async () => {
    await world?.stop();
    await elsewhere?.stop();
});

const guide = fs.readFileSync(path.join(ROOT, "docs/operating.md"), "utf8");
const blocks = [...guide.matchAll(/^```sql\n([^]*?)^```/gm)].map(([, sql]) => sql);

async function restore(dump) {
    const url = await elsewhere.database("restored");
    execFileSync(path.join(elsewhere.bin, "pg_restore"), ["--no-owner", "--exit-on-error", "-d", url, dump]);
    await elsewhere.sql(blocks.find((sql) => sql.includes("TRUNCATE")), "restored");
    return url;
}

test("a dump in a new cluster goes on: nothing under way is sent again, pictures are there, streams begin anew", async () => {
    // Events are ordered by transaction: let the old cluster be far ahead of the new one.
    await world.sql("DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    const stream = await EventStream.open(owner);
    const { images } = await generate(owner, { prompt: "before the dump", preset: "fast" });
    await stream.await("the last event", 3000, (t) => t.status === "completed");
    const lastEventId = stream.events.at(-1).id;
    stream.close();

    const learner = await readyAvatar(world, owner, { name: "Learner" });
    await world.falsim.stop(); // what is asked for now stays unsent
    const { id } = await ask(owner, { prompt: "under way at the dump", preset: "fast" });
    await train(owner, learner.id);
    const dump = path.join(world.home, "aisha.dump");
    execFileSync(path.join(elsewhere.bin, "pg_dump"), ["-Fc", "-f", dump, world.databaseUrl]);
    await world.stopServer();
    await world.startFalsim();
    const url = await restore(dump);

    await world.startServer({ DATABASE_URL: url });
    assert.equal((await owner.get(`/api/v1/generations/${id}`)).json.status, "cancelled");
    assert.equal((await owner.get(trainingPath(learner.id))).json.status, "cancelled");
    assert.equal((await owner.get("/api/v1/me")).json.quota.held, 0);
    const kept = (await owner.get(`/api/v1/images/${images[0].id}`)).json;
    assert.equal((await world.anonymous.get(kept.url.slice(world.url.length))).bytes.length, kept.bytes);

    const again = await EventStream.open(owner, { lastEventId });
    await until("it is told to begin anew", 3000, () => again.events.some((e) => e.event === "resync"));
    const next = await generate(owner, { prompt: "behind the dump", preset: "fast" });
    await until("it is told of what is new", 5000, () => again.events.some((e) => e.data.includes(next.id) && e.data.includes("completed")));
    again.close();
    const [[attempt]] = await elsewhere.sql(`SELECT max(id) FROM submissions WHERE generation_id = '${next.id}'`, "restored");
    assert.ok(Number(attempt) > 1000000, "its number was never given to another attempt");
    await until("forgotten trainings were looked for", 20000, async () => {
        const { text } = await world.anonymous.get("/metrics");
        return /^aisha_sweep_last_seconds\{sweep="training_lost"\} [0-9.]+$/m.test(text);
    }, 200);
    const sent = await world.accepted();
    assert.ok(!sent.some((r) => r.input.prompt?.includes("under way")), "what was under way was never sent");
    assert.ok(!sent.some((r) => r.endpoint_id.includes("trainer")), "nor was a training");
});
