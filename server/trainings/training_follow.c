/* Following a request that the provider has accepted, to its result or its end. */
#include <inttypes.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "endpoints/endpoint_vanished.h"
#include "events/event_bell.h"
#include "jobs/job_move.h"
#include "jobs/paid_follow.h"
#include "trainings/training_job.h"
#include "trainings/training_progress.h"

enum {
    GIVE_UP_S = 8 * 3600, /* far beyond what any training takes, with its time in the queue */
    ARCHIVE_TRIES = 4,    /* attempts that end because the archive could not be fetched */
    ARCHIVE_PAUSE_MS = 5000,
};

/* Somebody may be watching the bar: a hundredth of the time that it takes, within reason. */
static int64_t next_look_ms(const struct training_attempt *a)
{
    int64_t ms = a->expected_s * 10;

    if (a->cancel_requested && a->age_s < PAID_CANCEL_HURRY_S)
        return 1000;
    return ms < 2000 ? 2000 : ms > 15000 ? 15000 : ms;
}

static bool seen(const struct job_tools *tools, const struct job *job, const struct training_attempt *a, bool running,
                 int position, double share, struct err *reterr)
{
    int progress = running ? training_progress(share, a->running_s, a->expected_s) : TRAINING_QUEUED_PERCENT;
    struct query q = training_seen(job, running, position, progress);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);

    if (rows && rows_count(rows) > 0) /* no row: nothing new */
        event_bell_ring(tools->event_bell);
    return rows != NULL;
}

static bool lacked_archive(const struct fal_outcome *outcome)
{
    return strcmp(outcome->provider_type, "file_download_error") == 0;
}

static const char *failure_of(const struct fal_outcome *outcome)
{
    if (lacked_archive(outcome))
        return "archive_unreachable";
    if (outcome->failure == FAL_PROVIDER_VALIDATION || outcome->failure == FAL_MODERATION_BLOCKED)
        return "training_refused"; /* nobody has written a text that could be changed */
    return outcome->failure == FAL_RESULT_MISSING ? "model_missing" : fal_failure_code(outcome->failure);
}

static bool ended_badly(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                        const struct fal_outcome *outcome, struct job_next *ret, struct err *reterr)
{
    if (lacked_archive(outcome) && !a->cancel_requested && a->attempts < ARCHIVE_TRIES) {
        log_write(LOG_WARN, "training_again", "submission=%" PRId64 " attempt=%" PRId64, a->id, a->attempts);
        ret->delay_ms = ARCHIVE_PAUSE_MS * a->attempts; /* our own storage was away for a moment, most likely */
        return job_move(tools, training_again(job), reterr);
    }
    log_write(LOG_WARN, "training_failed", "submission=%" PRId64 " code=%s type=%s", a->id, failure_of(outcome),
              outcome->provider_type);
    if (outcome->failure == FAL_ENDPOINT_GONE)
        endpoint_vanished(tools->pg, a->endpoint, outcome->provider_type);
    return training_fail(tools, job, failure_of(outcome), ret, reterr);
}

/* A result without a model is an error: none is ever invented. */
static bool made(const struct job_tools *tools, const struct job *job, const struct fal_outcome *outcome,
                 struct job_next *ret, struct err *reterr)
{
    ret->delay_ms = 0;
    if (!*outcome->lora_url && !*outcome->finetune_id)
        return training_fail(tools, job, "model_missing", ret, reterr);
    return job_move(tools, training_made(job, outcome), reterr);
}

struct fal_ticket training_ticket(const struct training_attempt *a)
{
    return fal_ticket_of(a->endpoint, a->request_id, a->status_url, a->response_url, a->cancel_url);
}

static struct paid_request request_of(const struct job_tools *tools, const struct job *job,
                                      const struct training_attempt *a)
{
    return (struct paid_request){
        .fal = tools->training_fal,
        .ticket = training_ticket(a),
        .id = a->id,
        .age_s = a->age_s,
        .give_up_s = GIVE_UP_S,
        .failures = job->attempts,
        .cancel_requested = a->cancel_requested,
        .with_logs = true,
    };
}

bool training_follow(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr)
{
    const struct paid_request request = request_of(tools, job, a);
    struct paid_news news;

    ret->delay_ms = next_look_ms(a);
    switch (paid_follow(&request, &news, ret, reterr)) {
    case PAID_QUEUED: return seen(tools, job, a, false, news.position, news.share, reterr);
    case PAID_RUNNING: return seen(tools, job, a, true, news.position, news.share, reterr);
    case PAID_MADE: return made(tools, job, &news.outcome, ret, reterr);
    case PAID_ENDED: return ended_badly(tools, job, a, &news.outcome, ret, reterr);
    case PAID_GONE: return training_fail(tools, job, "model_missing", ret, reterr);
    case PAID_LATE: return training_fail(tools, job, "provider_timeout", ret, reterr);
    case PAID_SILENT: return true;
    case PAID_MISSING: return false;
    case PAID_CANCELLED: break;
    }
    ret->delay_ms = 0;
    return job_move(tools, training_cancelled(job), reterr);
}
