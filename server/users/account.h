#pragma once
/* What a user may spend, in credits, and the book of it. available + held + spent is always what was granted: the
   database sees to that (migrations/0008_credits.sql); reservations and their ends are written there, too, by what
   makes and moves generations. An account is opened by the first wish, or the first grant. */
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

enum { ACCOUNT_GRANT_MAX = 1000000000, ACCOUNT_REASON_MAX = 200 /* code points */ };

struct account {
    int64_t granted, available, held, spent;
};

/* None or one row, for account_from_rows: an account that is not open yet is shown as it will be. */
struct query account_of(struct uuid user);
struct account account_from_rows(const PGresult *rows, int64_t first_grant);
/* One row, unless there is no such user; true in it: it was not open yet. */
struct query account_open(struct uuid user, int64_t first_grant);
/* More credits, 1 to ACCOUNT_GRANT_MAX, for an open account: one row for account_from_rows. reason NULL: none. */
struct query account_grant(struct uuid user, int64_t credits, const char *reason);

/* granted, available, held, spent, as an object. */
void account_write(struct json_out *out, const struct account *account);

/* A line of the book; texts are borrowed from the row. */
struct ledger_entry {
    int64_t id, amount;
    const char *kind;       /* grant, reserve, settle, release */
    const char *reason;     /* of a grant; NULL: none */
    struct uuid generation; /* "": of a training or a grant */
    struct uuid training;   /* "": of something else */
    char at[ROW_TIME_ROOM];
};

/* The newest first; before 0: from the newest on. */
struct query ledger_of(struct uuid user, int64_t before, int64_t limit);
struct ledger_entry ledger_entry_from_row(struct row row);
/* As an object of the contract. */
void ledger_entry_write(struct json_out *out, const struct ledger_entry *entry);
