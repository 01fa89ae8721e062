#pragma once
/* The lines of an account's book on the settings page. */
#include "db/rows.h"
#include "http/call.h"
#include "view/value.h"

struct ledger_view {
    struct text when;
    bool is_first, is_grant, is_reserve, is_settle, is_release; /* exactly one */
    int64_t amount, returned;
    bool has_returned;
    const char *generation, *avatar; /* id; "": none */
    const char *what;                /* NULL: none */
    const char *reason;              /* NULL: none */
};

extern const struct view_type ledger_view_type;

/* Of rows of ledger_lines, which must live as long as the page is written. */
struct view_items ledger_views_of(struct call *call, const PGresult *rows);
