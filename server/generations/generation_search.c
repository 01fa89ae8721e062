/* Finding out what became of an attempt whose answer was lost: in the journal of its sender, in the provider's list of
   requests. It is never sent again before it is certain that it was not accepted, or its time is over; what is dear is
   not sent again at all. A notification may settle it at any time. */
#include <inttypes.h>

#include "base/config.h"
#include "base/log.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/plan.h"
#include "jobs/paid_search.h"

enum { MAX_INPUT_BYTES = 64 * 1024 };

struct finding {
    const struct job_tools *tools;
    const struct job *job;
    int64_t attempt;
    struct job_next *next;
};

static bool accept(void *owner, const struct fal_ticket *ticket, struct err *reterr)
{
    const struct finding *finding = owner;

    return generation_was_accepted(finding->tools, finding->job, finding->attempt, ticket, finding->next, reterr);
}

/* Its time is over and nobody knows: what is cheap may be sent again, what is dear may not. */
static bool end_search(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    ret->delay_ms = 0;
    if (a->cost <= tools->config->resend_max_credits) {
        if (!a->cancel_requested)
            log_write(LOG_WARN, "submit_repeated", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
        return generation_note(tools, attempt_abandoned(job, a->id), reterr);
    }
    log_write(LOG_ERROR, "submit_review", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
    ret->done = true;
    return job_move(tools, attempt_review(job, a->id), reterr);
}

/* What it was sent with, but for the seed; "" when the seed alone tells it from all others. */
static struct text sent_input(const struct attempt *a, struct buf *room)
{
    struct json_out out = json_out_begin(room);

    if (!a->has_wanted_seed)
        return TEXT("");
    plan_write_sent_seedless(a->input, a->source_url, &out);
    return (struct text){room->bytes, room->len};
}

static struct paid_attempt paid_attempt_of(const struct job_tools *tools, const struct attempt *a, struct text input)
{
    return (struct paid_attempt){
        .fal = tools->fal,
        .sent = {.endpoint = a->endpoint, .seed = a->seed, .input = input, .since_s = a->sent_at_s - 60},
        .id = a->id,
        .journal = a->journal,
        .age_s = a->age_s,
        .looks = a->looks,
        .late_looks = a->late_looks,
    };
}

bool generation_search(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf room = buf_make(MAX_INPUT_BYTES);
    const struct paid_attempt attempt = paid_attempt_of(tools, a, sent_input(a, &room));
    struct finding finding = {tools, job, a->id, ret};
    enum paid_found found = paid_search_journal(tools, &attempt, accept, &finding, reterr);

    if (found == PAID_HELD) {
        ret->delay_ms = paid_send_next_look_ms(a->age_s);
        if (!generation_note(tools, attempt_unknown(job, a->id), reterr))
            return false;
        found = paid_search_list(&attempt, accept, &finding, reterr);
    }
    switch (found) {
    case PAID_FOUND:
    case PAID_HELD: return true;
    case PAID_FAILED: return false;
    case PAID_NEVER_SENT: ret->delay_ms = 0; return generation_note(tools, attempt_rejected(job, a->id), reterr);
    case PAID_OVER: return end_search(tools, job, a, ret, reterr);
    case PAID_NOT_LISTED: break;
    }
    return generation_note(tools, attempt_looked(job, a->id), reterr);
}
