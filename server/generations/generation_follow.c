/* Following a request that the provider has accepted, to its result or its end. */
#include <inttypes.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "endpoints/endpoint_vanished.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/outputs.h"
#include "jobs/paid_follow.h"

enum { GIVE_UP_S = 45 * 60 /* far beyond what any generation takes */, MAX_OUTPUTS = 16 * 1024 };

/* The farther the end, the rarer the look: alone it must be quick, beside notifications it is the second way. */
static int64_t next_look_ms(const struct job_tools *tools, const struct attempt *a)
{
    bool alone = !tools->config->generation.webhook_url;

    if (a->cancel_requested && a->age_s < PAID_CANCEL_HURRY_S)
        return 1000;
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

/* Whatever they could not fetch, it was not their user's doing. */
static const char *code_of(const struct attempt *a, const struct fal_outcome *outcome)
{
    return a->has_source && strcmp(outcome->provider_type, "file_download_error") == 0
               ? "source_unreachable"
               : fal_failure_code(outcome->failure);
}

static bool ended_badly(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                        const struct fal_outcome *outcome, struct job_next *ret, struct err *reterr)
{
    log_write(LOG_WARN, "generation_failed", "submission=%" PRId64 " code=%s type=%s", a->id, code_of(a, outcome),
              outcome->provider_type);
    if (outcome->failure == FAL_ENDPOINT_GONE)
        endpoint_vanished(tools->pg, a->endpoint, outcome->provider_type);
    return generation_fail(tools, job, code_of(a, outcome), ret, reterr);
}

static struct paid_request request_of(const struct job_tools *tools, const struct job *job, const struct attempt *a)
{
    return (struct paid_request){
        .fal = tools->fal,
        .ticket = fal_ticket_of(a->endpoint, a->request_id, a->status_url, a->response_url, a->cancel_url),
        .id = a->id,
        .age_s = a->age_s,
        .give_up_s = GIVE_UP_S,
        .failures = job->attempts,
        .cancel_requested = a->cancel_requested,
    };
}

bool generation_follow(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    const struct paid_request request = request_of(tools, job, a);
    struct paid_news news;

    ret->delay_ms = next_look_ms(tools, a);
    switch (paid_follow(&request, &news, ret, reterr)) {
    case PAID_QUEUED: return seen(tools, job, false, news.position, reterr);
    case PAID_RUNNING: return seen(tools, job, true, -1, reterr);
    case PAID_MADE: return made(tools, job, a, &news.outcome, ret, reterr);
    case PAID_ENDED: return ended_badly(tools, job, a, &news.outcome, ret, reterr);
    case PAID_GONE: return generation_fail(tools, job, "result_missing", ret, reterr);
    case PAID_LATE: return generation_fail(tools, job, "provider_timeout", ret, reterr);
    case PAID_SILENT: return true;
    case PAID_MISSING: return false;
    case PAID_CANCELLED: break;
    }
    ret->done = ret->freed = true;
    return job_move(tools, generation_cancelled(job), reterr);
}
