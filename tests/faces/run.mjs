// The face finder on real photos: recall, precision, and how often the number of faces is right. BUILD_DIR: where
// tests/face-check is.
//
//   node tests/faces/run.mjs          photos of packages that are fetched in seconds, and kept in build/faces
//   node tests/faces/run.mjs --all    the held-out photos as well (150 MB)
//
// Packages that cannot be fetched are a failure: nobody would notice that nothing was tried.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { photosOf } from "./photos.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const program = `${process.env.BUILD_DIR ?? `${root}/build/asan`}/tests/face-check`;
const models = `${root}/node_modules/@mediapipe/face_detection`;
const cache = `${root}/build/faces`;
const all = process.argv.includes("--all");

let passed = 0;
let failed = 0;

function check(sentence, ok) {
    console.log(`${ok ? "ok" : "not ok"} ${sentence}`);
    ok ? passed++ : failed++;
}

// Adds found, score and ms to each photo.
function find(photos, ...options) {
    const out = execFileSync(program, [models, ...options, ...photos.map((photo) => photo.file)], { encoding: "utf8", timeout: 300_000, stdio: ["ignore", "pipe", "ignore"] });
    const lines = out.trim().split("\n").map((line) => line.split("\t"));
    if (lines.length !== photos.length)
        throw new Error(`${program} answered for ${lines.length} of ${photos.length} photos`);
    return photos.map((photo, i) => ({ ...photo, found: Number(lines[i][0]), score: Number(lines[i][1]), ms: Number(lines[i][2]) }));
}

const percent = (part, whole) => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;

// least: recall and precision of the set must be at least that; precision undefined where each has a face.
function judge(set, results, least) {
    const of = results.filter((photo) => photo.set === set);
    const withFace = of.filter((photo) => photo.faces > 0);
    const seen = of.filter((photo) => photo.found > 0);
    const right = seen.filter((photo) => photo.faces > 0);
    const one = withFace.filter((photo) => photo.faces === 1);
    const alone = one.filter((photo) => photo.found === 1);
    const several = withFace.filter((photo) => photo.faces > 1);
    const many = several.filter((photo) => photo.found > 1);
    for (const photo of of.filter((each) => (each.found > 0) !== (each.faces > 0)))
        console.log(`    ${photo.faces ? "missed" : "no face"}: ${photo.file.slice(cache.length + 1)} ${photo.score || ""}`);
    check(`${set}: finds a face in ${percent(right.length, withFace.length)} photos that have one`, right.length >= least.recall * withFace.length);
    check(`${set}: finds exactly one in ${percent(alone.length, one.length)} photos of one person`, alone.length >= least.recall * one.length);
    if (several.length)
        check(`${set}: finds several in ${percent(many.length, several.length)} photos of several people`, many.length >= least.recall * several.length);
    if (of.length > withFace.length)
        check(`${set}: ${percent(right.length, seen.length)} photos where it sees a face have one; ${of.length - withFace.length} have none`, right.length >= least.precision * seen.length);
}

// Many faces on their side and all that hang are lost: whoever asks has to turn the photo upright before.
function turned(photos) {
    const upright = photos.filter((photo) => photo.faces === 1 && photo.found === 1);
    for (const angle of ["90", "180", "270"]) {
        const seen = find(upright, "--turn", angle).filter((photo) => photo.found > 0).length;
        check(`turned by ${angle} degrees: ${percent(upright.length - seen, upright.length)} faces are lost`, seen < upright.length);
    }
}

mkdirSync(cache, { recursive: true });
const { photos, missing } = photosOf(all ? ["main", "crops", "held"] : ["main", "crops"], cache);
check(`the packages with the photos are here${missing.length ? `, without ${missing.join(", ")}` : ""}`, missing.length === 0);
if (photos.length) {
    const results = find(photos);
    judge("main", results, { recall: 0.9, precision: 0.95 });
    judge("crops", results, { recall: 0.9 });
    if (all)
        judge("held", results, { recall: 0.9, precision: 0.95 });
    turned(results.filter((photo) => photo.set === "main"));
    const times = results.map((photo) => photo.ms).sort((a, b) => a - b);
    console.log(`${photos.length} photos, ${times[times.length >> 1]} ms of processor time each (median), ${times.at(-1)} ms at most`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
