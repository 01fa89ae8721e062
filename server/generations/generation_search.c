/* Finding out what became of an attempt whose answer was lost: in the journal of its sender, in the provider's list of
   requests. It is never sent again before it is certain that it was not accepted, or its time is over; what is dear is
   not sent again at all. A notification may settle it at any time. */
#include <inttypes.h>

#include "base/config.h"
#include "base/log.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "jobs/paid_send.h"

struct search {
    const struct job_tools *tools;
    const struct job *job;
    const struct attempt *attempt;
    struct job_next next;
    bool ok;
    struct err err;
};

/* What the database refuses is another attempt's with the same input. */
static bool take(void *owner, const char *request_id)
{
    struct search *search = owner;
    const struct attempt *a = search->attempt;
    struct fal_ticket ticket = {0};

    (void)text_copy(ticket.endpoint, sizeof ticket.endpoint, text_of(a->endpoint));
    (void)text_copy(ticket.request_id, sizeof ticket.request_id, text_of(request_id));
    search->ok = generation_was_accepted(search->tools, search->job, a->id, &ticket, &search->next, &search->err);
    if (search->ok)
        log_write(LOG_INFO, "submit_found", "submission=%" PRId64, a->id);
    return search->ok || search->err.kind != ERR_CONFLICT;
}

/* Its time is over and nobody knows: what is cheap may be sent again, what is dear may not. */
static bool end_search(const struct search *search, struct job_next *ret, struct err *reterr)
{
    const struct attempt *a = search->attempt;

    ret->delay_ms = 0;
    if (a->cost <= search->tools->config->resend_max_credits) {
        if (!a->cancel_requested)
            log_write(LOG_WARN, "submit_repeated", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
        return generation_note(search->tools, attempt_abandoned(search->job, a->id), reterr);
    }
    log_write(LOG_ERROR, "submit_review", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
    ret->done = true;
    return job_move(search->tools, attempt_review(search->job, a->id), reterr);
}

/* The list was read to its end. */
static bool not_listed(const struct search *search, struct job_next *ret, struct err *reterr)
{
    const struct attempt *a = search->attempt;

    if (paid_send_is_over(a->age_s, a->looks, a->late_looks))
        return end_search(search, ret, reterr);
    return generation_note(search->tools, attempt_looked(search->job, a->id), reterr);
}

static bool look(struct search *search, struct job_next *ret, struct err *reterr)
{
    const struct attempt *a = search->attempt;
    const struct fal_sent sent = {.endpoint = a->endpoint,
                                  .seed = a->seed,
                                  .input = a->has_wanted_seed ? a->input : TEXT(""),
                                  .since_s = a->sent_at_s - 60};

    switch (fal_find(search->tools->fal, &sent, take, search, reterr)) {
    case FAL_FOUND:
        ret->delay_ms = 0;
        *reterr = search->err;
        return search->ok;
    case FAL_LISTING_UNREACHABLE: /* held: what cannot be looked up is not sent again */
        log_write(LOG_WARN, "listing_unreachable", "submission=%" PRId64 " reason=%s", a->id,
                  LOG_QUOTE(reterr->detail));
        return a->age_s < PAID_HOLD_S || end_search(search, ret, reterr);
    case FAL_NOT_LISTED: break;
    }
    return not_listed(search, ret, reterr);
}

bool generation_search(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    struct search search = {tools, job, a, {0}, false, {0}};
    char request_id[JOURNAL_ID_ROOM];

    if (paid_send_look(tools, a->journal, a->id, a->age_s, request_id) == JOURNAL_NOT_NOTED) {
        log_write(LOG_INFO, "submit_never_sent", "submission=%" PRId64, a->id);
        ret->delay_ms = 0;
        return generation_note(tools, attempt_rejected(job, a->id), reterr);
    }
    if (*request_id) {
        (void)take(&search, request_id);
        *ret = search.next;
        *reterr = search.err;
        return search.ok;
    }
    ret->delay_ms = paid_send_next_look_ms(a->age_s);
    return generation_note(tools, attempt_unknown(job, a->id), reterr) && look(&search, ret, reterr);
}
