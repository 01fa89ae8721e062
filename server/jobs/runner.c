#include "jobs/runner.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"

/* When workers die of giving it up, too, nobody tries that for ever. */
enum { OUTAGE_MS = 1000, MAX_DELAY_MS = 5 * 60 * 1000, MAX_CRASHES_AT_ALL = JOB_MAX_CRASHES + 5 };

static const struct job_kind *kind_of(const struct runner *runner, const struct job *job)
{
    for (const struct job_kind *kind = runner->kinds; kind->name; kind++)
        if (strcmp(kind->name, job->kind) == 0)
            return kind;
    return NULL;
}

/* 1 s, 2 s, 4 s … 5 min, each ±25 % so that a crowd does not come back together. */
static int64_t backoff_ms(int64_t attempts)
{
    int64_t delay = attempts < 9 ? (int64_t)1000 << attempts : MAX_DELAY_MS;
    unsigned char dice;

    crypto_random(&dice, 1);
    delay = delay > MAX_DELAY_MS ? MAX_DELAY_MS : delay;
    return delay * 3 / 4 + delay / 2 * dice / 255;
}

/* As long as it takes while the database is away: while this process lives, so does its lease. A statement that is
   refused would be refused again: then the lease ends by its time. True: it has changed the job. */
static bool write_down(const struct runner *runner, const struct job_tools *tools, struct query q,
                       const struct job *job)
{
    PGresult *rows;
    struct err err;
    bool changed;

    while (!(rows = pg_run(tools->pg, &q, &err))) {
        log_write(LOG_WARN, "job_not_written", "job=%" PRId64 " reason=%s", job->id, LOG_QUOTE(err.detail));
        if (atomic_load(runner->stop) || err.kind != ERR_BUSY)
            return true; /* stopping: worker_retire gives it back */
        (void)usleep(OUTAGE_MS * 1000);
    }
    changed = rows_affected(rows) > 0;
    PQclear(rows);
    return changed;
}

/* A signal that came while it ended, as of a result that is late, is looked at. */
static void write_end(const struct runner *runner, const struct job_tools *tools, const struct job_next *next,
                      const struct job *job)
{
    if (next->done && write_down(runner, tools, job_done(job), job))
        return;
    (void)write_down(runner, tools, job_again(job, next->done ? 0 : next->delay_ms), job);
}

/* PostgreSQL takes nothing else as text, and a detail may have been cut inside a letter. */
static void make_utf8(char *words)
{
    bool fine = text_is_utf8(text_of(words));

    for (char *c = words; !fine && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
}

/* True: it is dead. */
static bool give_up(const struct runner *runner, const struct job_tools *tools, const struct job_kind *kind,
                    const struct job *job, const struct err *why, const char *words)
{
    struct err err = {0};

    if (job->crashes < MAX_CRASHES_AT_ALL && !kind->give_up(tools, job, why, &err)) {
        pg_rollback(tools->pg);
        log_write(LOG_WARN, "job_not_given_up", "job=%" PRId64 " reason=%s", job->id, LOG_QUOTE(err.detail));
        (void)write_down(runner, tools, job_failed(job, true, backoff_ms(job->attempts), words), job);
        return false;
    }
    log_write(LOG_ERROR, "job_dead", "job=%" PRId64 " kind=%s ref=%s reason=%s", job->id, job->kind, job->ref.text,
              LOG_QUOTE(words));
    (void)write_down(runner, tools, job_dead(job, words), job);
    return true;
}

/* True: it was given up. */
static bool failed(const struct runner *runner, const struct job_tools *tools, const struct job_kind *kind,
                   const struct job *job, const struct err *why, int64_t least_delay_ms)
{
    bool outage = why->kind == ERR_BUSY; /* not the job's failure: not counted, and no reason to give up */
    int64_t delay_ms = outage ? OUTAGE_MS : backoff_ms(job->attempts);
    char words[256];

    (void)snprintf(words, sizeof words, "%s: %s", why->code, why->detail);
    make_utf8(words);
    log_write(LOG_WARN, "job_failed", "job=%" PRId64 " kind=%s attempt=%" PRId64 " reason=%s", job->id, job->kind,
              job->attempts + 1, LOG_QUOTE(words));
    if (!outage && job->attempts + 1 >= kind->max_attempts)
        return give_up(runner, tools, kind, job, why, words);
    delay_ms = delay_ms < least_delay_ms ? least_delay_ms : delay_ms;
    (void)write_down(runner, tools, job_failed(job, !outage, delay_ms, words), job);
    return false;
}

static bool is_hopeless(const struct job_kind *kind, const struct job *job)
{
    return job->crashes >= JOB_MAX_CRASHES || job->attempts >= kind->max_attempts;
}

/* It was to be given up before, or kills whoever touches it. */
static bool end_hopeless(const struct runner *runner, const struct job_tools *tools, const struct job_kind *kind,
                         const struct job *job)
{
    struct text rest = text_of(job->last_error);
    struct err why = {.kind = ERR_UPSTREAM};
    char words[256];

    if (job->crashes >= JOB_MAX_CRASHES) {
        (void)err_set(&why, ERR_INTERNAL, "crashes", "%" PRId64 " workers in a row died with it", job->crashes);
        (void)snprintf(words, sizeof words, "%s: %s", why.code, why.detail);
    } else {
        (void)snprintf(words, sizeof words, "%s", job->last_error);
        (void)text_copy(why.code, sizeof why.code, text_cut(&rest, ':'));
    }
    return give_up(runner, tools, kind, job, &why, words);
}

bool runner_run(const struct runner *runner, const struct job_tools *tools, const struct job *job)
{
    const struct job_kind *kind = kind_of(runner, job);
    struct job_next next = {0};
    struct err err = {0};

    assert(kind && "only known kinds are claimed");
    if (is_hopeless(kind, job))
        return end_hopeless(runner, tools, kind, job);
    if (kind->step(tools, job, &next, &err)) {
        if (!next.parked)
            write_end(runner, tools, &next, job);
        return next.freed;
    }
    pg_rollback(tools->pg);
    if (atomic_load(runner->abort))
        return false;                      /* cut short: worker_retire gives it back, uncounted */
    if (strcmp(err.code, "job_lost") == 0) /* or only what it works on was changed: then it is looked at anew */
        (void)write_down(runner, tools, job_again(job, 0), job);
    else
        return failed(runner, tools, kind, job, &err, next.delay_ms) || next.freed;
    return next.freed;
}
