// What four users who upload photos cost everybody else, and what a photo costs; by hand, on a machine that does nothing
// else: AISHA_BUILD=build/release node tests/bench/uploads.mjs [seconds] [users] [DECODERS]
// Each user sends photos of 12 megapixels, one after another, into avatars that are made anew when they are full.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { World } from "../api/support/world.mjs";

const [seconds = 20, users = 4, decoders = 0] = process.argv.slice(2).map(Number);
const world = await World.start({ env: { DECODERS: String(decoders), AVATARS_PER_USER: "1000" } });
const tool = path.resolve(process.env.DRAW_PORTRAIT ?? "build/asan/tests/draw-portrait");

const photos = Array.from({ length: 20 }, (_, i) => {
    const file = path.join(world.home, `${i}.jpg`);
    execFileSync(tool, [file, "4000", "3000", String(i + 1)]);
    return fs.readFileSync(file);
});

const quantile = (times, q) => times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]?.toFixed(1);
const memory = (pid) => Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
const children = (pid) =>
    fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number));

// A request every 5 ms on a connection of its own; how long each took.
async function watch(client, until) {
    const times = [];
    for (let next = performance.now(); next < until; next += 5) {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
        const began = performance.now();
        await client.raw("GET", "/api/v1/avatars");
        times.push(performance.now() - began);
    }
    return times;
}

async function upload(person, until, verdicts) {
    for (let avatar, i = 0; performance.now() < until; i++) {
        if (i % 20 === 0) avatar = JSON.parse((await person.raw("POST", "/api/v1/avatars", { json: { name: "A", gender: "other", training_type: "portrait" } })).bytes).id;
        const began = performance.now();
        const answer = await person.raw("POST", `/api/v1/avatars/${avatar}/photos`, { body: photos[i % 20], type: "image/jpeg", timeout: 60000 });
        verdicts.push({ ms: performance.now() - began, verdict: JSON.parse(answer.bytes).items?.[0]?.status ?? answer.status });
    }
}

const people = [];
for (let i = 0; i < users; i++) people.push(await world.person(`Person ${i}`));
const quiet = await watch(world.owner, performance.now() + 3000);
const before = memory(world.aisha.child.pid);
const end = performance.now() + seconds * 1000;
const verdicts = [];
const [busy] = await Promise.all([watch(world.owner, end), ...people.map((person) => upload(person, end, verdicts))]);
const most = memory(world.aisha.child.pid) + children(world.aisha.child.pid).reduce((sum, pid) => sum + memory(pid), 0);
console.log(`quiet: p50 ${quantile(quiet, 0.5)} p99 ${quantile(quiet, 0.99)} ms`);
console.log(`while ${users} upload: p50 ${quantile(busy, 0.5)} p95 ${quantile(busy, 0.95)} p99 ${quantile(busy, 0.99)} max ${quantile(busy, 1)} ms of ${busy.length}`);
console.log(`photos: ${verdicts.length}, ${(verdicts.length / seconds).toFixed(1)}/s, p50 ${quantile(verdicts.map((v) => v.ms), 0.5)} ms; ${[...new Set(verdicts.map((v) => v.verdict))].map((kind) => `${kind} ${verdicts.filter((v) => v.verdict === kind).length}`).join(", ")}`);
console.log(`memory: ${before.toFixed(0)} MB before, ${most.toFixed(0)} MB with ${children(world.aisha.child.pid).length} decoders after`);
await world.stop();
