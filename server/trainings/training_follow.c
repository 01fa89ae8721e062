/* Following a request that the provider has accepted, to its result or its end. */
#include <inttypes.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "jobs/job_move.h"
#include "trainings/training_job.h"
#include "trainings/training_progress.h"

enum {
    GIVE_UP_S = 8 * 3600, /* far beyond what any training takes, with its time in the queue */
    MISSING_TRIES = 7,    /* after 1, 2, 4 ... 64 s */
    CANCEL_HURRY_S = 60,
    ARCHIVE_TRIES = 4, /* attempts that end because the archive could not be fetched */
    ARCHIVE_PAUSE_MS = 5000,
};

/* Somebody may be watching the bar: a hundredth of the time that it takes, within reason. */
static int64_t next_look_ms(const struct training_attempt *a)
{
    int64_t ms = a->expected_s * 10;

    if (a->cancel_requested && a->age_s < CANCEL_HURRY_S)
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

/* Paid for, and not there: for a minute or two that may be an error of theirs. */
static bool missing(const struct job_tools *tools, const struct job *job, const char *why, struct job_next *ret,
                    struct err *reterr)
{
    if (job->attempts >= MISSING_TRIES)
        return training_fail(tools, job, "model_missing", ret, reterr);
    return err_set(reterr, ERR_UPSTREAM, "model_missing", "%s", why);
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
    if (a->cancel_requested && strcmp(outcome->provider_type, "client_cancelled") == 0) {
        ret->delay_ms = 0;
        return job_move(tools, training_cancelled(job), reterr);
    }
    if (lacked_archive(outcome) && !a->cancel_requested && a->attempts < ARCHIVE_TRIES) {
        log_write(LOG_WARN, "training_again", "submission=%" PRId64 " attempt=%" PRId64, a->id, a->attempts);
        ret->delay_ms = ARCHIVE_PAUSE_MS * a->attempts; /* our own storage was away for a moment, most likely */
        return job_move(tools, training_again(job), reterr);
    }
    log_write(LOG_WARN, "training_failed", "submission=%" PRId64 " code=%s type=%s", a->id, failure_of(outcome),
              outcome->provider_type);
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

static bool is_missing(const struct fal_outcome *outcome)
{
    return outcome->failure == FAL_RESULT_MISSING && *outcome->provider_type;
}

/* It is paid for: an outage of the provider, or of the way there, is no failure of the job before GIVE_UP_S. */
static bool unreachable(const struct training_attempt *a, struct job_next *ret, const struct err *why)
{
    log_write(LOG_WARN, "provider_unreachable", "submission=%" PRId64 " reason=%s", a->id, LOG_QUOTE(why->detail));
    ret->delay_ms = a->age_s < 60 ? 3000 : 15000;
    return true;
}

static bool fetch_result(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                         const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr)
{
    struct fal_outcome outcome;

    switch (fal_result(tools->training_fal, ticket, &outcome, reterr)) {
    case FAL_RESULT_READY: return made(tools, job, &outcome, ret, reterr);
    case FAL_RESULT_FAILED:
        if (is_missing(&outcome))
            return missing(tools, job, "the result is not there", ret, reterr);
        return ended_badly(tools, job, a, &outcome, ret, reterr);
    case FAL_RESULT_NOT_YET: ret->delay_ms = 1000; break;
    case FAL_RESULT_UNREACHABLE: (void)unreachable(a, ret, reterr); break;
    }
    return a->age_s <= GIVE_UP_S || training_fail(tools, job, "provider_timeout", ret, reterr);
}

/* The provider's answer decides: it may be too late, and then the model is delivered. */
static void ask_for_end(const struct job_tools *tools, const struct fal_ticket *ticket)
{
    struct err err;

    if (fal_cancel(tools->training_fal, ticket, &err) == FAL_CANCEL_UNREACHABLE)
        log_write(LOG_WARN, "cancel_unreachable", "reason=%s", LOG_QUOTE(err.detail));
}

bool training_follow(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr)
{
    struct fal_ticket ticket = fal_ticket_of(a->endpoint, a->request_id, a->status_url, a->response_url, a->cancel_url);
    enum fal_state state;
    double share = -1;
    int position = -1;

    if (a->cancel_requested)
        ask_for_end(tools, &ticket);
    state = fal_status_logs(tools->training_fal, &ticket, &position, &share, reterr);
    if (state == FAL_COMPLETED) /* also a late one: it is paid for, and perhaps nobody was here to look */
        return fetch_result(tools, job, a, &ticket, ret, reterr);
    if (a->age_s > GIVE_UP_S) {
        ask_for_end(tools, &ticket);
        return training_fail(tools, job, "provider_timeout", ret, reterr);
    }
    ret->delay_ms = next_look_ms(a);
    if (state == FAL_LOST)
        return missing(tools, job, "the request is not known", ret, reterr);
    if (state == FAL_UNREACHABLE)
        return unreachable(a, ret, reterr);
    return seen(tools, job, a, state == FAL_RUNNING, position, share, reterr);
}
