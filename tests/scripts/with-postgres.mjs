// scripts/with-postgres: an empty database for one command, and nothing left afterwards.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/with-postgres", import.meta.url));

function within(command, settings = {}) {
    const env = { ...process.env, ...settings };
    return spawnSync(SCRIPT, ["bash", "--norc", "-c", command], { encoding: "utf8", env });
}

test("gives the command an empty database that is its own, in UTF-8, and takes everything away", () => {
    const sql = "SELECT current_user, pg_encoding_to_char(encoding), (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') FROM pg_database WHERE datname = current_database()";
    const { status, stdout, stderr } = within(`psql -XAt "$DATABASE_URL" -c "${sql}"; psql -XAtq "$DATABASE_URL" -c "CREATE TABLE t ()"; echo $POSTGRES_SOCKET_DIR`);
    const [row, dir] = stdout.trim().split("\n");

    assert.equal(status, 0, stderr);
    assert.equal(row, "aisha|UTF8|0");
    assert.match(dir, /^\/tmp\//);
    assert.ok(!existsSync(dir));
});

test("ends as the command ends", () => {
    assert.equal(within("exit 7").status, 7);
});

test("makes only a new database inside another one", () => {
    const { status, stdout, stderr } = within(`echo $POSTGRES_PID "$DATABASE_URL"; ${SCRIPT} bash -c 'echo $POSTGRES_PID "$DATABASE_URL"'; psql -XAt "$DATABASE_URL" -c "SELECT count(*) FROM pg_database WHERE datname LIKE 'test%'"`);
    const [outer, inner, left] = stdout.trim().split("\n");

    assert.equal(status, 0, stderr);
    assert.equal(outer.split(" ")[0], inner.split(" ")[0]);
    assert.notEqual(outer.split(" ")[1], inner.split(" ")[1]);
    assert.equal(left, "1");
});

test("says that PostgreSQL is not installed", () => {
    const { status, stderr } = spawnSync("bash", ["--norc", "-c", '. scripts/lib/say.sh; . scripts/lib/postgres.sh; pg_programs 8'], {
        encoding: "utf8",
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
    });

    assert.equal(status, 1);
    assert.match(stderr, /PostgreSQL 8 is not installed: scripts\/setup installs it/);
});
