/* Following a request that the provider has accepted, to its result or its end. */
#include <inttypes.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/outputs.h"

enum {
    GIVE_UP_S = 45 * 60, /* far beyond what any generation takes */
    CANCEL_HURRY_S = 60, /* after that the cancel is repeated as rarely as the look */
    MISSING_TRIES = 7,   /* after 1, 2, 4 ... 64 s */
    MAX_OUTPUTS = 16 * 1024,
};

/* The farther the end, the rarer the look: alone it must be quick, beside notifications it is the second way. */
static int64_t next_look_ms(const struct job_tools *tools, const struct attempt *a)
{
    bool alone = !tools->config->generation.webhook_url;

    if (a->age_s < 10)
        return alone ? 700 : 3000;
    if (a->age_s < 60)
        return alone ? 2000 : 5000;
    return alone ? 5000 : 15000;
}

static bool seen(const struct job_tools *tools, const struct job *job, bool running, int position, struct err *reterr)
{
    struct query q = generation_seen(job, running, position);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);

    if (rows && rows_count(rows) > 0) /* no row: nothing new */
        event_bell_ring(tools->event_bell);
    return rows != NULL;
}

static bool made(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                 const struct fal_outcome *outcome, struct job_next *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf outputs = buf_make(MAX_OUTPUTS);

    outputs_write(outcome, &outputs);
    ret->delay_ms = 0;
    ret->freed = true;
    return job_move(tools, generation_made(job, outcome->has_seed ? outcome->seed : a->seed, outputs.bytes), reterr);
}

/* Paid for, and not there: for a minute or two that may be an error of theirs. */
static bool missing(const struct job_tools *tools, const struct job *job, const char *why, struct job_next *ret,
                    struct err *reterr)
{
    if (job->attempts >= MISSING_TRIES)
        return generation_fail(tools, job, "result_missing", ret, reterr);
    return err_set(reterr, ERR_UPSTREAM, "result_missing", "%s", why);
}

/* Not that there is nothing in it. */
static bool is_missing(const struct fal_outcome *outcome)
{
    return outcome->failure == FAL_RESULT_MISSING && *outcome->provider_type &&
           strcmp(outcome->provider_type, "no_media_generated") != 0;
}

static bool ended_badly(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                        const struct fal_outcome *outcome, struct job_next *ret, struct err *reterr)
{
    if (a->cancel_requested && strcmp(outcome->provider_type, "client_cancelled") == 0) {
        ret->done = ret->freed = true;
        return job_move(tools, generation_cancelled(job), reterr);
    }
    log_write(LOG_WARN, "generation_failed", "submission=%" PRId64 " code=%s type=%s", a->id,
              fal_failure_code(outcome->failure), outcome->provider_type);
    return generation_fail(tools, job, fal_failure_code(outcome->failure), ret, reterr);
}

/* It is paid for: an outage of the provider, or of the way there, is no failure of the job before GIVE_UP_S. */
static bool unreachable(const struct attempt *a, struct job_next *ret, const struct err *why)
{
    log_write(LOG_WARN, "provider_unreachable", "submission=%" PRId64 " reason=%s", a->id, LOG_QUOTE(why->detail));
    ret->delay_ms = a->age_s < 60 ? 3000 : 15000;
    return true;
}

static bool fetch_result(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                         const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr)
{
    struct fal_outcome outcome;

    switch (fal_result(tools->fal, ticket, &outcome, reterr)) {
    case FAL_RESULT_READY: return made(tools, job, a, &outcome, ret, reterr);
    case FAL_RESULT_FAILED:
        if (is_missing(&outcome))
            return missing(tools, job, "the result is not there", ret, reterr);
        return ended_badly(tools, job, a, &outcome, ret, reterr);
    case FAL_RESULT_NOT_YET: ret->delay_ms = 1000; break;
    case FAL_RESULT_UNREACHABLE: (void)unreachable(a, ret, reterr); break;
    }
    return a->age_s <= GIVE_UP_S || generation_fail(tools, job, "provider_timeout", ret, reterr);
}

/* The provider's answer decides: it may be too late, and then the result is delivered. */
static void ask_for_end(const struct job_tools *tools, const struct fal_ticket *ticket)
{
    struct err err;

    if (fal_cancel(tools->fal, ticket, &err) == FAL_CANCEL_UNREACHABLE)
        log_write(LOG_WARN, "cancel_unreachable", "reason=%s", LOG_QUOTE(err.detail));
}

/* What the provider says, but for a result that is ready. */
static bool not_ready(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                      enum fal_state state, int position, struct job_next *ret, struct err *reterr)
{
    ret->delay_ms = a->cancel_requested && a->age_s < CANCEL_HURRY_S ? 1000 : next_look_ms(tools, a);
    switch (state) {
    case FAL_QUEUED: return seen(tools, job, false, position, reterr);
    case FAL_LOST: return missing(tools, job, "the request is not known", ret, reterr);
    case FAL_UNREACHABLE: return unreachable(a, ret, reterr);
    case FAL_RUNNING:
    case FAL_COMPLETED: break;
    }
    return seen(tools, job, true, -1, reterr);
}

bool generation_follow(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    struct fal_ticket ticket = fal_ticket_of(a->endpoint, a->request_id, a->status_url, a->response_url, a->cancel_url);
    bool late = a->age_s > GIVE_UP_S;
    enum fal_state state;
    int position = -1;

    if (a->cancel_requested)
        ask_for_end(tools, &ticket);
    state = fal_status(tools->fal, &ticket, &position, reterr);
    if (state == FAL_COMPLETED) /* also a late one: it is paid for, and perhaps nobody was here to look */
        return fetch_result(tools, job, a, &ticket, ret, reterr);
    if (!late)
        return not_ready(tools, job, a, state, position, ret, reterr);
    ask_for_end(tools, &ticket);
    return generation_fail(tools, job, "provider_timeout", ret, reterr);
}
