#include "jobs/paid_search.h"

#include <inttypes.h>

#include "base/log.h"

struct search {
    const struct paid_attempt *attempt;
    paid_accept_fn accept;
    void *owner;
    bool ok;
    struct err *err;
};

/* What the database refuses is another attempt's. */
static bool take(void *owner, const char *request_id)
{
    struct search *search = owner;
    const struct paid_attempt *attempt = search->attempt;
    struct fal_ticket ticket = fal_ticket_of(attempt->sent.endpoint, request_id, NULL, NULL, NULL);

    search->ok = search->accept(search->owner, &ticket, search->err);
    if (search->ok)
        log_write(LOG_INFO, "submit_found", "submission=%" PRId64, attempt->id);
    return search->ok || search->err->kind != ERR_CONFLICT;
}

enum paid_found paid_search_journal(const struct job_tools *tools, const struct paid_attempt *attempt,
                                    paid_accept_fn accept, void *owner, struct err *reterr)
{
    struct search search = {attempt, accept, owner, false, reterr};
    char request_id[JOURNAL_ID_ROOM];

    if (paid_send_look(tools, attempt->journal, attempt->id, attempt->age_s, request_id) == JOURNAL_NOT_NOTED) {
        log_write(LOG_INFO, "submit_never_sent", "submission=%" PRId64, attempt->id);
        return PAID_NEVER_SENT;
    }
    if (!*request_id)
        return PAID_HELD;
    (void)take(&search, request_id);
    return search.ok ? PAID_FOUND : PAID_FAILED;
}

enum paid_found paid_search_list(const struct paid_attempt *attempt, paid_accept_fn accept, void *owner,
                                 struct err *reterr)
{
    struct search search = {attempt, accept, owner, false, reterr};
    struct err err;

    switch (fal_find(attempt->fal, &attempt->sent, take, &search, &err)) {
    case FAL_FOUND: return search.ok ? PAID_FOUND : PAID_FAILED;
    case FAL_LISTING_UNREACHABLE: /* held: what cannot be looked up has not been proved away */
        log_write(LOG_WARN, "listing_unreachable", "submission=%" PRId64 " reason=%s", attempt->id,
                  LOG_QUOTE(err.detail));
        return attempt->age_s < PAID_HOLD_S ? PAID_HELD : PAID_OVER;
    case FAL_NOT_LISTED: break;
    }
    return paid_send_is_over(attempt->age_s, attempt->looks, attempt->late_looks) ? PAID_OVER : PAID_NOT_LISTED;
}
