/* Sending the paid request, once. It is dear: what may have been accepted is never sent again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "endpoints/endpoint_vanished.h"
#include "events/event_bell.h"
#include "hooks/hook_token.h"
#include "jobs/job_move.h"
#include "jobs/paid_send.h"
#include "trainings/training_job.h"
#include "trainings/training_offer.h"

enum { START_TIMEOUT_S = 6 * 3600 /* in the provider's queue */, MAX_INPUT_BYTES = 16 * 1024 };

static const char *webhook_url(const struct job_tools *tools, const struct training_attempt *a, int64_t attempt,
                               char *to, size_t room)
{
    bool portrait = strcmp(a->endpoint, "fal-ai/flux-lora-portrait-trainer") == 0;
    char token[HOOK_TOKEN_ROOM];

    if (!tools->config->training.webhook_url)
        return NULL;
    hook_token_write(tools->hook_mac, attempt, token);
    (void)snprintf(to, room, "%s/api/avatar/status_update?training_type=%s&attempt=%s",
                   tools->config->training.webhook_url, portrait ? "portrait" : "style", token);
    return to;
}

static bool begin(const struct job_tools *tools, const struct job *job, int64_t *ret_attempt, struct err *reterr)
{
    struct query q = training_sending(job, tools->journal ? journal_name(tools->journal) : NULL);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct row row;

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "job_lost", "no longer pending");
    row = rows_at(rows, 0);
    *ret_attempt = row_int64(&row);
    event_bell_ring(tools->event_bell);
    return true;
}

bool training_was_accepted(const struct job_tools *tools, const struct job *job, int64_t attempt,
                           const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr)
{
    struct query q = training_accepted(job->ref, attempt, ticket);

    ret->delay_ms = 2000;
    if (!paid_send_write(tools, &q, reterr))
        return false; /* the next step searches for it */
    event_bell_ring(tools->event_bell);
    return true;
}

static bool not_accepted(const struct job_tools *tools, const struct job *job, int64_t attempt, int64_t delay_ms,
                         bool stopped, struct job_next *ret, struct err *why)
{
    log_write(stopped ? LOG_ERROR : LOG_WARN, "submit_not_accepted", "submission=%" PRId64 " reason=%s", attempt,
              LOG_QUOTE(why->detail));
    ret->delay_ms = delay_ms;
    return job_move(tools, training_rejected(job, attempt), why);
}

static bool refused(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                    struct job_next *ret, struct err *why)
{
    if (strcmp(why->code, "endpoint_gone") != 0)
        return training_fail(tools, job, "training_refused", ret, why);
    endpoint_vanished(tools->pg, a->endpoint, why->detail);
    return training_fail(tools, job, "endpoint_gone", ret, why);
}

static bool judge(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                  const struct paid_send *send, enum fal_submitted outcome, const struct fal_ticket *ticket,
                  struct job_next *ret, struct err *why)
{
    switch (outcome) {
    case FAL_ACCEPTED: return training_was_accepted(tools, job, send->id, ticket, ret, why);
    case FAL_NOT_ACCEPTED:
        return not_accepted(tools, job, send->id, paid_send_patience_ms(a->attempts, ticket), false, ret, why);
    case FAL_STOP: return not_accepted(tools, job, send->id, 5000, true, ret, why);
    case FAL_REFUSED:
        log_write(LOG_WARN, "submit_refused", "submission=%" PRId64 " code=%s type=%s", send->id, why->code,
                  why->detail);
        return refused(tools, job, a, ret, why);
    case FAL_AMBIGUOUS: break;
    }
    log_write(LOG_WARN, "submit_unknown", "submission=%" PRId64 " reason=%s", send->id, LOG_QUOTE(why->detail));
    ret->delay_ms = 1000;
    return true;
}

bool training_submit(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf input = buf_make(MAX_INPUT_BYTES);
    struct paid_send send = {.fal = tools->training_fal,
                             .endpoint = a->endpoint,
                             .start_timeout_s = START_TIMEOUT_S,
                             .begun_ms = paid_send_clock_ms(),
                             .troubled = a->troubled};
    struct fal_ticket ticket = {0};
    enum fal_submitted outcome;
    struct err why = {0};
    char url[700];

    if (!begin(tools, job, &send.id, reterr))
        return false;
    training_offer_write_sent(a->endpoint, a->input, a->archive_url, &input);
    send.input = (struct text){input.bytes, input.len};
    send.webhook_url = webhook_url(tools, a, send.id, url, sizeof url);
    outcome = paid_send_once(tools, &send, &ticket, &why);
    *reterr = why;
    return judge(tools, job, a, &send, outcome, &ticket, ret, reterr);
}
