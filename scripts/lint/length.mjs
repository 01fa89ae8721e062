// Files of at most 600 lines (400 ask for a second look), functions of at most 60 lines and McCabe complexity 15.
import { execFileSync } from "node:child_process";
import { done, fault, files, read } from "./source.mjs";

const FILE_HARD = 600;
const FILE_SOFT = 400;
const FUNCTION_LINES = 60;
const COMPLEXITY = 15;

const own = ["server/*.c", "server/*.h", "tests/*.c", "tests/*.h", "tests/*.mjs", "static/*.js", "static/*.css", "scripts/*"];
for (const path of files(...own)) {
    const lines = read(path).split("\n").length - 1;
    if (lines > FILE_HARD) fault(path, lines, `${lines} lines; at most ${FILE_HARD}: there is a second idea in it`);
    else if (lines > FILE_SOFT) console.log(`${path}:${lines}: note: ${lines} lines; look for a second idea in it`);
}

// pmccabe's columns: complexity with a switch counted once, traditional, statements, first line, lines, file(line): name
const sources = files("server/*.c", "tests/*.c");
const table = sources.length ? execFileSync("pmccabe", sources, { encoding: "utf8", maxBuffer: 1 << 26 }) : "";
for (const row of table.split("\n")) {
    const [complexity, , , line, lines, place, name] = row.trim().split(/\s+/);
    if (!name) continue;
    const path = place.replace(/\(\d+\):$/, "");
    if (+lines > FUNCTION_LINES) fault(path, line, `${name} has ${lines} lines; at most ${FUNCTION_LINES}`);
    if (+complexity > COMPLEXITY) fault(path, line, `${name} has complexity ${complexity}; at most ${COMPLEXITY}`);
}
done();
