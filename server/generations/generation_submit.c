/* Sending the paid request, once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "endpoints/endpoint_vanished.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/plan.h"
#include "hooks/hook_token.h"
#include "jobs/paid_send.h"

enum { START_TIMEOUT_S = 300, MAX_INPUT_BYTES = 64 * 1024, MAX_WAIT_S = 24 * 3600, OUTAGE_MS = 5000 };

/* The client's own, or one so rare that the attempt can be found by it in the provider's list of requests. */
static uint64_t seed_for(const struct attempt *a)
{
    uint64_t seed;

    if (a->has_wanted_seed)
        return a->wanted_seed;
    crypto_random(&seed, sizeof seed);
    return seed >> 12; /* 52 bits: exact in every client's numbers */
}

static const char *webhook_url(const struct job_tools *tools, int64_t submission, char *to, size_t room)
{
    char token[HOOK_TOKEN_ROOM];

    if (!tools->config->generation.webhook_url)
        return NULL;
    hook_token_write(tools->hook_mac, submission, token);
    (void)snprintf(to, room, "%s/api/v1/webhooks/fal/%s", tools->config->generation.webhook_url, token);
    return to;
}

static bool begin(const struct job_tools *tools, const struct job *job, uint64_t seed, int64_t *ret_id,
                  struct err *reterr)
{
    struct query q = attempt_begin(job, seed, tools->journal ? journal_name(tools->journal) : NULL);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct row row;

    if (!rows && reterr->kind != ERR_CONFLICT)
        return false;
    if (!rows || rows_count(rows) == 0) /* a conflict: an older attempt has just turned out to have been accepted */
        return err_set(reterr, ERR_CONFLICT, "job_lost", "no longer pending");
    row = rows_at(rows, 0);
    *ret_id = row_int64(&row);
    return true;
}

/* source_url "": no picture is sent along. */
static enum fal_submitted send_once(const struct job_tools *tools, const struct attempt *a, const char *source_url,
                                    uint64_t seed, struct paid_send *send, struct fal_ticket *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf input = buf_make(MAX_INPUT_BYTES);
    struct json_out json = json_out_begin(&input);
    char url[700];

    plan_write_sent(a->input, *source_url ? source_url : NULL, seed, &json);
    send->input = (struct text){input.bytes, input.len};
    send->webhook_url = webhook_url(tools, send->id, url, sizeof url);
    return paid_send_once(tools, send, ret, reterr);
}

/* First answers follow quickly; with notifications on, looking is only the second way. */
static int64_t first_look_ms(const struct job_tools *tools)
{
    return tools->config->generation.webhook_url ? 3000 : 700;
}

bool generation_was_accepted(const struct job_tools *tools, const struct job *job, int64_t id,
                             const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr)
{
    struct query q = attempt_accepted(job->ref, id, ticket);

    ret->delay_ms = first_look_ms(tools);
    if (!paid_send_write(tools, &q, reterr))
        return false; /* the next step searches for it */
    event_bell_ring(tools->event_bell);
    return true;
}

/* An outage of theirs is no failure of the job: it waits, until its turn does not come within a day. */
static bool not_accepted(const struct job_tools *tools, const struct job *job, const struct attempt *a, int64_t id,
                         enum fal_submitted outcome, int64_t delay_ms, struct job_next *ret, struct err *why)
{
    log_write(outcome == FAL_STOP ? LOG_ERROR : LOG_WARN, "submit_not_accepted",
              "submission=%" PRId64 " attempt=%" PRId64 " reason=%s", id, a->number + 1, LOG_QUOTE(why->detail));
    ret->delay_ms = delay_ms;
    ret->freed = true;
    return generation_note(tools, attempt_rejected(job, id), why);
}

static bool refused(const struct job_tools *tools, const struct job *job, const struct attempt *a, int64_t id,
                    struct job_next *ret, struct err *why)
{
    const struct err kept = *why; /* its code is a parameter of the statement that may fill *why anew */

    log_write(LOG_WARN, "submit_refused", "submission=%" PRId64 " code=%s type=%s", id, kept.code, kept.detail);
    if (strcmp(kept.code, "endpoint_gone") == 0)
        endpoint_vanished(tools->pg, a->endpoint, kept.detail);
    return generation_fail(tools, job, kept.code, ret, why);
}

static bool judge(const struct job_tools *tools, const struct job *job, const struct attempt *a, int64_t id,
                  enum fal_submitted outcome, const struct fal_ticket *ticket, struct job_next *ret, struct err *why)
{
    switch (outcome) {
    case FAL_ACCEPTED: return generation_was_accepted(tools, job, id, ticket, ret, why);
    case FAL_NOT_ACCEPTED:
        return not_accepted(tools, job, a, id, outcome, paid_send_patience_ms(a->number, ticket), ret, why);
    case FAL_STOP: return not_accepted(tools, job, a, id, outcome, 1000, ret, why);
    case FAL_REFUSED: return refused(tools, job, a, id, ret, why);
    case FAL_AMBIGUOUS: break;
    }
    log_write(LOG_WARN, "submit_unknown", "submission=%" PRId64 " reason=%s", id, LOG_QUOTE(why->detail));
    ret->delay_ms = 1000;
    ret->freed = true;
    return generation_note(tools, attempt_unknown(job, id), why);
}

static bool submit(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                   const char *source_url, struct job_next *ret, struct err *reterr)
{
    struct paid_send send = {.fal = tools->fal,
                             .endpoint = a->endpoint,
                             .start_timeout_s = START_TIMEOUT_S,
                             .begun_ms = paid_send_clock_ms(),
                             .troubled = a->troubled};
    struct fal_ticket ticket = {0};
    uint64_t seed = seed_for(a);
    enum fal_submitted outcome;
    struct err why = {0};

    if (!begin(tools, job, seed, &send.id, reterr))
        return false;
    outcome = send_once(tools, a, source_url, seed, &send, &ticket, &why);
    *reterr = why;
    return judge(tools, job, a, send.id, outcome, &ticket, ret, reterr);
}

/* Others do not wait for that: it gives its slot back and tries again without one. An outage of our own storage is not
   counted, so the day after which whatever waits ends is what ends it. */
static bool not_published(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                          struct job_next *ret, struct err *reterr)
{
    const struct err why = *reterr;

    if (strcmp(why.code, "storage_missing") == 0)
        return generation_fail(tools, job, "source_missing", ret, reterr);
    if (a->waited_s >= MAX_WAIT_S)
        return generation_fail(tools, job, "queue_expired", ret, reterr);
    if (why.kind == ERR_BUSY)
        ret->delay_ms = OUTAGE_MS;
    ret->freed = a->has_slot;
    if (a->has_slot && !generation_note(tools, attempt_slot_back(job), reterr))
        return false;
    *reterr = why;
    return false;
}

bool generation_submit(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    char source_url[OBJECT_LINK_ROOM] = "";

    if (a->has_source && !a->source_key)
        return generation_fail(tools, job, "source_missing", ret, reterr);
    if (a->has_source && !generation_source(tools, job, a, source_url, reterr))
        return not_published(tools, job, a, ret, reterr);
    return a->has_slot ? submit(tools, job, a, source_url, ret, reterr)
                       : generation_await_turn(tools, job, ret, reterr);
}
