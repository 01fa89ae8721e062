#include "db/migrate.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "db/pg.h"
#include "db/rows.h"

enum { MAX_FILE = 1 << 20, NAME_ROOM = 128 };

static const char HISTORY[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, sha256 bytea NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now())";

struct migration {
    const char *name;
    struct buf sql;
    unsigned char sha256[SHA256_BYTES];
};

static int is_migration(const struct dirent *entry)
{
    const char *name = entry->d_name;
    size_t len = strlen(name);

    return len > 9 && len < NAME_ROOM && strspn(name, "0123456789") == 4 && name[4] == '_' &&
           strcmp(name + len - 4, ".sql") == 0;
}

static bool known(struct pg *pg, const struct migration *m, bool *ret, struct err *reterr)
{
    struct query q = query_read("SELECT sha256 FROM schema_migrations WHERE name = $1");
    unsigned char sha256[SHA256_BYTES];
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    query_add_text(&q, m->name);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    *ret = rows_count(rows) > 0;
    if (!*ret)
        return true;
    row = rows_at(rows, 0);
    if (row_bytes(&row, sha256, sizeof sha256) && memcmp(sha256, m->sha256, sizeof sha256) == 0)
        return true;
    return err_set(reterr, ERR_INTERNAL, "migration", "%s has run already and was changed since: put it back", m->name);
}

static bool apply(struct pg *pg, const struct migration *m, struct err *reterr)
{
    struct query q = query_write("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)");
    struct err why;

    query_add_text(&q, m->name);
    query_add_bytes(&q, m->sha256, sizeof m->sha256);
    if (pg_begin(pg, &why) &&
        pg_script(pg, "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '1min'", &why) &&
        pg_script(pg, m->sql.bytes, &why) && pg_do(pg, &q, &why) && pg_commit(pg, &why)) {
        log_write(LOG_INFO, "migrated", "file=%s", m->name);
        return true;
    }
    pg_rollback(pg);
    return err_set(reterr, why.kind, "migration", "%s: %.150s", m->name, why.detail);
}

static bool migrate_file(struct pg *pg, const char *folder, const char *name, int *count, struct err *reterr)
{
    struct migration m = {.name = name, .sql = buf_make(MAX_FILE)};
    bool done = false, ok;

    ok = file_read(folder, name, &m.sql, reterr);
    if (ok) {
        crypto_sha256((struct text){m.sql.bytes, m.sql.len}, m.sha256);
        ok = known(pg, &m, &done, reterr) && (done || apply(pg, &m, reterr));
        *count += ok && !done;
    }
    buf_done(&m.sql);
    return ok;
}

static bool migrate_all(struct pg *pg, const char *folder, int *count, struct err *reterr)
{
    struct dirent **entries;
    int found = scandir(folder, &entries, is_migration, alphasort);
    bool ok = true;

    if (found < 0)
        return err_set(reterr, ERR_INVALID, "migration", "cannot read the folder %s", folder);
    for (int i = 0; i < found; i++) {
        ok = ok && migrate_file(pg, folder, entries[i]->d_name, count, reterr);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool migrate_run(const char *url, const char *folder, int *ret_count, struct err *reterr)
{
    struct pg *pg = pg_open(url);
    bool ok;

    *ret_count = 0;
    /* A session lock is right here: migrations run on a connection of their own, past any pooler. */
    ok = pg_script(pg, "SET statement_timeout = '2min'; SET lock_timeout = '2min'; SELECT pg_advisory_lock(7211900713)",
                   reterr) &&
         pg_script(pg, HISTORY, reterr) && migrate_all(pg, folder, ret_count, reterr);
    pg_close(pg);
    return ok;
}
