/* Sending the paid request, and finding out about one whose answer was lost. */
#include <inttypes.h>
#include <stdio.h>
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
    STOPPED_LINE_MS = 60000,
    MAX_PATIENCE_MS = 5 * 60 * 1000,
    WRITE_TRIES = 20,
    WRITE_PAUSE_MS = 500,
    HOLD_S = 130 * 60, /* the longest that notifications of an accepted request are known to be repeated */
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

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
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

static bool accepted(const struct job_tools *tools, const struct job *job, int64_t id, const struct fal_ticket *ticket,
                     struct job_next *ret, struct err *reterr)
{
    struct query q = attempt_accepted(job->ref, id, ticket);

    ret->delay_ms = first_look_ms(tools);
    if (!write_accepted(tools, &q, reterr))
        return false; /* the next step searches for it */
    event_bell_ring(tools->event_bell);
    return true;
}

/* Not a row, not an error: a notification may have come before the answer did. */
static bool write_down(const struct job_tools *tools, struct query q, struct err *reterr)
{
    return pg_do(tools->pg, &q, reterr);
}

/* Their wish, as far as somebody who waits for a picture can be asked for it. */
static int64_t patience_ms(const struct fal_ticket *ticket)
{
    int64_t wish_ms = (int64_t)ticket->retry_after_s * 1000;

    return wish_ms < MAX_PATIENCE_MS ? wish_ms : MAX_PATIENCE_MS;
}

static bool judge(const struct job_tools *tools, const struct job *job, int64_t id, enum fal_submitted outcome,
                  const struct fal_ticket *ticket, struct job_next *ret, struct err *why)
{
    struct err err;

    switch (outcome) {
    case FAL_ACCEPTED: return accepted(tools, job, id, ticket, ret, why);
    case FAL_NOT_ACCEPTED:
    case FAL_STOP:
        log_write(outcome == FAL_STOP ? LOG_ERROR : LOG_WARN, "submit_not_accepted", "submission=%" PRId64 " reason=%s",
                  id, LOG_QUOTE(why->detail));
        why->kind = ERR_UPSTREAM; /* counted: an outage of theirs has an end for the user, too */
        ret->delay_ms = outcome == FAL_STOP ? STOPPED_LINE_MS : patience_ms(ticket);
        if (!write_down(tools, attempt_rejected(job, id), &err))
            *why = err;
        return false;
    case FAL_REFUSED:
        log_write(LOG_WARN, "submit_refused", "submission=%" PRId64 " code=%s type=%s", id, why->code, why->detail);
        return generation_fail(tools, job, why->code, ret, why);
    case FAL_AMBIGUOUS: break;
    }
    log_write(LOG_WARN, "submit_unknown", "submission=%" PRId64 " reason=%s", id, LOG_QUOTE(why->detail));
    ret->delay_ms = 1000;
    return write_down(tools, attempt_unknown(job, id), why);
}

bool generation_submit(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    uint64_t seed = seed_for(a);
    struct sending sending = {.tools = tools, .before_ms = boot_ms()};
    struct fal_ticket ticket = {0};
    enum fal_submitted outcome;

    if (a->cancel_requested) { /* while an attempt was out that turns out not to have been accepted */
        ret->done = true;
        return generation_move(tools, generation_cancelled(job), reterr);
    }
    if (!tools->fal)
        return err_set(reterr, ERR_UPSTREAM, "provider_unavailable", "FAL_KEY is not set");
    if (!begin(tools, job, seed, &sending.id, reterr))
        return false;
    outcome = send_once(&sending, a, seed, &ticket, reterr);
    return judge(tools, job, sending.id, outcome, &ticket, ret, reterr);
}

/* An attempt without an answer: looked for in the provider's list, never sent again before it is certain that it was
   not accepted. A notification may settle it at any time. */

struct search {
    const struct job_tools *tools;
    const struct job *job;
    const struct attempt *attempt;
    struct job_next next;
    bool ok;
    struct err err;
};

/* What the database refuses is another attempt's with the same input. */
static bool take(void *owner, const char *request_id)
{
    struct search *search = owner;
    const struct attempt *a = search->attempt;
    struct fal_ticket ticket = {0};

    (void)text_copy(ticket.endpoint, sizeof ticket.endpoint, text_of(a->endpoint));
    (void)text_copy(ticket.request_id, sizeof ticket.request_id, text_of(request_id));
    search->ok = accepted(search->tools, search->job, a->id, &ticket, &search->next, &search->err);
    if (search->ok)
        log_write(LOG_INFO, "submit_found", "submission=%" PRId64, a->id);
    return search->ok || search->err.kind != ERR_CONFLICT;
}

/* Did its sender die before the first byte? Only when it can no longer be about to send, if it lives after all. */
static bool was_never_sent(const struct job_tools *tools, const struct attempt *a)
{
    char request_id[JOURNAL_ID_ROOM];

    return a->journal && a->age_s * 1000 > 2 * ZOMBIE_MS &&
           journal_look(tools->journal_folder, a->journal, a->id, request_id) == JOURNAL_NOT_NOTED;
}

bool generation_search(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr)
{
    struct search search = {tools, job, a, {0}, false, {0}};
    const struct fal_sent sent = {.endpoint = a->endpoint,
                                  .seed = a->seed,
                                  .input = a->has_wanted_seed ? a->input : TEXT(""),
                                  .since_s = a->sent_at_s - 60};

    if (was_never_sent(tools, a)) {
        log_write(LOG_INFO, "submit_never_sent", "submission=%" PRId64, a->id);
        ret->delay_ms = 0;
        return write_down(tools, attempt_rejected(job, a->id), reterr);
    }
    if (!write_down(tools, attempt_unknown(job, a->id), reterr))
        return false;
    ret->delay_ms = a->age_s < 20 ? 2000 : a->age_s < 120 ? 10000 : 30000;
    switch (fal_find(tools->fal, &sent, take, &search, reterr)) {
    case FAL_FOUND:
        ret->delay_ms = 0;
        *reterr = search.err;
        return search.ok;
    case FAL_LISTING_UNREACHABLE: /* held: what cannot be looked up is not sent again */
        return a->age_s < HOLD_S || generation_fail(tools, job, "provider_timeout", ret, reterr);
    case FAL_NOT_LISTED: break;
    }
    if (!a->search_over)
        return true;
    log_write(LOG_WARN, "submit_repeated", "submission=%" PRId64 " age_s=%" PRId64, a->id, a->age_s);
    ret->delay_ms = 0;
    return write_down(tools, attempt_rejected(job, a->id), reterr);
}
