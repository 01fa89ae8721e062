#pragma once
/* A db.h that runs no SQL: tests look at the query and answer by hand. One query is waited for at a time; what nobody
   waits for is kept aside. */
#include <libpq-fe.h>

#include "db/db.h"

void fake_db_reset(void); /* before each test */

bool fake_db_waits(void);
const char *fake_db_sql(void);    /* of the query that is waited for, or was last */
const char *fake_db_value(int i); /* its parameter; NULL for NULL */
const char *fake_db_aside(void);  /* SQL of the last query that nobody waits for; NULL: none since the reset */
int fake_db_cancelled(void);      /* how many owners went away */

PGresult *fake_rows(int columns, int rows, const char *const values[]);
void fake_db_answer(PGresult *result); /* takes the result over */
void fake_db_fail(enum err_kind kind, const char *code);
