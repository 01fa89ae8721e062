#include "trainings/training_job.h"

#include <string.h>

#include "base/log.h"
#include "catalog/catalog.h"
#include "events/event_bell.h"
#include "jobs/job_move.h"
#include "photos/photo.h"
#include "storage/object_link.h"
#include "storage/store.h"
#include "trainings/training.h"

enum {
    TURN_S = 24 * 3600 /* a provider that is away for longer: it ends unsent */,
    REPACK_S = 7 * 3600 /* the provider fetches it when its own line has come to it */
};

bool training_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                   struct err *reterr)
{
    ret->delay_ms = 0;
    return job_move(tools, training_failed(job, code), reterr);
}

static bool cancel(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    ret->delay_ms = 0;
    return job_move(tools, training_cancelled(job), reterr);
}

static bool begin(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                  struct job_next *ret, struct err *reterr)
{
    if (a->cancel_requested)
        return cancel(tools, job, ret, reterr);
    if (a->old_s > TURN_S)
        return training_fail(tools, job, "queue_expired", ret, reterr);
    if (catalog_has_gone(tools->catalog, a->endpoint, a->endpoint_state)) /* since it was asked for */
        return training_fail(tools, job, "endpoint_gone", ret, reterr);
    if (!a->archive_url || a->archive_left_s < REPACK_S)
        return training_pack(tools, job, a, ret, reterr);
    if (!a->blocked)
        return training_submit(tools, job, a, ret, reterr);
    ret->delay_ms = 5000; /* the way there is shut: paid work is not sent into an outage */
    return true;
}

/* The archive that it has, and one that was written just before it was cancelled, of which no row tells. */
static bool delete_archives(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                            struct err *reterr)
{
    char next[STORE_KEY_MAX + 1];

    training_archive_key(job, a, next);
    if (object_links_are_public(tools->links) && !store_delete(tools->store, TEXT(PHOTO_BUCKET), text_of(next), reterr))
        return false;
    return !a->archive_key || strcmp(a->archive_key, next) == 0 ||
           store_delete(tools->store, TEXT(PHOTO_BUCKET), text_of(a->archive_key), reterr);
}

/* The photos' archive has served its purpose: faces lie about no longer than they must. */
static bool tidy(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                 struct job_next *ret, struct err *reterr)
{
    ret->done = true;
    if (delete_archives(tools, job, a, reterr))
        return !a->archive_key || job_move(tools, training_tidied(job), reterr);
    ret->done = false;
    reterr->kind = ERR_BUSY; /* waited out: an outage of the storage is no failure */
    ret->delay_ms = 60 * 1000;
    return false;
}

static bool step_of(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                    struct job_next *ret, struct err *reterr)
{
    bool storing = strcmp(a->status, "storing") == 0, late = strcmp(a->status, "failed") == 0 && a->told_late;

    if (!late && training_status_is_final(a->status))
        return tidy(tools, job, a, ret, reterr);
    if (!tools->training_fal)
        return err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set");
    if (late)
        return training_late(tools, job, a, ret, reterr);
    if (strcmp(a->status, "pending") == 0)
        return begin(tools, job, a, ret, reterr);
    if (strcmp(a->status, "submitting") == 0)
        return training_search(tools, job, a, ret, reterr);
    return storing ? training_store(tools, job, a, ret, reterr) : training_follow(tools, job, a, ret, reterr);
}

bool training_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = training_load(job->ref);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct training_attempt attempt;

    if (!rows)
        return false;
    if (rows_count(rows) == 0) { /* its user is gone */
        ret->done = true;
        return true;
    }
    attempt = training_attempt_from_row(rows_at(rows, 0));
    return step_of(tools, job, &attempt, ret, reterr);
}

static const char *last_words(const struct err *why)
{
    if (strncmp(why->code, "storage", 7) == 0 || strncmp(why->code, "archive", 7) == 0)
        return "storage_failed";
    if (strncmp(why->code, "fal_media", 9) == 0 || strncmp(why->code, "model_", 6) == 0 ||
        strcmp(why->code, "fetch_too_large") == 0)
        return "model_missing";
    return why->kind == ERR_INTERNAL ? "internal" : "provider_unavailable";
}

bool training_give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr)
{
    struct query failed = training_failed(job, last_words(why)), abandoned = training_abandoned(job);
    bool ok = pg_do(tools->pg, &failed, reterr) /* no row is fine: it has ended already */ &&
              pg_do(tools->pg, &abandoned, reterr);

    event_bell_ring(tools->event_bell);
    return ok;
}
