#pragma once
/* The book of an account as a page shows it. */
#include "db/query.h"
#include "db/rows.h"

enum { LEDGER_LINES = 20 };

/* Texts are borrowed from the row. */
struct ledger_line {
    struct text when;   /* by the reader's clock */
    const char *kind;   /* grant, reserve, settle, release */
    const char *reason; /* of a grant, in an operator's words; NULL: none */
    int64_t amount;
    int64_t returned;       /* of a settlement: what was reserved beyond it */
    struct uuid generation; /* "": of a training or a grant */
    struct uuid avatar;     /* of a training; "": of something else */
    const char *what;       /* how the generation's prompt begins, or the avatar's name; NULL: none */
};

/* The newest LEDGER_LINES, as rows for ledger_line_from_row. time_zone and pattern (of to_char) are borrowed. */
struct query ledger_lines(struct uuid user, const char *time_zone, const char *pattern);
struct ledger_line ledger_line_from_row(struct row row);
