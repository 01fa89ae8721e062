// Functions that we do not call, in server/ and tests/, and what to use instead.
import { done, files, forbid } from "./source.mjs";

const BANNED = {
    strcpy: "copy with a length: snprintf, memcpy or text.h",
    strcat: "build text in a struct buf",
    sprintf: "snprintf",
    vsprintf: "vsnprintf",
    strtok: "it keeps state and writes into its input; walk by length",
    sscanf: "text_int64 and its neighbours in text.h",
    atoi: "text_int64, which reports errors",
    atol: "text_int64, which reports errors",
    atof: "json_in.h, which reports errors",
    gets: "it has no limit",
    strncpy: "it may leave the end open: snprintf",
    gmtime: "gmtime_r",
    localtime: "localtime_r",
    ctime: "clock.h",
    asctime: "clock.h",
    rand: "crypto.h",
    srand: "crypto.h",
    alloca: "its size is not bounded by the stack: a buffer with a limit",
    system: "no shell",
    popen: "no shell",
    tmpnam: "mkstemp",
};
// strtol and its family take no length and say little about errors: not for what a client sent.
const NUMBERS = /\bstrto(l|ll|ul|ull|d|f|ld|imax|umax)\s*\(/g;
const NUMBERS_IN = [
    "server/base/text.c", // wraps them
    "server/json/json_in.c", // numbers that the JSON parser has checked
    "server/db/rows.c", // numbers that PostgreSQL wrote
    "server/falsim/sim_draw.c", // a number that the schema has checked
    "server/falsim/sim_endpoint.c", // at most 64 characters of a number, checked
];

const names = new RegExp(`(?<![\\w.>])(${Object.keys(BANNED).join("|")})\\s*\\(`, "g");
for (const path of files("server/*.c", "server/*.h", "server/*.inc", "tests/*.c", "tests/*.h")) {
    forbid(path, names, (name) => `${name}() is banned: ${BANNED[name]}`);
    if (path.startsWith("server/") && !NUMBERS_IN.includes(path))
        forbid(path, NUMBERS, (name) => `${name}() is banned for foreign data: text_int64`);
}
done();
