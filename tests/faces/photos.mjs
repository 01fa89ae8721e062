// The photos of photos.txt, fetched from the packages that have them into a cache below build/.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";

const FETCH_MS = 120_000;

const rows = () => readFileSync(new URL("photos.txt", import.meta.url), "utf8").split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => {
        const [set, source, path, faces] = line.split(/\s+/);
        return { set, source, path, faces: Number(faces) };
    });

const run = (folder, program, ...options) => execFileSync(program, options, { cwd: folder, stdio: "pipe", timeout: FETCH_MS });

function fetchDebian(name, folder) {
    try {
        run(folder, "apt-get", "download", "-qq", name);
    } catch (error) {
        if (process.getuid() !== 0)
            throw error;
        run(folder, "apt-get", "update", "-qq"); // a container's lists of packages may have been removed
        run(folder, "apt-get", "download", "-qq", name);
    }
    const file = readdirSync(folder).find((entry) => entry.endsWith(".deb"));
    run(folder, "dpkg-deb", "-x", file, "files");
    rmSync(`${folder}/${file}`);
}

function fetchNpm(name, folder) {
    run(folder, "npm", "pack", "--silent", name);
    const file = readdirSync(folder).find((entry) => entry.endsWith(".tgz"));
    run(folder, "tar", "-xzf", file);
    renameSync(`${folder}/package`, `${folder}/files`);
    rmSync(`${folder}/${file}`);
}

// The folder of a package's files; undefined: it cannot be had, and why is said on stderr. Never half of one.
function packageFolder(source, cache) {
    const [kind, name] = [source.slice(0, 3), source.slice(4)];
    const place = `${cache}/${name.replaceAll("/", "_")}`;
    const scratch = `${place}.new`;
    if (existsSync(place))
        return `${place}/files`;
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
    try {
        (kind === "deb" ? fetchDebian : fetchNpm)(name, scratch);
        renameSync(scratch, place);
        return `${place}/files`;
    } catch (error) {
        console.error(`${source}: ${String(error.stderr || error.message).trim().split("\n").at(-1)}`);
        rmSync(scratch, { recursive: true, force: true });
        return undefined;
    }
}

// "a/*/b*.jpg" below folder.
function matches(folder, path) {
    const [first, ...rest] = path.split("/");
    const pattern = new RegExp(`^${first.split("*").map((part) => part.replace(/[.+]/g, "\\$&")).join(".*")}$`);
    const names = first.includes("*") ? readdirSync(folder).filter((name) => pattern.test(name)).sort() : [first];
    return names.flatMap((name) => (rest.length ? matches(`${folder}/${name}`, rest.join("/")) : [`${folder}/${name}`]));
}

// [{set, file, faces}] of these sets, and the packages that could not be had.
export function photosOf(sets, cache) {
    const folders = new Map();
    const photos = [];
    const missing = new Set();
    for (const row of rows().filter((each) => sets.includes(each.set))) {
        if (!folders.has(row.source))
            folders.set(row.source, packageFolder(row.source, cache));
        const folder = folders.get(row.source);
        if (!folder)
            missing.add(row.source);
        else
            photos.push(...matches(folder, row.path).map((file) => ({ set: row.set, file, faces: row.faces })));
    }
    return { photos, missing: [...missing] };
}
