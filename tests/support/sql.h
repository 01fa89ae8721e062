#pragma once
/* For tests of statements: the database of DATABASE_URL with the real migrations, over one blocking connection. What
   fails fails the test. */
#include "db/pg.h"
#include "db/rows.h"

int sql_open(void **state); /* cmocka's group setup and teardown */
int sql_close(void **state);
struct pg *sql_pg(void);

PGresult *sql_rows(struct query q); /* to be freed with PQclear */
int sql_count(struct query q);      /* how many rows came back */
void sql_do(const char *script);
/* The first value of the first row, "" for none; lives until the next call. sql is a format. */
const char *sql_value(const char *sql, ...) __attribute__((format(printf, 1, 2)));

const char *sql_plan(struct query q); /* with its parameters in place; lives until the next call */
/* The plan uses that index, sorts nothing, and reads no table through. */
void sql_assert_plan(struct query q, const char *index);

enum { SQL_USER_CREDITS = 1000000 };
struct uuid sql_user(const char *name); /* a new person, with credits */
struct uuid sql_user_without_account(const char *name);
struct uuid sql_avatar(struct uuid user); /* a completed one, of the style kind */
