/* Sending the paid request, once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/plan.h"
#include "hooks/hook_token.h"
#include "jobs/journal.h"

enum {
    START_TIMEOUT_S = 300,
    ZOMBIE_MS = 5000, /* from before the commit to the first byte: a process that needed longer does not send */
    MAX_PATIENCE_MS = 60 * 1000, /* before it waits for its turn again: the breaker holds up the line, not this */
    WRITE_TRIES = 20,
    WRITE_PAUSE_MS = 500,
    MAX_INPUT_BYTES = 64 * 1024,
};

/* Counts the time that the machine sleeps, too. */
static int64_t boot_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

    if (!tools->config->fal_webhook_url)
        return NULL;
    hook_token_write(tools->hook_mac, submission, token);
    (void)snprintf(to, room, "%s/api/v1/webhooks/fal/%s", tools->config->fal_webhook_url, token);
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

/* What decides at the last moment: the attempt is noted first and the clock looked at second, so that a process that
   slept on the way either has not noted it, or does not send, or is held for one that did. */
struct sending {
    const struct job_tools *tools;
    int64_t id, before_ms;
};

static bool may_send(void *owner)
{
    const struct sending *sending = owner;
    struct journal *journal = sending->tools->journal;

    return (!journal || journal_note(journal, sending->id)) && boot_ms() - sending->before_ms <= ZOMBIE_MS;
}

static enum fal_submitted send_once(const struct sending *sending, const struct attempt *a, uint64_t seed,
                                    struct fal_ticket *ret, struct err *reterr)
{
    const struct job_tools *tools = sending->tools;
    struct sending asked = *sending;
    enum fal_submitted outcome;
    CLEANUP(buf_done) struct buf input = buf_make(MAX_INPUT_BYTES);
    struct json_out json = json_out_begin(&input);
    char url[700];

    plan_write_kept_input(a->input, seed, &json);
    fal_guard(tools->fal, may_send, &asked);
    outcome = fal_submit(tools->fal, a->endpoint, (struct text){input.bytes, input.len},
                         webhook_url(tools, sending->id, url, sizeof url), START_TIMEOUT_S, ret, reterr);
    fal_guard(tools->fal, NULL, NULL);
    return outcome;
}

/* First answers follow quickly; with notifications on, looking is only the second way. */
static int64_t first_look_ms(const struct job_tools *tools) { return tools->config->fal_webhook_url ? 3000 : 700; }

/* With patience: what is not written down must be searched for, and a broken connection is soon made anew. */
static bool write_accepted(const struct job_tools *tools, const struct query *q, struct err *reterr)
{
    const struct timespec pause = {.tv_nsec = WRITE_PAUSE_MS * 1000000L};

    for (int i = 1; !pg_do(tools->pg, q, reterr); i++) {
        if (reterr->kind != ERR_BUSY || i == WRITE_TRIES || (tools->stop && atomic_load(tools->stop)))
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

bool generation_was_accepted(const struct job_tools *tools, const struct job *job, int64_t id,
                             const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr)
{
    struct query q = attempt_accepted(job->ref, id, ticket);

    ret->delay_ms = first_look_ms(tools);
    if (!write_accepted(tools, &q, reterr))
        return false; /* the next step searches for it */
    event_bell_ring(tools->event_bell);
    return true;
}

/* What the answer says of the way there; nobody is told of what did not even get on its way. */
static bool note_way(const struct job_tools *tools, const struct attempt *a, enum fal_submitted outcome,
                     const struct err *why, struct err *reterr)
{
    bool fine = outcome == FAL_ACCEPTED || outcome == FAL_REFUSED;
    struct query q;

    if ((fine && !a->troubled) || strcmp(why->code, "fetch_not_allowed") == 0)
        return true;
    q = query_write("SELECT breaker_note($1, $2, $3)");
    query_add_text(&q, a->endpoint);
    query_add_text(&q, fine ? "ok" : outcome == FAL_STOP ? "stopped" : "failed");
    query_add_text(&q, fine ? NULL : why->code);
    return pg_do(tools->pg, &q, reterr);
}

/* Their wish, as far as somebody who waits for a picture can be asked for it; else twice as long each time. */
static int64_t patience_ms(const struct attempt *a, const struct fal_ticket *ticket)
{
    int64_t wish_ms = (int64_t)ticket->retry_after_s * 1000,
            own_ms = a->number < 6 ? (int64_t)1000 << a->number : 60000;

    if (wish_ms < own_ms)
        wish_ms = own_ms;
    return wish_ms < MAX_PATIENCE_MS ? wish_ms : MAX_PATIENCE_MS;
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

static bool refused(const struct job_tools *tools, const struct job *job, int64_t id, struct job_next *ret,
                    struct err *why)
{
    const struct err kept = *why; /* its code is a parameter of the statement that may fill *why anew */

    log_write(LOG_WARN, "submit_refused", "submission=%" PRId64 " code=%s type=%s", id, kept.code, kept.detail);
    return generation_fail(tools, job, kept.code, ret, why);
}

static bool judge(const struct job_tools *tools, const struct job *job, const struct attempt *a, int64_t id,
                  enum fal_submitted outcome, const struct fal_ticket *ticket, struct job_next *ret, struct err *why)
{
    switch (outcome) {
    case FAL_ACCEPTED: return generation_was_accepted(tools, job, id, ticket, ret, why);
    case FAL_NOT_ACCEPTED: return not_accepted(tools, job, a, id, outcome, patience_ms(a, ticket), ret, why);
    case FAL_STOP: return not_accepted(tools, job, a, id, outcome, 1000, ret, why);
    case FAL_REFUSED: return refused(tools, job, id, ret, why);
    case FAL_AMBIGUOUS: break;
    }
    log_write(LOG_WARN, "submit_unknown", "submission=%" PRId64 " reason=%s", id, LOG_QUOTE(why->detail));
    ret->delay_ms = 1000;
    ret->freed = true;
    return generation_note(tools, attempt_unknown(job, id), why);
}

/* The id of an accepted one is noted before anything else may fail: on disk first, then in the database. */
static void keep_id(const struct job_tools *tools, int64_t id, const struct fal_ticket *ticket)
{
    if (tools->journal && !journal_accepted(tools->journal, id, ticket->request_id))
        log_write(LOG_WARN, "journal_failed", "submission=%" PRId64, id);
}

bool generation_submit(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    struct sending sending = {.tools = tools, .before_ms = boot_ms()};
    struct fal_ticket ticket = {0};
    struct err why = {0}, err;
    uint64_t seed = seed_for(a);
    enum fal_submitted outcome;

    if (!begin(tools, job, seed, &sending.id, reterr))
        return false;
    outcome = send_once(&sending, a, seed, &ticket, &why);
    if (outcome == FAL_ACCEPTED)
        keep_id(tools, sending.id, &ticket);
    if (!note_way(tools, a, outcome, &why, &err))
        log_write(LOG_WARN, "breaker_not_noted", "reason=%s", LOG_QUOTE(err.detail));
    *reterr = why;
    return judge(tools, job, a, sending.id, outcome, &ticket, ret, reterr);
}
