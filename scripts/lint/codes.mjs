// Every code that a client may read has its sentences: what err_set and faults_add name stands in the catalogue.
import { existsSync } from "node:fs";
import { done, fault, files, read } from "./source.mjs";

const CATALOGUE = "server/base/messages.inc";
// Where codes are words for the log, the commands and the job runner: no client reads them.
const INSIDE = [
    "server/base/", // files and configuration
    "server/catalog/", // faults of our own data, said at start
    "server/moderation/lexicon", // the same
    "server/styles/styles_", // the same
    "server/db/migrate.c",
    "server/decoder/", // photos/ makes a verdict of what is said of a photo
    "server/fal/", // what went wrong over there: it becomes a client's word in generations/
    "server/fetch/",
    "server/image/",
    "server/jobs/",
    "server/redis/",
    "server/storage/",
    "server/view/", // faults of our own templates and texts, said at start
    "server/web/pages.c",
    "server/view/", // templates and texts, said at start
    "server/http/listener.c", // said at start
    "server/http/server.c",
    "server/app.c",
    "server/command", // what commands print
    "server/falsim/",
];
const TO_THE_RUNNER = ["job_lost", "spooled_elsewhere", "model_unreadable", "model_broken", "archive_failed"];
// The code is the third argument of each.
const CALLS = /\b(?:err_set|faults_add(?:_range|_what)?)\s*\(\s*[^,;]+,\s*[^,;]+,\s*"([a-z][a-z0-9_]*)"/g;

const known = existsSync(CATALOGUE) ? [...read(CATALOGUE).matchAll(/^\{"([a-z0-9_]+)",/gm)].map((m) => m[1]) : [];
for (const path of files("server/*.c", "server/*.h")) {
    if (INSIDE.some((inside) => path.startsWith(inside))) continue;
    const text = read(path);
    for (const { 1: code, index } of text.matchAll(CALLS))
        if (!known.includes(code) && !TO_THE_RUNNER.includes(code))
            fault(path, text.slice(0, index).split("\n").length, `"${code}" is not in ${CATALOGUE}: it reads "internal"`);
}
done();
