// Photos of an avatar: every upload has its verdict, good ones are kept clean, bad ones fail nobody else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import * as files from "./support/photo_files.mjs";
import { judge } from "./support/client.mjs";
import { assertNoMetadata, readJpeg } from "./support/pictures.mjs";
import { until } from "./support/process.mjs";
import { exchange, Socket } from "./support/raw.mjs";
import { NOBODY } from "./support/things.mjs";
import { followTraining, readyAvatar, train } from "./support/trainings.mjs";
import { BUILD, World } from "./support/world.mjs";

const { FOREIGN, form, photo, png, scene } = files;

let world, owner, stalled;

before(async () => {
    world = await World.start({ falsim: ["--training-ms", "60000"], env: { AVATARS_PER_USER: "30" } });
    owner = world.owner;
    stalled = stall(await draft());
});
after(() => world?.stop());

async function draft(client = owner, training_type = "style") {
    const body = { name: "Photos", gender: "other", training_type };
    return (await client.post("/api/v1/avatars", body, { status: 201 })).json.id;
}

const at = (avatar, more = "") => `/api/v1/avatars/${avatar}/photos${more}`;

// One photo as the body.
async function sendRaw(avatar, bytes, { type = "application/octet-stream", name = "", client = owner } = {}) {
    const query = name ? `?file_name=${encodeURIComponent(name)}` : "";
    const answer = await client.expect(200, "POST", at(avatar, query), { body: bytes, type, timeout: 60000 });
    assert.equal(answer.json.items.length, 1);
    return { ...answer.json.items[0], set: answer.json.set, photos_count: answer.json.photos_count };
}

async function sendForm(avatar, parts, { status = 200, client = owner } = {}) {
    return (await client.expect(status, "POST", at(avatar), { ...form(parts), timeout: 120000 })).json;
}

// Half of a photo, then silence; it goes on beside the other tests.
async function stall(avatar) {
    const head = [`POST ${at(avatar)} HTTP/1.1`, "Host: x", `Authorization: Bearer ${owner.token}`];
    const bytes = [...head, "Content-Type: image/png", "Content-Length: 100000", "", "half of it"].join("\r\n");
    return { avatar, ...(await exchange(world.url, bytes, 60000)) };
}

const verdicts = (answer) => answer.items.map((v) => v.code ?? v.status);

async function bytesOf(url) {
    const answer = await world.anonymous.raw("GET", url);
    assert.equal(answer.status, 200);
    return answer.bytes;
}

test("a new avatar is a draft that waits for photos", async () => {
    const id = await draft();
    const avatar = (await owner.get(`/api/v1/avatars/${id}`)).json;
    assert.deepEqual([avatar.status, avatar.trigger_word, avatar.has_model], ["draft", "TOK", false]);
    const { items, set } = (await owner.get(at(id))).json;
    assert.deepEqual(items, []);
    assert.deepEqual([set.usable, set.min, set.max, set.missing, set.ready], [0, 10, 20, 10, false]);
    assert.equal(set.advice[0].code, "add_more");
});

test("what makes an avatar is checked, and made once for each key", async () => {
    const good = { name: "Once", gender: "female", training_type: "portrait" };
    const key = { "idempotency-key": "make-once" };
    const first = await owner.post("/api/v1/avatars", good, { status: 201, headers: key });
    const again = await owner.post("/api/v1/avatars", good, { status: 201, headers: key });
    assert.equal(again.text, first.text);
    assert.equal(again.headers["idempotent-replayed"], "true");
    assert.equal(first.headers.location, `/api/v1/avatars/${first.json.id}`);
    assert.equal(first.json.trigger_phrase, "TOK");
    await owner.post("/api/v1/avatars", { ...good, name: "Other" }, { status: 422, headers: key });
    const faulty = async (body, ...codes) => {
        const { errors } = (await owner.post("/api/v1/avatars", body, { status: 422 })).json;
        assert.deepEqual(errors.map((e) => `${e.field} ${e.code}`).sort(), codes.sort());
    };
    await faulty({}, "name required", "gender required", "training_type required");
    await faulty({ ...good, name: " " }, "name blank");
    await faulty({ ...good, trigger_word: "X" }, "trigger_word exclusive");
    await faulty({ ...good, training_type: "style", trigger_phrase: "X" }, "trigger_phrase exclusive");
    await faulty({ ...good, photos: 3 }, " unknown_field");
});

test("no more avatars than a user may have", async () => {
    const person = await world.person("Collector");
    for (let i = 0; i < 30; i++) await draft(person);
    const body = { name: "x", gender: "other", training_type: "style" };
    assert.equal((await person.post("/api/v1/avatars", body, { status: 409 })).json.code, "limit_reached");
});

test("a good photo is kept, clean, and can be seen", async () => {
    const id = await draft();
    const sent = photo(1, 800, 600);
    const verdict = await sendRaw(id, sent, { type: "image/png", name: "../folder\\beach\u202e\n 1.png" });
    assert.equal(verdict.status, "valid", JSON.stringify(verdict));
    assert.deepEqual(
        [verdict.file_name, verdict.width, verdict.height, verdict.file_size, verdict.has_face, verdict.face_count],
        ["beach 1.png", 800, 600, sent.length, null, null],
    );
    const [listed] = (await owner.get(at(id))).json.items;
    assert.deepEqual((await owner.get(at(id, `/${verdict.id}`))).json, listed);
    assert.equal(listed.id, verdict.id);
    const clean = await bytesOf(listed.url);
    assert.deepEqual(((j) => [j.width, j.height])(readJpeg(clean)), [800, 600]);
    assertNoMetadata(clean, "image/jpeg");
    assertNoMetadata(await bytesOf(listed.thumbnail_url), "image/webp");
    assert.equal((await owner.get(`/api/v1/avatars/${id}`)).json.usable_photos, 1);
    await owner.delete(at(id, `/${verdict.id}`));
    await owner.delete(at(id, `/${verdict.id}`), { status: 404 });
    assert.equal((await owner.get(`/api/v1/avatars/${id}`)).json.photos_count, 0);
});

test("the same photo is refused, a copy of it is a warning", async () => {
    const id = await draft();
    const picture = scene(2, 1200);
    const first = await sendForm(id, [
        { file: "a.png", bytes: png(picture) },
        { file: "b.png", bytes: png(picture) },
    ]);
    assert.deepEqual(verdicts(first), ["valid", "duplicate"]);
    assert.equal((await sendRaw(id, png(picture))).code, "duplicate");
    const [{ url }] = (await owner.get(at(id))).json.items;
    const encoded = await sendRaw(id, await bytesOf(url)); // as a JPEG
    const small = await sendRaw(id, png(files.halved(picture)));
    assert.deepEqual([encoded.status, encoded.code], ["warning", "near_duplicate"]);
    assert.deepEqual([small.status, small.code], ["warning", "near_duplicate"]);
    assert.equal(small.set.different, 1);
    assert.ok(small.set.advice.some((a) => a.code === "more_variety"));
    assert.equal((await sendRaw(await draft(), png(picture))).status, "valid", "another avatar knows nothing of it");
});

// A drawn head: another seed is another person. Kinds: those of draw-portrait.
function portrait(seed, kind, width = 800, height = 900) {
    const file = path.join(world.home, `portrait-${seed}-${kind ?? "one"}.jpg`);
    execFileSync(path.join(BUILD, "tests/draw-portrait"), [file, width, height, seed, ...(kind ? [kind] : [])].map(String));
    return fs.readFileSync(file);
}

test("a portrait needs a face, and one alone is best", async () => {
    const id = await draft(owner, "portrait");
    const answer = await sendForm(id, [
        { file: "one.jpg", bytes: portrait(3) },
        { file: "nobody.jpg", bytes: portrait(4, "faceless") },
        { file: "two.jpg", bytes: portrait(5, "two") },
        { file: "scenery.png", bytes: photo(70) },
    ]);
    assert.deepEqual(verdicts(answer), ["valid", "no_face", "several_faces", "no_face"]);
    assert.deepEqual(
        answer.items.map((v) => [v.has_face, v.face_count]),
        [
            [true, 1],
            [false, 0],
            [true, 2],
            [false, 0],
        ],
    );
    assert.deepEqual(
        answer.items.map((v) => v.status),
        ["valid", "rejected", "warning", "rejected"],
    );
    assert.ok(answer.set.advice.some((a) => a.code === "several_faces"));
    assert.equal((await sendRaw(await draft(), portrait(4, "faceless"))).status, "valid", "a style needs none");
});

test("however the camera was held, and in inks as well, a photo is seen as a person sees it", async () => {
    const id = await draft(owner, "portrait");
    const ways = ["held1", "held2", "held3", "held4", "held5", "held6", "held7", "held8", "printed"];
    const answer = await sendForm(
        id,
        ways.map((kind, i) => ({ file: `${kind}.jpg`, bytes: portrait(20 + i, kind) })),
    );
    assert.deepEqual(
        answer.items.map((v) => [v.file_name, v.status, v.face_count, v.width, v.height]),
        ways.map((kind) => [`${kind}.jpg`, "valid", 1, 800, 900]),
    );
    for (const { url } of (await owner.get(at(id))).json.items) {
        const kept = await bytesOf(url);
        assert.deepEqual(((j) => [j.width, j.height, j.components])(readJpeg(kept)), [800, 900, 3]);
        assertNoMetadata(kept, "image/jpeg");
    }
});

test("what is no photo is named, one verdict each, and the good one between them is kept", async () => {
    const id = await draft();
    const parts = [
        { file: "phone.heic", bytes: FOREIGN.HEIC },
        { file: "moving.gif", bytes: FOREIGN.GIF },
        { file: "script.svg", bytes: FOREIGN.SVG },
        { file: "paper.pdf", bytes: FOREIGN.PDF },
        { file: "film.mp4", bytes: FOREIGN.MP4 },
        { file: "archive.jpg", type: "image/jpeg", bytes: FOREIGN.ZIP },
        { file: "moving.webp", bytes: files.animatedWebp(800, 800) },
        { file: "good.png", bytes: photo(3) },
        { file: "empty.jpg", bytes: Buffer.alloc(0) },
        { file: "dot.png", bytes: photo(4, 1) },
        { file: "huge.png", bytes: files.hugePng(60000, 60000) },
        { file: "noise.bin", bytes: Buffer.alloc(5000, "no picture ") },
    ];
    const answer = await sendForm(id, parts);
    assert.deepEqual(
        answer.items.map((v) => v.file_name),
        parts.map((p) => p.file),
    );
    assert.deepEqual(verdicts(answer), [
        "heic_not_supported",
        ...Array(6).fill("unsupported_format"),
        "valid",
        "corrupt",
        "too_small",
        "too_many_pixels",
        "unsupported_format",
    ]);
    const named = ["HEIC", "GIF", "SVG", "PDF", "MP4", "ZIP", "animated WebP"];
    const english = await owner.with({ "accept-language": "en" }).expect(200, "POST", at(id), form(parts));
    named.forEach((name, i) => assert.match(english.json.items[i].message, new RegExp(name)));
    answer.items.filter((v) => v.status === "rejected").forEach((v) => assert.equal(v.id, null));
    assert.match(answer.items[6].message, /анимированный WebP/);
    assert.equal(answer.photos_count, 1);
    assert.ok(!world.aisha.ended, "the server lives");
});

test("a damaged photo is corrupt wherever it is cut", async () => {
    const id = await draft();
    await sendRaw(id, photo(5, 900));
    const [{ url }] = (await owner.get(at(id))).json.items;
    const jpeg = await bytesOf(url);
    const other = await draft();
    for (const share of [0.02, 0.3, 0.7, 0.98]) {
        const verdict = await sendRaw(other, jpeg.subarray(0, Math.floor(jpeg.length * share)));
        assert.equal(verdict.code, "corrupt", `${share} of it`);
    }
    const cut = photo(6);
    assert.equal((await sendRaw(other, cut.subarray(0, cut.length - 3000))).code, "corrupt");
});

test("size has its verdicts: 20 MiB and one byte, exactly 20 MiB, and too dark, bright or soft", async () => {
    const id = await draft();
    const limit = 20 * 1024 * 1024;
    const padded = (bytes, length) => Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
    const answer = await sendForm(id, [
        { file: "over.png", bytes: padded(photo(7), limit + 1) },
        { file: "exact.png", bytes: padded(photo(8), limit) },
        { file: "dark.png", bytes: png(files.toned(scene(9, 640), (v) => v * 0.06)) },
        { file: "bright.png", bytes: png(files.toned(scene(10, 640), (v) => 245 + v * 0.03)) },
        { file: "soft.png", bytes: png(files.blurred(700)) },
    ]);
    const [over, exact, ...poor] = verdicts(answer);
    assert.equal(over, "too_large");
    assert.match(answer.items[0].message, /20/);
    assert.notEqual(exact, "too_large");
    for (const [i, codes] of [["too_dark", "blurry"], ["too_bright", "blurry"], ["blurry"]].entries())
        assert.ok(codes.includes(poor[i]), `${poor[i]} is one of ${codes}`);
    assert.equal(answer.items[4].status, "rejected");
});

test("nothing of where and with what it was taken is kept, and it is upright", async () => {
    const id = await draft();
    await sendRaw(id, photo(11, 900, 700));
    const [{ url }] = (await owner.get(at(id))).json.items;
    const plain = await bytesOf(url);
    const other = await draft();
    const verdict = await sendRaw(other, files.withMetadata(plain, { orientation: 6 }), { name: "GPS.jpg" });
    assert.deepEqual([verdict.width, verdict.height], [700, 900], JSON.stringify(verdict));
    const deep = png(scene(12, 700), { bits: 16, texts: { Comment: "SECRETTEXT GPSLatitude" } });
    assert.equal((await sendRaw(other, deep)).status, "valid", "16 bits a channel");
    for (const { url: kept } of (await owner.get(at(other))).json.items) {
        const bytes = await bytesOf(kept);
        assertNoMetadata(bytes, "image/jpeg");
    }
    assert.deepEqual(((j) => [j.width, j.height])(readJpeg(await bytesOf((await owner.get(at(other))).json.items[0].url))), [700, 900]);
    const words = ["SECRETCAM", "SECRETPLACE", "SECRETCOMMENT", "SECRETTEXT", "GPSLatitude", "Exif\0"];
    const objects = fs.readdirSync(world.env.OBJECTS_DIR, { recursive: true, withFileTypes: true });
    const names = objects.filter((o) => o.isFile()).map((o) => path.join(o.parentPath ?? o.path, o.name));
    assert.ok(names.length >= 6);
    for (const name of names)
        for (const word of words) assert.ok(!fs.readFileSync(name).includes(word), `${word} in ${name}`);
    const rows = JSON.stringify(await world.sql("SELECT to_jsonb(p) FROM photos p"));
    for (const word of words.slice(0, 5)) assert.ok(!rows.includes(word), `${word} in the database`);
    const hex = rows.toLowerCase();
    for (const word of words) assert.ok(!hex.includes(Buffer.from(word).toString("hex")), `${word} in the database`);
});

test("a 21st photo is one too many, also of several at once", async () => {
    const id = await draft();
    const photos = Array.from({ length: 23 }, (_, i) => ({ file: `${i}.png`, bytes: photo(100 + i, 520) }));
    const most = await sendForm(id, photos.slice(0, 19));
    assert.deepEqual([most.photos_count, most.set.ready, most.set.missing], [19, true, 0]);
    const [a, b] = await Promise.all([sendForm(id, photos.slice(19, 21)), sendForm(id, photos.slice(21))]);
    assert.equal([...verdicts(a), ...verdicts(b)].filter((v) => v === "limit_reached").length, 3);
    const { items, set } = (await owner.get(at(id))).json;
    assert.deepEqual([items.length, set.usable], [20, 20]);
    assert.match([...a.items, ...b.items].find((v) => v.code === "limit_reached").message, /20/);
    await until("objects of photos that were not written are gone", 100000, async () => {
        const kept = fs.readdirSync(path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", id));
        return kept.length === 40;
    });
});

test("forms that are no forms are refused in words, and nothing is kept of them", async () => {
    const id = await draft();
    const refused = async (status, code, options) => {
        const answer = await owner.expect(status, "POST", at(id), options);
        assert.equal(answer.json.errors?.[0].code ?? answer.json.code, code);
    };
    const good = { file: "good.png", bytes: photo(30) };
    const { body, type } = form([good]);
    await refused(400, "multipart_no_boundary", { body, type: "multipart/form-data" });
    await refused(400, "multipart_cut", { body: body.subarray(0, body.length / 2), type });
    await refused(400, "multipart_too_many_parts", form(Array(1000).fill({ file: "x", bytes: Buffer.from("x") })));
    const long = `${"../".repeat(3400)}passwd.png`;
    assert.equal((await sendForm(id, [{ ...good, file: long }])).items[0].file_name, "passwd.png");
    await refused(400, "multipart_head_too_large", form([{ ...good, file: "x".repeat(17 * 1024) }]));
    await refused(422, "part_unknown", form([{ name: "picture", ...good }]));
    await refused(422, "no_photos", form([{ file: "", bytes: Buffer.alloc(0) }]));
    await refused(415, "upload_expected", { body: "photo=1", type: "application/x-www-form-urlencoded" });
    await refused(415, "upload_expected", { body: "hello", type: "text/plain" });
    const unknown = await owner.expect(400, "POST", at(id, "?name=x"), { body: good.bytes, type: "image/png" });
    assert.equal(unknown.json.errors[0].code, "unknown_parameter");
    assert.equal((await owner.get(at(id))).json.items.length, 1);
});

test("a body without a length, or larger than any form of photos, is refused before it is read", async () => {
    const id = await draft();
    const head = (...more) =>
        [`POST ${at(id)} HTTP/1.1`, "Host: x", `Authorization: Bearer ${owner.token}`, ...more, "", ""].join("\r\n");
    const refused = async (status, code, bytes) => {
        const { answers, closed } = await exchange(world.url, bytes, 5000);
        assert.deepEqual([answers[0]?.status, closed], [status, true]);
        judge("POST", at(id), { ...answers[0], bytes: Buffer.from(answers[0].body) });
        assert.equal(JSON.parse(answers[0].body).code, code);
    };
    await refused(411, "length_required", head("Content-Type: image/png", "Transfer-Encoding: chunked") + "3\r\nabc\r\n");
    await refused(413, "upload_too_large", head("Content-Type: image/png", `Content-Length: ${513 << 20}`));
    const cut = head("Content-Type: image/png", "Content-Length: 100000") + "only the beginning";
    const socket = await Socket.open(world.url);
    await socket.write(cut);
    socket.destroy();
    assert.deepEqual((await owner.get(at(id))).json.items, []);
});

test("without the storage a good photo is nobody's fault, and none is kept", async () => {
    const id = await draft();
    const place = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos");
    await sendRaw(id, photo(60));
    fs.renameSync(place, `${place}.away`);
    fs.writeFileSync(place, "no folder");
    try {
        const parts = [61, 62].map((seed) => ({ file: `${seed}.png`, bytes: photo(seed) }));
        const answer = await owner.expect(503, "POST", at(id), form(parts));
        assert.equal(answer.json.code, "storage");
        assert.ok(Number(answer.headers["retry-after"]) > 0);
    } finally {
        fs.rmSync(place);
        fs.renameSync(`${place}.away`, place);
    }
    assert.equal((await owner.get(at(id))).json.items.length, 1);
    assert.equal((await sendRaw(id, photo(61))).status, "valid", "the same photo, when it is back");
});

test("straight into the bucket: not where objects lie on this machine's disk", async () => {
    const id = await draft();
    const wish = { file_name: "a.jpg", content_type: "image/jpeg", file_size: 1000 };
    const answer = await owner.post(at(id, "/uploads"), wish, { status: 409 });
    assert.equal(answer.json.code, "upload_not_offered");
    await owner.post(at(id, "/uploads"), { ...wish, content_type: "text/html" }, { status: 422 });
    await owner.post(at(id, "/uploads"), { ...wish, file_size: 20971521 }, { status: 422 });
    const unknown = await owner.post(at(id), { upload_ids: [NOBODY] }, { status: 422 });
    assert.equal(unknown.json.errors[0].code, "upload_unknown");
    for (const upload_ids of [[], "x", [1], [NOBODY, NOBODY], Array(65).fill(NOBODY)])
        await owner.post(at(id), { upload_ids }, { status: 422 });
    await owner.expect(400, "POST", at(id), { body: "{", type: "application/json" });
    await owner.expect(413, "POST", at(id), { body: `{"x":"${"y".repeat(65536)}"}`, type: "application/json" });
});

test("photos of another user's avatar are not there", async () => {
    const id = await draft();
    const { id: photo_id } = await sendRaw(id, photo(40));
    const own = await draft(world.other);
    const { other } = world;
    await other.get(at(id), { status: 404 });
    await other.get(at(id, `/${photo_id}`), { status: 404 });
    await other.get(at(own, `/${photo_id}`), { status: 404 });
    await other.delete(at(id, `/${photo_id}`), { status: 404 });
    await other.delete(at(own, `/${photo_id}`), { status: 404 });
    await other.expect(404, "POST", at(id), { body: photo(41), type: "image/png" });
    await other.expect(404, "POST", at(id), form([{ file: "x.png", bytes: photo(41) }]));
    const wish = { content_type: "image/png", file_size: 5 };
    await other.post(at(id, "/uploads"), wish, { status: 404 });
    await other.get(`/api/v1/avatars/${id}/training`, { status: 404 });
    assert.equal((await owner.get(at(id))).json.items.length, 1);
});

test("an avatar that learns keeps its photos as they are", async () => {
    const user = await world.person("Learner");
    const { id } = await readyAvatar(world, user, { training_type: "style" });
    const [{ id: photo_id }] = (await user.get(at(id))).json.items;
    await train(user, id);
    const refused = async (method, target, options) => {
        const answer = await user.expect(409, method, target, options);
        assert.equal(answer.json.code, "avatar_training");
    };
    await refused("POST", at(id), { body: photo(80), type: "image/png" });
    await refused("DELETE", at(id, `/${photo_id}`));
    await user.delete(`/api/v1/avatars/${id}/training`, { status: 202 });
    await followTraining(user, id);
    assert.equal((await sendRaw(id, photo(80), { client: user })).photos_count, 11);
    await user.delete(at(id, `/${photo_id}`));
});

test("a body that stops arriving is given up after half a minute", async () => {
    const { avatar, answers, closed } = await stalled;
    assert.deepEqual([answers[0]?.status, closed], [408, true]);
    judge("POST", at(avatar), { ...answers[0], bytes: Buffer.from(answers[0].body) });
    assert.equal(JSON.parse(answers[0].body).code, "upload_too_slow");
});

test("what is deleted is gone from the disk, with its avatar as well", async () => {
    const id = await draft();
    const kept = await sendRaw(id, photo(50));
    const { items } = (await owner.get(at(id))).json;
    const folder = path.join(world.env.OBJECTS_DIR, "aisha-v2-photos", id);
    assert.equal(fs.readdirSync(folder).length, 2);
    await owner.delete(at(id, `/${kept.id}`));
    const gone = () => !fs.existsSync(folder) || fs.readdirSync(folder).length === 0;
    await until("a deleted photo's files are gone", 100000, async () => gone());
    assert.equal((await world.anonymous.raw("GET", items[0].url)).status, 404);
    await sendRaw(id, photo(51));
    await owner.delete(`/api/v1/avatars/${id}`);
    await until("a deleted avatar's photos are gone", 100000, async () => gone());
    await owner.get(at(id), { status: 404 });
});
