// The storage is away when pictures come, and fal.ai's copies are gone when it is back: nothing that was made is lost.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { sleep, until } from "./support/process.mjs";
import { ask, follow, importAvatar, PORTRAIT } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner, bucket, spool;

before(async () => {
    world = await World.start({ generationMs: 100 });
    bucket = path.join(world.home, "objects/aisha-v2-generated");
    spool = path.join(world.home, "spool/results");
});
beforeEach(async () => {
    owner = await world.person("Patient");
    await importAvatar(owner, PORTRAIT);
});
afterEach(() => {
    if (fs.existsSync(`${bucket}-away`)) giveStorageBack(); // a test that failed
});
after(() => world?.stop());

// A plain file stands where the folder of the pictures was.
function takeStorageAway() {
    fs.mkdirSync(bucket, { recursive: true });
    fs.renameSync(bucket, `${bucket}-away`);
    fs.writeFileSync(bucket, "no folder");
}

function giveStorageBack() {
    fs.rmSync(bucket);
    fs.renameSync(`${bucket}-away`, bucket);
}

// As hours pass: the files and results of the provider are gone.
async function loseCopies() {
    await world.falsim.stop();
    for (const name of ["falsim.state", "falsim.state.files"])
        fs.rmSync(path.join(world.home, name), { recursive: true, force: true });
    await world.startFalsim();
}

const waiting = () => (fs.existsSync(spool) ? fs.readdirSync(spool).filter((name) => !name.startsWith("~")) : []);
const askFor = async (count) => {
    const asked = [];
    for (let i = 0; i < count; i++)
        asked.push(await ask(owner, { prompt: `kept ${i}`, preset: "fast", num_images: (i % 3) + 1 }));
    return asked;
};
const pictures = (asked) => asked.reduce((sum, g) => sum + g.num_images, 0);
// At once, not when their delay is over.
const hurry = () => world.sql("UPDATE jobs SET run_at = now() WHERE state = 'ready'");

async function assertDelivered(asked) {
    for (const { id, num_images } of asked) {
        await hurry();
        const done = await follow(owner, id);
        assert.equal(done.status, "completed", JSON.stringify(done.error));
        assert.equal(done.images.length, num_images);
    }
    const rows = await world.sql(`SELECT id, encode(sha256, 'hex'), bytes, object_key FROM images
        WHERE user_id = '${owner.id}'`);
    assert.equal(rows.length, pictures(asked));
    for (const [id, sha256, bytes, key] of rows) {
        const file = fs.readFileSync(path.join(bucket, key));
        assert.equal(createHash("sha256").update(file).digest("hex"), sha256, id);
        assert.equal(file.length, Number(bytes));
        for (const size of ["small", "medium"])
            assert.ok(fs.statSync(path.join(bucket, key.replace(/\.\w+$/, `_${size}.webp`))).size > 0);
    }
    await until("nothing waits on disk", 5000, () => waiting().length === 0);
}

test("pictures wait on the worker's disk, outlive fal.ai's copies and a kill -9, and are all delivered", async () => {
    takeStorageAway();
    const asked = await askFor(6);
    await until("all wait on disk", 20000, () => waiting().length === pictures(asked));
    const open = await world.sql(
        `SELECT status, count(*) FROM generations WHERE user_id = '${owner.id}' GROUP BY 1`,
    );
    assert.deepEqual(open, [["storing", "6"]]);
    await loseCopies();
    await world.stopServer("SIGKILL");
    await world.startServer();
    await hurry();
    await sleep(500);
    giveStorageBack();
    await assertDelivered(asked);
    assert.deepEqual(await world.sql("SELECT count(*) FROM generation_outputs"), [["0"]]);
    const { quota } = (await owner.get("/api/v1/me")).json;
    assert.equal(quota.held, 0);
    assert.equal(quota.granted, quota.available + quota.spent);
});

test("killed again and again while results go to disk and from there, none is lost", { timeout: 120000 }, async () => {
    takeStorageAway();
    const asked = await askFor(8);
    for (let i = 0; i < 3; i++) {
        await sleep(100 + Math.random() * 600);
        await world.stopServer("SIGKILL");
        await world.startServer();
    }
    await until("all wait on disk", 60000, async () => {
        await hurry();
        await world.passTime("9 minutes"); // for those whose answer was lost by a kill
        return waiting().length === pictures(asked);
    }, 500);
    await loseCopies();
    giveStorageBack();
    await hurry();
    await sleep(100);
    await world.stopServer("SIGKILL");
    await world.startServer();
    await assertDelivered(asked);
});

test("a file on disk that was damaged is fetched again", async () => {
    takeStorageAway();
    const asked = await askFor(1);
    await until("it waits on disk", 20000, () => waiting().length === 1);
    const file = path.join(spool, waiting()[0]);
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 7] ^= 1;
    fs.writeFileSync(file, bytes);
    giveStorageBack();
    await assertDelivered(asked);
});

test("without room on disk they are delivered as long as fal.ai has them", async () => {
    await world.stopServer();
    await world.startServer({ SPOOL_MAX_MIB: "0" });
    takeStorageAway();
    const asked = await askFor(2);
    await until("the storage was tried", 20000, async () => {
        const [[failed]] = await world.sql(
            "SELECT count(*) FROM jobs WHERE last_error LIKE 'storage_failed%'",
        );
        return Number(failed) === 2;
    });
    assert.deepEqual(waiting(), []);
    giveStorageBack();
    await assertDelivered(asked);
});
