#include "generations/generation_job.h"

#include <string.h>

#include "base/config.h"
#include "catalog/catalog.h"
#include "events/event_bell.h"
#include "generations/generation.h"
#include "generations/generation_move.h"

/* Begun when it has a slot; without one it waits for its turn. One that has given its slot back because its picture
   could not be uploaded asks for another when that has succeeded. */
static bool begin(const struct job_tools *tools, const struct job *job, const struct attempt *a, struct job_next *ret,
                  struct err *reterr)
{
    if (a->cancel_requested) { /* while an attempt was out that turned out not to have been accepted */
        ret->done = ret->freed = true;
        return job_move(tools, generation_cancelled(job), reterr);
    }
    if (catalog_has_gone(tools->catalog, a->endpoint, a->endpoint_state)) /* since it was asked for */
        return generation_fail(tools, job, "endpoint_gone", ret, reterr);
    if (a->has_slot || (a->has_source && !a->source_url))
        return generation_submit(tools, job, a, ret, reterr);
    return generation_await_turn(tools, job, ret, reterr);
}

static bool step_of(const struct job_tools *tools, const struct job *job, const struct attempt *a, struct job_next *ret,
                    struct err *reterr)
{
    if (!tools->fal && !generation_status_is_final(a->status) && strcmp(a->status, "storing") != 0)
        return err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set");
    if (strcmp(a->status, "pending") == 0)
        return begin(tools, job, a, ret, reterr);
    if (strcmp(a->status, "submitting") == 0)
        return generation_search(tools, job, a, ret, reterr);
    if (strcmp(a->status, "queued") == 0 || strcmp(a->status, "running") == 0)
        return a->request_id ? generation_follow(tools, job, a, ret, reterr)
                             : generation_fail(tools, job, "internal", ret, reterr); /* no statement leads here */
    if (strcmp(a->status, "storing") == 0 || (strcmp(a->status, "failed") == 0 && a->has_result))
        return generation_store(tools, job, a, ret, reterr);
    if (job->crashes > 0)
        generation_forget_spooled(tools, job);
    ret->done = true; /* it ended in another way */
    return true;
}

bool generation_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = attempt_load(job->ref);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct attempt attempt;

    if (!rows)
        return false;
    if (rows_count(rows) == 0) { /* its user is gone */
        ret->done = true;
        return true;
    }
    attempt = attempt_from_row(rows_at(rows, 0));
    return step_of(tools, job, &attempt, ret, reterr);
}

struct query generation_admit(const struct config *config)
{
    struct query q = query_write("SELECT generations_admit($1, $2)");

    query_alone(&q);
    query_add_int64(&q, config->fal_concurrency);
    query_add_int64(&q, config->fal_user_concurrency);
    return q;
}

static const char *last_words(const struct err *why)
{
    if (strncmp(why->code, "storage", 7) == 0)
        return "storage_failed";
    if (strncmp(why->code, "image_", 6) == 0 || strncmp(why->code, "fal_media", 9) == 0)
        return "result_missing";
    return why->kind == ERR_INTERNAL ? "internal" : "provider_unavailable";
}

bool generation_give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr)
{
    struct query q = generation_failed(job, last_words(why));
    bool ok = pg_do(tools->pg, &q, reterr); /* no row is fine: it has ended already */

    event_bell_ring(tools->event_bell);
    return ok;
}
