// Words that must not land: promises instead of work, and paths of one person's machine.
import { done, fault, files, read } from "./source.mjs";

const top = process.cwd();
const RULES = [
    [/\b(TODO|FIXME|XXX|HACK)\b/, "do it, or open an issue; no notes to oneself in the tree"],
    [/(?<![\w.$}])\/(work|home|root|Users)\/\w/, "a path of one machine"],
];
const OWN = ["scripts/lint/words.mjs", "tests/scripts/lint.mjs"];
const TEXT = /\.(c|h|inc|mjs|js|css|html|mustache|json|yaml|yml|md|txt|sh|sql|cmake|svg)$|(^|\/)[^./]+$/;

for (const path of files(".")) {
    if (OWN.includes(path) || path.endsWith("package-lock.json") || !TEXT.test(path)) continue;
    read(path)
        .split("\n")
        .forEach((line, i) => {
            for (const [pattern, rule] of RULES)
                if (pattern.test(line)) fault(path, i + 1, `"${line.match(pattern)[0]}": ${rule}`);
            if (top.length > 5 && line.includes(`${top}/`)) fault(path, i + 1, "the path of this checkout");
        });
}
done();
