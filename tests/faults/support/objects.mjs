// The pictures on the disk against the rows: every row has its three files and the original is what it was, byte by byte;
// no file is without a row.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const SIZES = ["_small.webp", "_medium.webp"];
const HIDDEN = ["-blurred.webp"]; // of a picture in quarantine

function* walk(folder) {
    if (!fs.existsSync(folder)) return;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const at = path.join(folder, entry.name);
        if (entry.isDirectory()) yield* walk(at);
        else yield at;
    }
}

// What is wrong with the files of one picture.
function judge(folder, { key, bytes, sha256, hidden }) {
    const sizes = hidden ? HIDDEN : SIZES;
    const stem = key.replace(/\.\w+$/, "");
    const missing = [key, ...sizes.map((size) => stem + size)].filter((name) => !fs.existsSync(path.join(folder, name)));
    if (missing.length) return `misses ${missing.join(", ")}`;
    const original = fs.readFileSync(path.join(folder, key));
    if (original.length !== bytes) return `${original.length} bytes instead of ${bytes}`;
    if (createHash("sha256").update(original).digest("hex") !== sha256) return "another SHA-256";
    for (const size of sizes)
        if (fs.readFileSync(path.join(folder, stem + size)).toString("latin1", 8, 12) !== "WEBP") return `${size} is broken`;
    return null;
}

export async function judgeObjects(rig, expected, fault) {
    const rows = await rig.sql("SELECT id, object_key, bytes, encode(sha256, 'hex'), has_nsfw_content FROM images");
    const images = rows.map(([id, key, bytes, sha256, nsfw]) => ({ id, key, bytes: Number(bytes), sha256, hidden: /^t/.test(String(nsfw)) }));
    const wrong = images.map((image) => [image.id, judge(rig.objects, image)]).filter(([, what]) => what);
    fault("pictures whose files are wrong", wrong.map(([id, what]) => `${id} ${what}`));

    const ids = new Set(images.map((image) => image.id));
    const names = [...walk(rig.objects)].map((file) => path.basename(file));
    const temporary = names.filter((name) => name.startsWith("~"));
    const orphans = names.filter((name) => !name.startsWith("~") && !ids.has(name.replace(/(_\w+|-blurred)?\.\w+$/, "")));
    if (!expected.orphans) fault("files without a row", orphans);
    if (!rig.kills && !expected.orphans) fault("half-written files though nobody was killed", temporary);

    const spool = [...walk(rig.env.SPOOL_DIR)].map((file) => path.basename(file)).filter((name) => !name.startsWith("."));
    // Who died between the delivery and the end of the copy, or was not told of the delivery, leaves it to the hourly sweep.
    const copies = rig.kills || expected.copies ? spool.filter((name) => name.startsWith("~") || ids.has(name)) : [];
    if (!expected.spool) fault("files that are still on the spool", spool.filter((name) => !copies.includes(name)));
    const left = { orphans: orphans.length, "copies on the spool": copies.length };
    return { images: images.length, ...Object.fromEntries(Object.entries(left).filter(([, count]) => count)) };
}
