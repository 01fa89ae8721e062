#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/migrate.h"

static struct pg *pg;

int sql_open(void **state)
{
    char folder[512];
    struct err err = {0};
    int count;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/migrations", getenv("AISHA_ROOT"));
    if (!migrate_run(getenv("DATABASE_URL"), folder, &count, &err)) {
        print_error("%s: %s\n", err.code, err.detail);
        return -1;
    }
    pg = pg_open(getenv("DATABASE_URL"));
    return 0;
}

int sql_close(void **state)
{
    (void)state;
    pg_close(pg);
    return 0;
}

struct pg *sql_pg(void) { return pg; }

PGresult *sql_rows(struct query q)
{
    struct err err = {0};
    PGresult *rows = pg_run(pg, &q, &err);

    if (!rows)
        fail_msg("%s: %s\n%s", err.code, err.detail, q.sql);
    return rows;
}

int sql_count(struct query q)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(q);

    return rows_count(rows);
}

void sql_do(const char *script)
{
    struct err err = {0};

    if (!pg_script(pg, script, &err))
        fail_msg("%s: %s", script, err.detail);
}

/* Statements are prepared once, and known by the address of their text: the same one for the same text. */
static const char *lasting(const char *text)
{
    static char **kept;
    static int count;

    for (int i = 0; i < count; i++)
        if (strcmp(kept[i], text) == 0)
            return kept[i];
    kept = realloc(kept, (size_t)(count + 1) * sizeof *kept); /* to the end of the program */
    assert_non_null(kept);
    kept[count] = strdup(text);
    return kept[count++];
}

const char *sql_value(const char *sql, ...)
{
    static char value[512];
    char text[2048];
    PGresult *rows;
    struct row row;
    va_list args;

    va_start(args, sql);
    assert_in_range(vsnprintf(text, sizeof text, sql, args), 1, sizeof text - 1);
    va_end(args);
    rows = sql_rows(query_read(lasting(text)));
    row = rows_at(rows, 0);
    (void)snprintf(value, sizeof value, "%s", rows_count(rows) ? row_text(&row) : "");
    PQclear(rows);
    return value;
}

const char *sql_plan(struct query q)
{
    static char plan[8192];
    char sql[4096];
    CLEANUP(pg_clear) PGresult *rows = NULL;
    size_t len = 0;

    assert_in_range(snprintf(sql, sizeof sql, "EXPLAIN %s", q.sql), 1, sizeof sql - 1);
    q.sql = lasting(sql);
    rows = sql_rows(q);
    plan[0] = '\0';
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        len += (size_t)snprintf(plan + len, sizeof plan - len, "%s\n", row_text(&row));
        assert_in_range(len, 0, sizeof plan - 1);
    }
    return plan;
}

void sql_assert_plan(struct query q, const char *index)
{
    const char *plan = sql_plan(q);

    if (!strstr(plan, index) || strstr(plan, "Sort") || strstr(plan, "Seq Scan"))
        fail_msg("%s\nwithout %s:\n%s", q.sql, index, plan);
}

struct uuid sql_user(const char *name)
{
    struct uuid id = sql_user_without_account(name);

    assert_string_equal(sql_value("SELECT account_open('%s', %d)", id.text, SQL_USER_CREDITS), "t");
    return id;
}

struct uuid sql_user_without_account(const char *name)
{
    struct query q = query_write("INSERT INTO users (id, name) VALUES ($1, $2)");
    struct uuid id = uuid_make();

    query_add_uuid(&q, id);
    query_add_text(&q, name);
    PQclear(sql_rows(q));
    return id;
}

struct uuid sql_avatar(struct uuid user)
{
    struct query q = query_write("INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
                                 " VALUES ($1, $2, 'A', 'other', 'style', 'completed', 'f')");
    struct uuid id = uuid_make();

    query_add_uuid(&q, id);
    query_add_uuid(&q, user);
    PQclear(sql_rows(q));
    return id;
}
