#pragma once
/* GET /settings; and the page once more, when one of its forms was refused. */
#include "generations/tally.h"
#include "users/account.h"
#include "users/me_change.h"
#include "web/page.h"
#include "web/token_view.h"

extern const struct page settings_page;

/* call->state of every step below /settings. */
struct settings_state {
    struct me_change change;
    bool was_sent; /* change and faults are those of the form; otherwise the user's own settings are shown */
    struct faults faults;
    struct token_form token;
    bool token_was_sent;
    struct faults token_faults;
    const char *trouble; /* why no token was made: a code of base/messages.h; NULL: nothing of the kind */
    struct token_new made;
    struct idempotency key;
    int status;
    const char *name; /* filled on the way */
    struct account account;
    struct tally_summary tally;
    const PGresult *ledger, *tokens, *sessions;
};

struct next settings_page_show(struct call *call); /* GET /settings */
/* Loads the rest, and answers with the status; nothing of the state may change any more. */
struct next settings_page_again(struct call *call, int status);
