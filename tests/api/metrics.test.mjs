// What has become of generations: for who runs the service (/metrics, the dashboard) and for their user (/me/stats).
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "./support/client.mjs";
import { readMetrics, seriesOf } from "./support/prometheus.mjs";
import { ask, follow, generate, importAvatar, PORTRAIT, STYLE } from "./support/things.mjs";
import { World } from "./support/world.mjs";

let world, owner;

before(async () => {
    world = await World.start({ generationMs: 50 });
    owner = world.owner;
    await importAvatar(owner, PORTRAIT);
});
after(() => world?.stop());

const metrics = async () => readMetrics((await world.anonymous.get("/metrics")).text);
// The sum of a metric's samples that have these labels.
const value = async (name, labels = {}) => seriesOf(await metrics(), name, labels).reduce((sum, s) => sum + s.value, 0);
const stats = async (client = owner) => (await client.get("/api/v1/me/stats")).json;
const LORA = { avatar_type: "portrait", preset: "fast", endpoint: "fal-ai/flux-lora" };

test("a success is counted by avatar type, preset and endpoint, with its pictures, credits, times and prompt", async () => {
    const prompt = "p".repeat(25); // the end of a bucket belongs to it
    const done = await generate(owner, { prompt, preset: "fast", num_images: 2 });
    const now = await metrics();
    const one = (name, labels) => {
        const found = seriesOf(now, name, labels);
        assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`);
        return found[0].value;
    };
    assert.equal(one("aisha_generations_total", { ...LORA, outcome: "completed" }), 1);
    assert.equal(one("aisha_generation_images_total", { ...LORA, quarantined: "false" }), 2);
    assert.equal(one("aisha_generation_credits_total", LORA), done.cost);
    const ended = { ...LORA, outcome: "completed" };
    assert.equal(one("aisha_generation_duration_seconds_count", ended), 1);
    assert.ok(Math.abs(one("aisha_generation_duration_seconds_sum", ended) - done.generation_time) < 0.01);
    assert.equal(one("aisha_generation_duration_seconds_bucket", { ...ended, le: "5" }), 1);
    assert.equal(one("aisha_generation_wait_seconds_count", { endpoint: LORA.endpoint }), 1);
    assert.equal(one("aisha_generation_prompt_letters_sum", { avatar_type: "portrait" }), 25);
    assert.equal(one("aisha_generation_prompt_letters_bucket", { avatar_type: "portrait", le: "10" }), 0);
    assert.equal(one("aisha_generation_prompt_letters_bucket", { avatar_type: "portrait", le: "25" }), 1);
    assert.deepEqual(seriesOf(now, "aisha_generation_errors_total"), []);
});

test("durations are counted in the buckets of the expected times", async () => {
    const bounds = [...new Set(seriesOf(await metrics(), "aisha_generation_duration_seconds_bucket").map((s) => s.labels.le))];
    assert.deepEqual(bounds, "5 10 15 20 25 30 35 40 50 60 75 90 120 180 300 600 +Inf".split(" "));
});

test("an error is counted by its code", async () => {
    await world.faults({ op: "result", fault: "422", prompt: "refused", count: 1 });
    const { id } = await ask(owner, { prompt: "refused", preset: "fast" });
    const failed = await follow(owner, id);
    assert.equal(failed.status, "failed");
    await world.faults();
    assert.equal(await value("aisha_generation_errors_total", { ...LORA, error: failed.error.code }), 1);
    assert.equal(await value("aisha_generations_total", { outcome: "failed" }), 1);
});

test("what old rows say that nobody knows any more makes no series of its own", async () => {
    const [[avatar]] = await world.sql(`SELECT id FROM avatars WHERE user_id = '${owner.id}' LIMIT 1`);
    for (const n of [1, 2, 3])
        await world.sql(`INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,
            parameters, input, cost, expected_seconds) VALUES (gen_random_uuid(), '${owner.id}', '${avatar}', 'p', 'p',
            'gone${n}', 'x"y\\${n}', 1, '{}', '{}', 1, 10);
            UPDATE generations SET status = 'failed', error_code = 'Odd "${n}"', finished_at = now() WHERE preset = 'gone${n}'`);
    const others = { preset: "other", endpoint: "other" };
    assert.equal(await value("aisha_generations_total", others), 3);
    assert.equal(seriesOf(await metrics(), "aisha_generations_total", others).length, 1);
    assert.equal(await value("aisha_generation_errors_total", { ...others, error: "other" }), 3);
});

test("blocked words by category, and dry runs", async () => {
    const before = await value("aisha_dry_runs_total");
    const blocked = await owner.post("/api/v1/generations", { prompt: "a nude portrait" }, { status: 422 });
    assert.equal(blocked.json.code, "moderation_blocked");
    assert.equal(await value("aisha_moderation_blocked_total", { category: blocked.json.category }), 1);
    await owner.post("/api/v1/generations", { prompt: "quite harmless", dry_run: true }, { status: 200 });
    assert.equal(await value("aisha_dry_runs_total"), before + 1);
    assert.ok((await value("aisha_moderation_checked_total")) >= 2);
});

test("a queue is told for every lane and endpoint, empty or not", async () => {
    const now = await metrics();
    for (const lane of ["interactive", "batch"])
        for (const endpoint of ["fal-ai/flux-lora", "fal-ai/flux-pro/finetuned", "other"])
            assert.equal(seriesOf(now, "aisha_endpoint_queue", { lane, endpoint }).length, 1, `${lane} ${endpoint}`);
    assert.equal(await value("aisha_endpoint_state", { endpoint: "fal-ai/flux-lora", state: "active" }), 1);
    assert.equal(await value("aisha_endpoint_state", { endpoint: "fal-ai/flux-lora", state: "gone" }), 0);
});

test("counts survive the process that counted, and its kill", async () => {
    const before = seriesOf(await metrics(), "aisha_generations_total");
    await world.stopServer("SIGKILL");
    await world.startServer();
    assert.deepEqual(seriesOf(await metrics(), "aisha_generations_total"), before);
});

test("everybody has figures of their own", async () => {
    const person = await world.person("Counted");
    const nothing = await stats(person);
    assert.equal(nothing.generations.total, 0);
    assert.equal(nothing.generations.average_seconds, null);
    assert.equal(nothing.generations.first_at, null);
    assert.deepEqual(nothing.months, []);
    assert.match(nothing.this_month.month, /^\d{4}-\d{2}$/);
    const mine = await stats();

    await importAvatar(person, STYLE);
    const first = await generate(person, { prompt: "one", preset: "balanced", num_images: 2 });
    await generate(person, { prompt: "two", preset: "fast" });
    const images = (await person.get("/api/v1/images")).json.items;
    assert.equal(images.length, 3);
    await person.patch(`/api/v1/images/${images[0].id}`, { is_favorite: true });
    await person.delete(`/api/v1/images/${images[1].id}`);
    const now = await stats(person);
    assert.deepEqual(now.images, { total: 2, favorites: 1, quarantined: 0, trashed: 1 });
    assert.equal(now.generations.total, 2);
    assert.equal(now.generations.completed, 2);
    assert.equal(now.generations.credits_spent, now.this_month.credits_spent);
    assert.equal(now.generations.first_at, first.created_at);
    assert.ok(now.generations.average_seconds >= 0);
    assert.deepEqual(now.generations.by_preset.map((p) => [p.preset, p.completed]).sort(), [["balanced", 1], ["fast", 1]]);
    assert.equal(now.months.length, 1);
    assert.deepEqual(await stats(), mine, "others' figures stay");
    await person.post(`/api/v1/images/${images[1].id}/restore`);
    assert.deepEqual((await stats(person)).images, { total: 3, favorites: 1, quarantined: 0, trashed: 0 });
});

const dashboard = () => JSON.parse(fs.readFileSync(path.join(ROOT, "docs/grafana-dashboard.json"), "utf8"));
const everyPanel = (panels) => panels.flatMap((panel) => [panel, ...everyPanel(panel.panels ?? [])]);

test("the dashboard can be imported: ids are unique, nothing overlaps, its data source is chosen", () => {
    const { panels, templating, uid, title, schemaVersion } = dashboard();
    assert.ok(uid && title && schemaVersion >= 36);
    assert.ok(templating.list.some((v) => v.type === "datasource" && v.query === "prometheus" && v.name === "datasource"));
    const all = everyPanel(panels);
    assert.equal(new Set(all.map((p) => p.id)).size, all.length);
    for (const p of all) {
        const { x, y, w, h } = p.gridPos;
        assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, p.title);
        for (const q of all) {
            if (p === q) continue;
            const o = q.gridPos;
            assert.ok(x + w <= o.x || o.x + o.w <= x || y + h <= o.y || o.y + o.h <= y, `${p.title} lies over ${q.title}`);
        }
        if (p.type !== "row") assert.equal(p.datasource.uid, "${datasource}", p.title);
        for (const target of p.targets ?? []) assert.ok(target.expr && target.refId, p.title);
    }
});

// Names in a query: what is no function, keyword, label or text.
const namesIn = (expr) =>
    expr.replace(/"[^"]*"/g, "").replace(/\{[^}]*\}|\b(by|without|on|ignoring|group_left) *\([^)]*\)|\[[^\]]*\]/g, " ")
        .match(/[a-z_:][a-z0-9_:]*(?! *\()\b/gi)?.filter((w) => /_/.test(w) && !/^(histogram_quantile|label_replace|clamp_min)$/.test(w)) ?? [];

test("every metric of the dashboard and of the alarms is one that there is, with the labels it is asked for", async () => {
    const now = await metrics();
    const known = new Set(now.types.keys());
    const family = (name) => (known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""));
    const exprs = everyPanel(dashboard().panels).flatMap((p) => (p.targets ?? []).map((t) => t.expr));
    const rules = [...fs.readFileSync(path.join(ROOT, "docs/operating.md"), "utf8").matchAll(/`([^`\n]*\b(?:aisha|http|process)_[a-z_]+[^`\n]*)`/g)];
    assert.ok(exprs.length > 30 && rules.length > 10);
    for (const expr of [...exprs, ...rules.map((m) => m[1]).filter((t) => /[<>(]/.test(t))])
        for (const name of namesIn(expr).filter((n) => /^(aisha|http|process)_/.test(n)))
            assert.ok(known.has(family(name)), `${name} in ${expr}`);
    for (const expr of exprs)
        for (const [, name, inside] of expr.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
            const samples = seriesOf(now, name);
            for (const [, label] of inside.matchAll(/([a-z_]+)(?:=~?|!=|!~)"/g))
                if (samples.length) assert.ok(label in samples[0].labels, `${label} of ${name}`);
        }
});
