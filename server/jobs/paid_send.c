#include "jobs/paid_send.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

enum {
    ZOMBIE_MS = 5000, /* from before the commit to the first byte: a process that needed longer does not send */
    MAX_PATIENCE_MS = 60 * 1000, /* before it waits for its turn again: the breaker holds up the line, not this */
    WRITE_TRIES = 20,
    WRITE_PAUSE_MS = 500,
    SENT_BY_NOW_S = 10, /* a sender that lives would have sent it, or would not send it any more */
    LOOKS = 3,          /* so often the list must have been read without it, */
    LATE_LOOKS = 2,     /* and so often when it would have had to be there */
};

int64_t paid_send_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What decides at the last moment: the attempt is noted first and the clock looked at second, so that a process that
   slept on the way either has not noted it, or does not send, or is held for one that did. */
struct sending {
    const struct job_tools *tools;
    const struct paid_send *send;
};

static bool may_send(void *owner)
{
    const struct sending *sending = owner;
    struct journal *journal = sending->tools->journal;

    return (!journal || journal_note(journal, sending->send->id)) &&
           paid_send_clock_ms() - sending->send->begun_ms <= ZOMBIE_MS;
}

/* The id of an accepted one is noted before anything else may fail: on disk first, then in the database. */
static void keep_id(const struct job_tools *tools, int64_t id, const struct fal_ticket *ticket)
{
    if (tools->journal && !journal_accepted(tools->journal, id, ticket->request_id))
        log_write(LOG_WARN, "journal_failed", "submission=%" PRId64, id);
}

/* What the answer says of the way there; nobody is told of what did not even get on its way. */
static void note_way(const struct job_tools *tools, const struct paid_send *send, enum fal_submitted outcome,
                     const struct err *why)
{
    bool fine = outcome == FAL_ACCEPTED || outcome == FAL_REFUSED;
    struct query q;
    struct err err;

    if ((fine && !send->troubled) || strcmp(why->code, "fetch_not_allowed") == 0)
        return;
    q = query_write("SELECT breaker_note($1, $2, $3)");
    query_add_text(&q, send->endpoint);
    query_add_text(&q, fine ? "ok" : outcome == FAL_STOP ? "stopped" : "failed");
    query_add_text(&q, fine ? NULL : why->code);
    if (!pg_do(tools->pg, &q, &err))
        log_write(LOG_WARN, "breaker_not_noted", "reason=%s", LOG_QUOTE(err.detail));
}

enum fal_submitted paid_send_once(const struct job_tools *tools, const struct paid_send *send, struct fal_ticket *ret,
                                  struct err *reterr)
{
    struct sending sending = {tools, send};
    enum fal_submitted outcome;

    fal_guard(send->fal, may_send, &sending);
    outcome = fal_submit(send->fal, send->endpoint, send->input, send->webhook_url, send->start_timeout_s, ret, reterr);
    fal_guard(send->fal, NULL, NULL);
    if (outcome == FAL_ACCEPTED)
        keep_id(tools, send->id, ret);
    note_way(tools, send, outcome, reterr);
    return outcome;
}

bool paid_send_write(const struct job_tools *tools, const struct query *q, struct err *reterr)
{
    const struct timespec pause = {.tv_nsec = WRITE_PAUSE_MS * 1000000L};

    for (int i = 1; !pg_do(tools->pg, q, reterr); i++) {
        if (reterr->kind != ERR_BUSY || i == WRITE_TRIES || (tools->stop && atomic_load(tools->stop)))
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

int64_t paid_send_patience_ms(int64_t attempts, const struct fal_ticket *ticket)
{
    int64_t wish_ms = (int64_t)ticket->retry_after_s * 1000, own_ms = attempts < 6 ? (int64_t)1000 << attempts : 60000;

    if (wish_ms < own_ms)
        wish_ms = own_ms;
    return wish_ms < MAX_PATIENCE_MS ? wish_ms : MAX_PATIENCE_MS;
}

enum journal_word paid_send_look(const struct job_tools *tools, const char *journal, int64_t id, int64_t age_s,
                                 char request_id[JOURNAL_ID_ROOM])
{
    enum journal_word word = JOURNAL_SILENT;

    request_id[0] = '\0';
    if (journal)
        word = journal_look(tools->journal_folder, journal, id, request_id);
    return word == JOURNAL_NOT_NOTED && age_s <= SENT_BY_NOW_S ? JOURNAL_SILENT : word;
}

int64_t paid_send_next_look_ms(int64_t age_s)
{
    return age_s < 20 ? 2000 : age_s < 120 ? 10000 : age_s < PAID_LISTED_S ? 30000 : 5000;
}

bool paid_send_is_over(int64_t age_s, int64_t looks, int64_t late_looks)
{
    bool late = age_s > PAID_LISTED_S;

    return age_s > PAID_WINDOW_S && looks + 1 >= LOOKS && late_looks + late >= LATE_LOOKS;
}
