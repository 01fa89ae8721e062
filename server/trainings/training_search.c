/* Finding out what became of an attempt whose answer was lost: in the journal of its sender, in the provider's list of
   requests, where it is told by the archive's address. It is never sent again unless it surely was not accepted. */
#include <inttypes.h>

#include "base/log.h"
#include "jobs/job_move.h"
#include "jobs/paid_send.h"
#include "trainings/training_job.h"

struct search {
    const struct job_tools *tools;
    const struct job *job;
    const struct training_attempt *attempt;
    struct job_next next;
    bool ok;
    struct err err;
};

static bool take(void *owner, const char *request_id)
{
    struct search *search = owner;
    const struct training_attempt *a = search->attempt;
    struct fal_ticket ticket = {0};

    (void)text_copy(ticket.endpoint, sizeof ticket.endpoint, text_of(a->endpoint));
    (void)text_copy(ticket.request_id, sizeof ticket.request_id, text_of(request_id));
    search->ok = training_was_accepted(search->tools, search->job, a->id, &ticket, &search->next, &search->err);
    if (search->ok)
        log_write(LOG_INFO, "submit_found", "submission=%" PRId64, a->id);
    return search->ok || search->err.kind != ERR_CONFLICT;
}

/* Its time is over and nobody knows: an operator may find it at the provider; the user pays nothing. */
static bool end_search(const struct search *search, struct job_next *ret, struct err *reterr)
{
    log_write(LOG_ERROR, "submit_review", "submission=%" PRId64 " age_s=%" PRId64, search->attempt->id,
              search->attempt->age_s);
    return training_fail(search->tools, search->job, "training_unknown", ret, reterr);
}

static bool look(struct search *search, struct job_next *ret, struct err *reterr)
{
    const struct training_attempt *a = search->attempt;
    const struct fal_sent sent = {
        .endpoint = a->endpoint, .marker = a->archive_url, .input = TEXT(""), .since_s = a->sent_at_s - 60};
    struct query looked;

    switch (fal_find(search->tools->training_fal, &sent, take, search, reterr)) {
    case FAL_FOUND:
        *ret = search->next;
        *reterr = search->err;
        return search->ok;
    case FAL_LISTING_UNREACHABLE: /* held: what cannot be looked up has not been proved away */
        log_write(LOG_WARN, "listing_unreachable", "submission=%" PRId64 " reason=%s", a->id,
                  LOG_QUOTE(reterr->detail));
        return a->age_s < PAID_HOLD_S || end_search(search, ret, reterr);
    case FAL_NOT_LISTED: break;
    }
    if (paid_send_is_over(a->age_s, a->looks, a->late_looks))
        return end_search(search, ret, reterr);
    looked = training_looked(search->job, a->id);
    return pg_do(search->tools->pg, &looked, reterr);
}

bool training_search(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr)
{
    struct search search = {tools, job, a, {0}, false, {0}};
    char request_id[JOURNAL_ID_ROOM];

    if (paid_send_look(tools, a->journal, a->id, a->age_s, request_id) == JOURNAL_NOT_NOTED) {
        log_write(LOG_INFO, "submit_never_sent", "submission=%" PRId64, a->id);
        ret->delay_ms = 0;
        return job_move(tools, training_rejected(job, a->id), reterr);
    }
    if (*request_id) {
        (void)take(&search, request_id);
        *ret = search.next;
        *reterr = search.err;
        return search.ok;
    }
    ret->delay_ms = paid_send_next_look_ms(a->age_s);
    return look(&search, ret, reterr);
}
