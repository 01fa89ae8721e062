// Each lint finds what it is there for, and is silent about good code. Works on a small checkout of its own.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const top = mkdtempSync("/tmp/aisha-lint-");
after(() => rmSync(top, { recursive: true, force: true }));

const GOOD = {
    "server/base/buf.h": "#pragma once\n\n#include <stddef.h>\n\nsize_t buf_len(void);\n",
    "server/base/buf.c": '#include "base/buf.h"\n\nsize_t buf_len(void)\n{\n    size_t len = 1;\n\n    return len; /* never strcpy() */\n}\n',
    "server/db/db.h": "#pragma once\n",
    "server/jobs/queue.h": "#pragma once\n",
    "server/jobs/queue_api.h": "#pragma once\n",
};

// Runs a lint on the good files and these beside them.
function lint(name, files = {}) {
    rmSync(top, { recursive: true, force: true });
    for (const [path, text] of Object.entries({ ...GOOD, ...files })) {
        mkdirSync(dirname(`${top}/${path}`), { recursive: true });
        writeFileSync(`${top}/${path}`, text);
    }
    for (const path of [".clang-format", "CMakeLists.txt"]) execFileSync("cp", [ROOT + path, top]);
    execFileSync("git", ["init", "-q", top]);
    const run = name.endsWith(".mjs") ? ["node", `${ROOT}scripts/lint/${name}`] : [`${ROOT}scripts/lint/${name}`];
    const { status, stdout, stderr } = spawnSync(run[0], run.slice(1), { cwd: top, encoding: "utf8" });
    return { status, text: stdout + stderr };
}

function finds(name, path, text, what) {
    const { status, text: said } = lint(name, { [path]: text });
    assert.notEqual(status, 0, `${path} passed`);
    assert.match(said, what);
    assert.ok(said.includes(`${path}:`), said);
}

const NAMES = ["includes.mjs", "banned.mjs", "boundaries.mjs", "length.mjs", "words.mjs", "codes.mjs", "config-table.mjs", "documents.mjs", "templates.mjs", "format", "headers"];
for (const name of NAMES)
    test(`${name} has nothing to say about good code`, () => {
        const { status, text } = lint(name);
        assert.equal(text, "");
        assert.equal(status, 0);
    });

const include = (path) => `#include "${path}"\n`;
test("finds an include that goes up a layer", () =>
    finds("includes.mjs", "server/base/err.c", include("db/db.h"), /base\/ lies below db\//));
test("finds neighbours of the platform that see each other", () =>
    finds("includes.mjs", "server/fetch/fetch.c", include("db/db.h"), /side by side/));
test("finds a look into another domain's inside", () =>
    finds("includes.mjs", "server/users/user.c", include("jobs/queue_api.h"), /only <noun>\.h/));
test("lets a domain see another one's noun", () =>
    assert.equal(lint("includes.mjs", { "server/users/user.c": include("jobs/queue.h") }).status, 0));
test("finds a bot that knows a domain", () =>
    finds("includes.mjs", "server/bot/bot.c", include("jobs/queue.h"), /the bot knows the API alone/));
test("finds a simulator that knows the server's database", () =>
    finds("includes.mjs", "server/falsim/sim.c", include("db/db.h"), /the simulator may not include db/));
test("finds a header without #pragma once", () => finds("includes.mjs", "server/db/a.h", "int a;\n", /#pragma once/));
test("finds an own header that does not come first", () =>
    finds("includes.mjs", "server/db/db.c", include("base/buf.h") + include("db/db.h"), /its own header, db.h, comes first/));

test("finds a banned function", () => finds("banned.mjs", "server/db/x.c", "void x(void)\n{\n    strcpy (a, b);\n}\n", /x\.c:3: strcpy/));
test("finds strtol on foreign data", () => finds("banned.mjs", "server/http/x.c", "long n = strtol(a, 0, 10);\n", /strtol/));
test("does not mistake a member or a longer name for a banned function", () =>
    assert.equal(lint("banned.mjs", { "server/db/x.c": "int n = call->rand(1) + my_atoi(2);\n" }).status, 0));

test("finds libpq outside db/", () => finds("boundaries.mjs", "server/http/x.c", "n = PQntuples(rows);\n", /PQntuples belongs to libpq/));
test("finds libcurl outside fetch/", () => finds("boundaries.mjs", "server/fal/x.c", "#include <curl/curl.h>\n", /libcurl/));
test("finds libvips outside image/", () => finds("boundaries.mjs", "server/jobs/x.c", "vips_shutdown();\n", /libvips/));
test("finds libh2o outside http/", () => finds("boundaries.mjs", "server/jobs/x.c", "h2o_send(r);\n", /libh2o/));

test("finds a file that is too long", () => finds("length.mjs", "server/db/x.h", "\n".repeat(601), /601 lines/));
test("finds a function that is too long", () =>
    finds("length.mjs", "server/db/x.c", `int f(void)\n{\n${"    g();\n".repeat(60)}    return 0;\n}\n`, /f has 6\d lines/));
test("finds a function that is too complex", () =>
    finds("length.mjs", "server/db/x.c", `int f(int n)\n{\n${"    if (n)\n        g();\n".repeat(15)}    return 0;\n}\n`, /complexity 16/));

test("finds a promise", () => finds("words.mjs", "docs/a.md", "one\nTODO: two\n", /a\.md:2: "TODO"/));
test("finds a path of one machine", () => finds("words.mjs", "scripts/a", "cd /home/me\n", /a path of one machine/));
test("finds C that is not formatted", () => finds("format", "server/db/x.c", "int  x ;\n", /clang-format/));
test("finds a header that needs another before it", () => finds("headers", "server/db/x.h", "#pragma once\nsize_t n(void);\n", /compiles alone/));

const SETTINGS = 'static const struct setting SETTINGS[] = {\n    {"WORKERS", SETTING_NUMBER, AT(workers), "8", 1, 256, false, ""},\n};\n';
const settings = (rows) =>
    lint("config-table.mjs", { "server/base/config.c": SETTINGS, "README.md": `## Configuration\n\n${rows}\n## More\n` });
test("is content with a table of settings that is right", () => assert.equal(settings("| `WORKERS` | `8` | 1–256 | threads |\n").status, 0));
test("finds a default, a limit, a meaning that are wrong, a setting too many or too few", () => {
    assert.match(settings("| `WORKERS` | `9` | 1–256 | threads |\n").text, /the default is `8`/);
    assert.match(settings("| `WORKERS` | `8` | 1–255 | threads |\n").text, /the values are: 1–256/);
    assert.match(settings("| `WORKERS` | `8` | 1–256 |  |\n").text, /what does it mean/);
    assert.match(settings("").text, /WORKERS belongs here/);
    assert.match(settings("| `WORKERS` | `8` | 1–256 | threads |\n| `OTHER` | `8` | 1–2 | more |\n").text, /no setting OTHER/);
});

test("finds a link that leads nowhere", () => {
    finds("documents.mjs", "docs/a.md", "[b](b.md)\n", /b\.md leads nowhere/);
    finds("documents.mjs", "docs/a.md", "# One\n\n[two](#two)\n", /no heading for #two/);
    assert.equal(lint("documents.mjs", { "docs/a.md": "# One two\n\n[this](#one-two), [that](../server/db/db.h)\n" }).status, 0);
});
test("finds a file in a document that is not in the tree", () =>
    finds("documents.mjs", "docs/a.md", "see `db/dp.h` and `db/db.h`\n", /a\.md:1: there is no db\/dp\.h/));
test("finds a folder that the architecture does not know", () =>
    finds("documents.mjs", "docs/architecture.md", "```\nserver/\n  base/  errors\n  db/    rows\ndocs/     this\n```\n", /lacks server\/jobs/));
test("finds an event of the log that nobody explains, one that nobody logs, and a metric that is not there", () => {
    const log = { "server/db/x.c": 'void x(void)\n{\n    log_write(LOG_WARN, "lost", "");\n}\n' };
    assert.match(lint("documents.mjs", { ...log, "docs/operating.md": "nothing\n" }).text, /does not explain the event lost/);
    assert.match(lint("documents.mjs", { ...log, "docs/operating.md": "| `lost`, `found` | warn | gone |\n" }).text, /nobody logs found/);
    assert.match(lint("documents.mjs", { "docs/operating.md": "`aisha_waiting > 1`\n" }).text, /no metric aisha_waiting/);
});

const CODE = 'bool f(struct err *e)\n{\n    return err_set(e, ERR_CONFLICT,\n                   "no_such_word", "x");\n}\n';
test("finds a code that has no sentence", () =>
    finds("codes.mjs", "server/users/user.c", CODE, /"no_such_word" is not in/));
test("lets a code be that has one, or that no client reads", () => {
    const sentence = '{"no_such_word", "a", "b"},\n';
    assert.equal(lint("codes.mjs", { "server/users/user.c": CODE, "server/base/messages.inc": sentence }).status, 0);
    assert.equal(lint("codes.mjs", { "server/fetch/fetch.c": CODE }).status, 0);
});

const page = (source, what) => finds("templates.mjs", "templates/a/x.mustache", source, what);
test("finds values that are not escaped", () => {
    page("<p>\n{{{html}}}</p>", /x\.mustache:2: \{\{\{html\}\}\} does not escape/);
    page("{{&html}}", /does not escape/);
    page("{{=<% %>=}}", /delimiters/);
});
test("finds values where escaping does not make them safe", () => {
    page("<a class={{kind}}>", /inside of an attribute/);
    page("<a class=a{{kind}}>", /inside of a value without quotes/);
    page("<a class='{{kind}}'>", /inside of a value in single quotes/);
    page("<h{{level}}>", /inside of a tag's name/);
    page("<a {{attributes}}>", /inside of a tag:/);
    page("<a data-{{name}}=\"1\">", /inside of an attribute's name/);
    page("<!-- {{name}} -->", /inside of a comment/);
    page("<a {{>attributes}}>", /a partial inside of a tag/);
    page("<a class=\"a", /ends inside of a value/);
});
test("finds sections that begin in one place and end in another", () => {
    page("<a class=\"{{#big}}big\"{{/big}}>", /begins inside of a value and ends inside of a tag/);
    page("{{#link}}<a {{/link}}>", /begins inside of text and ends inside of a tag/);
    page("<input che{{#x}}cked{{/x}}>", /inside of a name/);
});
test("finds what the content security policy does not run", () => {
    page("<style>a{}</style>", /<style>/);
    page("<script>go()</script>", /without src/);
    page("<script src=\"/a.js\">go()</script>", /with content/);
    page("<a onclick=\"go()\">", /onclick=/);
    page("<a style=\"color:red\">", /style=/);
    page("<a href=\" JavaScript:go()\">", /is a script/);
});
test("finds addresses that are values from end to end", () => {
    page("<a href=\"{{link}}\">", /href begins with \{\{link\}\}/);
    page("<img src=\"{{#big}}{{picture}}{{/big}}\">", /src begins with/);
    page("<form action=\"{{t.address}}\">", /action begins with/);
});
test("finds what a parent drops", () => {
    page("{{<layout}}\n<{{$main}}x{{/main}}{{/layout}}", /x\.mustache:2: < is not in a block of \{\{<layout\}\}/);
    page("{{<layout}}{{>part}}{{$main}}x{{/main}}{{/layout}}", /\{\{>part\}\} is not in a block/);
});
test("finds texts that do not belong in an attribute, and looks into texts as well", () => {
    const texts = (text) => ({ "templates/texts/en.json": `{\n"a.b": ${JSON.stringify(text)}\n}\n` });
    const said = (text, source) => lint("templates.mjs", { ...texts(text), "templates/x.mustache": source }).text;
    assert.match(said("say \"so\"", '<a title="{{t.a.b}}">'), /x\.mustache:1: the text a\.b of .* has markup or quotes/);
    assert.match(said({ by: "n", one: "1", other: "<b>{{n}}</b>" }, '<a title="{{t.a.b}}">'), /the text a\.b/);
    assert.match(said("{{{x}}}", ""), /en\.json:2: \{\{\{x\}\}\} does not escape/);
    assert.equal(said({ by: "n", other: "<b>{{n}}</b>" }, "<p>{{t.a.b}}</p>"), "");
    assert.equal(said("{{#a}}so{{/a}}", '<a title="{{t.a.b}}">'), "");
});
test("lets a page be as pages are", () => {
    const source =
        '{{<layout}}{{$main}}<ul>{{#tiles}}<li class="tile{{#big}} big{{/big}}" id="i-{{id}}"><a href="{{back_path}}"{{#x}} rel="prev"{{/x}}>' +
        '<img src="{{small_url}}" srcset="{{small_url}} {{w}}w" alt="{{name}}"></a><a href="/images/{{id}}">{{name}}</a>{{! {{{ }}' +
        '<input name=a value="{{v}}"{{#checked}} checked{{/checked}}{{^on}} disabled{{/on}}></li>{{/tiles}}</ul><!-- x -->' +
        '<script type="module" src="{{static}}/js/app.js"></script>{{>icon/heart}} 1 < 2{{/main}}{{/layout}}';
    assert.equal(lint("templates.mjs", { "templates/x.mustache": source }).text, "");
});
