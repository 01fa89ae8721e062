// What every lint needs: the files, C without comments and texts, and a way to report.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

// Files of the checkout, tracked or new, that git does not ignore; `patterns` are git's.
export function files(...patterns) {
    const out = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z", "--", ...patterns], {
        encoding: "utf8",
        maxBuffer: 1 << 26,
    });
    return [...new Set(out.split("\0"))].filter((path) => path && existsSync(path)).sort();
}

export const read = (path) => readFileSync(path, "utf8");

// C source with comments, and what stands inside quotes, blanked out; every line keeps its number. Include lines keep
// their file name.
export function code(path) {
    const token = /^[ \t]*#[ \t]*include[^\n]*|\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/gm;
    return read(path).replace(token, (text) =>
        text.trimStart().startsWith("#") ? text : text.startsWith("/") ? text.replace(/[^\n]/g, " ") : text[0] + text[0],
    );
}

let faults = 0;
export function fault(path, line, rule) {
    faults++;
    console.log(`${path}:${line}: ${rule}`);
}

// Reports every match of `pattern` (with the flag g) in the C code of `path`.
export function forbid(path, pattern, rule) {
    code(path)
        .split("\n")
        .forEach((text, i) => {
            for (const match of text.matchAll(pattern)) fault(path, i + 1, rule(match[0].replace(/\s*\($/, "")));
        });
}

export function done() {
    process.exitCode = faults ? 1 : 0;
}
