/* Finding out what became of an attempt whose answer was lost. In the provider's list it is told by the archive's
   address. It is never sent again unless it surely was not accepted. */
#include <inttypes.h>

#include "base/log.h"
#include "jobs/job_move.h"
#include "jobs/paid_search.h"
#include "trainings/training_job.h"

struct finding {
    const struct job_tools *tools;
    const struct job *job;
    int64_t attempt;
    struct job_next *next;
};

static bool accept(void *owner, const struct fal_ticket *ticket, struct err *reterr)
{
    const struct finding *finding = owner;

    return training_was_accepted(finding->tools, finding->job, finding->attempt, ticket, finding->next, reterr);
}

/* Its time is over and nobody knows: an operator may find it at the provider; the user pays nothing. */
static bool end_search(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    log_write(LOG_ERROR, "submit_review", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
    return training_fail(tools, job, "training_unknown", ret, reterr);
}

bool training_search(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr)
{
    struct finding finding = {tools, job, a->id, ret};
    const struct paid_attempt attempt = {
        .fal = tools->training_fal,
        .sent = {.endpoint = a->endpoint, .marker = a->archive_url, .input = TEXT(""), .since_s = a->sent_at_s - 60},
        .id = a->id,
        .journal = a->journal,
        .age_s = a->age_s,
        .looks = a->looks,
        .late_looks = a->late_looks,
    };
    enum paid_found found = paid_search_journal(tools, &attempt, accept, &finding, reterr);
    struct query looked;

    if (found == PAID_HELD)
        found = paid_search_list(&attempt, accept, &finding, reterr);
    if (found != PAID_FOUND)
        ret->delay_ms = paid_send_next_look_ms(a->age_s);
    switch (found) {
    case PAID_FOUND:
    case PAID_HELD: return true;
    case PAID_FAILED: return false;
    case PAID_NEVER_SENT: ret->delay_ms = 0; return job_move(tools, training_rejected(job, a->id), reterr);
    case PAID_OVER: return end_search(tools, job, a, ret, reterr);
    case PAID_NOT_LISTED: break;
    }
    looked = training_looked(job, a->id);
    return pg_do(tools->pg, &looked, reterr);
}
