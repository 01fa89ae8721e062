// The pages that the server knows, as its own table lists them.
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../api/support/client.mjs";

const ROW = /^\s*\{"([A-Z]+)",\s*"([^"]+)",\s*ACCESS_(\w+),\s*[^,]+,\s*\w+,\s*PAGE(?:,\s*\w+)?\s*\},?\s*$/gm;

export const PAGES = [...fs.readFileSync(path.join(ROOT, "server/routes.c"), "utf8").matchAll(ROW)].map(
    ([, method, pattern, access]) => ({ name: `${method} ${pattern}`, method, pattern, access: access.toLowerCase() }),
);
