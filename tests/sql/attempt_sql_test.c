/* Every statement on a generation in every state: the arrows of the diagram in attempt.h, and that there are no more.
 */
#include "generations/attempt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "generations/generation.h"
#include "support/sql.h"

#define OUTPUTS                                                                                                        \
    "[{\"position\":0,\"image_id\":\"01990000-0000-7000-8000-0000000000f0\",\"url\":\"https://a/0\",\"nsfw\":false},"  \
    "{\"position\":1,\"image_id\":\"01990000-0000-7000-8000-0000000000f1\",\"url\":\"https://a/1\",\"nsfw\":true}]"

static struct scene {
    struct uuid user, avatar, generation;
    struct job job;
    int64_t submission; /* 0: none */
    char request_id[64];
} scene;

static int open_all(void **state)
{
    char sql[400];

    if (sql_open(state) != 0)
        return -1;
    log_set_level(LOG_ERROR);
    scene.user = sql_user("attempts");
    (void)sql_value("SELECT account_open('%s', 1000000)", scene.user.text);
    scene.avatar = uuid_make();
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
                   " VALUES ('%s', '%s', 'A', 'other', 'style', 'completed', 'f')",
                   scene.avatar.text, scene.user.text);
    sql_do(sql);
    return 0;
}

static void add_generation(const char *status)
{
    char sql[1300];
    bool failed = strcmp(status, "failed") == 0, final = generation_status_is_final(status);

    scene.generation = uuid_make();
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, status, error_code, finished_at, charged)"
        " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{\"a\":1}', 1, 10, '%s', %s, %s);"
        "INSERT INTO jobs (kind, ref, state, epoch, worker_id, run_at)"
        " VALUES ('generation', '%s', 'leased', 3, 1, now() + interval '1 hour');"
        "INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations WHERE id = '%s'"
        " AND status IN ('pending', 'submitting', 'queued', 'running')",
        scene.generation.text, scene.user.text, scene.avatar.text, status, failed ? "'internal'" : "NULL",
        final ? "now(), 0" : "NULL, NULL", scene.generation.text, scene.generation.text);
    sql_do(sql);
    scene.job = (struct job){.kind = "generation", .ref = scene.generation, .epoch = 3};
    scene.job.id = strtoll(sql_value("SELECT id FROM jobs WHERE ref = '%s'", scene.generation.text), NULL, 10);
}

/* has_request: the provider's id for it is known. */
static void add_submission(const char *state, bool has_request)
{
    char sql[600];

    (void)snprintf(scene.request_id, sizeof scene.request_id, "r-%s", uuid_make().text);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, request_id)"
                   " SELECT '%s', '%s', count(*) + 1, '%s', 'e', 18446744073709551615, %s%s%s FROM submissions"
                   " WHERE generation_id = '%s'",
                   scene.generation.text, scene.user.text, state, has_request ? "'" : "",
                   has_request ? scene.request_id : "NULL", has_request ? "'" : "", scene.generation.text);
    sql_do(sql);
    scene.submission = strtoll(
        sql_value("SELECT max(id) FROM submissions WHERE generation_id = '%s'", scene.generation.text), NULL, 10);
}

/* "queued/accepted": the generation's status and the state of its one submission ("none"). */
static void play(const char *state)
{
    const char *slash = strchr(state, '/');
    char status[20];

    (void)snprintf(status, sizeof status, "%.*s", (int)(slash - state), state);
    add_generation(status);
    scene.submission = 0;
    (void)snprintf(scene.request_id, sizeof scene.request_id, "r-%s", scene.generation.text);
    if (strcmp(slash, "/none") != 0)
        add_submission(slash + 1, strcmp(slash, "/accepted") == 0 || strcmp(slash, "/completed") == 0);
}

static const char *now_at(void)
{
    return sql_value("SELECT g.status || '/' || coalesce(s.state, 'none') FROM generations g LEFT JOIN submissions s"
                     " ON s.id = %lld WHERE g.id = '%s'",
                     (long long)scene.submission, scene.generation.text);
}

/* The statements, by name. */

static struct fal_ticket ticket(void)
{
    struct fal_ticket t = {0};

    (void)snprintf(t.request_id, sizeof t.request_id, "%s", scene.request_id);
    (void)snprintf(t.status_url, sizeof t.status_url, "https://queue/%s/status", scene.request_id);
    return t;
}

static struct query accept_it(void)
{
    struct fal_ticket t = ticket();
    PGresult *rows = sql_rows(attempt_accepted(scene.generation, scene.submission, &t)); /* borrows t */
    struct query q = query_read(rows_count(rows) ? "SELECT 1" : "SELECT 1 WHERE false");

    PQclear(rows);
    return q;
}

static struct query begin(void) { return attempt_begin(&scene.job, 5, NULL); }
static struct query reject(void) { return attempt_rejected(&scene.job, scene.submission); }
static struct query lose(void) { return attempt_unknown(&scene.job, scene.submission); }
static struct query look(void) { return attempt_looked(&scene.job, scene.submission); }
static struct query abandon(void) { return attempt_abandoned(&scene.job, scene.submission); }
static struct query review(void) { return attempt_review(&scene.job, scene.submission); }
static struct query requeue(void) { return generation_requeue(&scene.job); }
static struct query see_queued(void) { return generation_seen(&scene.job, false, 2); }
static struct query see_running(void) { return generation_seen(&scene.job, true, -1); }
static struct query make(void) { return generation_made(&scene.job, UINT64_MAX, OUTPUTS); }
static struct query fail_it(void) { return generation_failed(&scene.job, "nsfw_result"); }
static struct query end_it(void) { return generation_cancelled(&scene.job); }
static struct query complete(void) { return generation_completed(&scene.job); }
static struct query ask_cancel(void) { return generation_cancel(scene.user, scene.generation); }

static struct query hear_result(void)
{
    return attempt_notified(scene.submission, scene.request_id, true, "7", OUTPUTS);
}

static struct query hear_end(void) { return attempt_notified(scene.submission, scene.request_id, true, NULL, NULL); }
static struct query hear_failure(void)
{
    return attempt_notified(scene.submission, scene.request_id, false, NULL, NULL);
}

static const struct statement {
    const char *name;
    struct query (*make)(void);
    bool held; /* under the job's epoch */
} STATEMENTS[] = {
    {"begin", begin, true},
    {"accepted", accept_it, false},
    {"rejected", reject, true},
    {"unknown", lose, true},
    {"looked", look, true},
    {"abandoned", abandon, true},
    {"review", review, true},
    {"requeue", requeue, true},
    {"seen queued", see_queued, true},
    {"seen running", see_running, true},
    {"made", make, true},
    {"failed", fail_it, true},
    {"cancelled", end_it, true},
    {"completed", complete, true},
    {"cancel", ask_cancel, false},
    {"heard result", hear_result, false},
    {"heard end", hear_end, false},
    {"heard failure", hear_failure, false},
};

static const char *const STATES[] = {
    "pending/none",        "pending/rejected", "pending/abandoned", "submitting/sending",
    "submitting/unknown",  "queued/accepted",  "running/accepted",  "storing/accepted",
    "completed/completed", "failed/failed",    "failed/review",     "cancelled/failed",
};

/* What gives a row, and where it leads. Whatever does not stand here must give none and change nothing. */
static const struct arrow {
    const char *statement, *from, *to;
} ARROWS[] = {
    {"begin", "pending/none", "submitting/none"}, /* its submission is new */
    {"begin", "pending/rejected", "submitting/rejected"},
    {"accepted", "submitting/sending", "queued/accepted"},
    {"accepted", "submitting/unknown", "queued/accepted"},
    {"accepted", "pending/rejected", "queued/accepted"}, /* it was, after all */
    {"begin", "pending/abandoned", "submitting/abandoned"},
    {"accepted", "pending/abandoned", "queued/accepted"},
    {"accepted", "failed/review", "failed/review"},
    {"accepted", "queued/accepted", "queued/accepted"},
    {"accepted", "running/accepted", "running/accepted"},
    {"accepted", "storing/accepted", "storing/accepted"},
    {"accepted", "completed/completed", "completed/completed"},
    {"accepted", "failed/failed", "failed/failed"},
    {"accepted", "cancelled/failed", "cancelled/failed"},
    {"rejected", "submitting/sending", "pending/rejected"},
    {"rejected", "submitting/unknown", "pending/rejected"},
    {"unknown", "submitting/sending", "submitting/unknown"},
    {"looked", "submitting/unknown", "submitting/unknown"},
    {"abandoned", "submitting/sending", "pending/abandoned"},
    {"abandoned", "submitting/unknown", "pending/abandoned"},
    {"review", "submitting/sending", "failed/review"},
    {"review", "submitting/unknown", "failed/review"},
    {"requeue", "pending/none", "pending/none"},
    {"requeue", "pending/rejected", "pending/rejected"},
    {"requeue", "pending/abandoned", "pending/abandoned"},
    {"failed", "pending/abandoned", "failed/abandoned"},
    {"cancelled", "pending/abandoned", "cancelled/abandoned"},
    {"cancel", "pending/abandoned", "cancelled/abandoned"},
    {"completed", "failed/failed", "completed/failed"}, /* a late result */
    {"completed", "failed/review", "completed/abandoned"},
    {"heard result", "pending/abandoned", "storing/accepted"},
    {"heard result", "failed/review", "failed/review"},
    {"heard end", "pending/abandoned", "queued/accepted"},
    {"heard end", "failed/review", "failed/review"},
    {"heard failure", "pending/abandoned", "queued/accepted"},
    {"heard failure", "failed/review", "failed/review"},
    {"seen queued", "queued/accepted", "queued/accepted"},
    {"seen queued", "running/accepted", "running/accepted"},
    {"seen running", "queued/accepted", "running/accepted"},
    {"made", "queued/accepted", "storing/accepted"},
    {"made", "running/accepted", "storing/accepted"},
    {"failed", "pending/none", "failed/none"},
    {"failed", "pending/rejected", "failed/rejected"},
    {"failed", "submitting/sending", "failed/failed"},
    {"failed", "submitting/unknown", "failed/failed"},
    {"failed", "queued/accepted", "failed/failed"},
    {"failed", "running/accepted", "failed/failed"},
    {"failed", "storing/accepted", "failed/failed"},
    {"cancelled", "pending/none", "cancelled/none"},
    {"cancelled", "pending/rejected", "cancelled/rejected"},
    {"cancelled", "submitting/sending", "cancelled/failed"},
    {"cancelled", "submitting/unknown", "cancelled/failed"},
    {"cancelled", "queued/accepted", "cancelled/failed"},
    {"cancelled", "running/accepted", "cancelled/failed"},
    {"cancelled", "storing/accepted", "cancelled/failed"},
    {"completed", "storing/accepted", "completed/completed"},
    {"cancel", "pending/none", "cancelled/none"},
    {"cancel", "pending/rejected", "cancelled/rejected"},
    {"cancel", "submitting/sending", "submitting/sending"},
    {"cancel", "submitting/unknown", "submitting/unknown"},
    {"cancel", "queued/accepted", "queued/accepted"},
    {"cancel", "running/accepted", "running/accepted"},
    {"cancel", "storing/accepted", "storing/accepted"},
    {"heard result", "pending/rejected", "storing/accepted"},
    {"heard result", "submitting/sending", "storing/accepted"},
    {"heard result", "submitting/unknown", "storing/accepted"},
    {"heard result", "queued/accepted", "storing/accepted"},
    {"heard result", "running/accepted", "storing/accepted"},
    {"heard result", "storing/accepted", "storing/accepted"},
    {"heard result", "completed/completed", "completed/completed"},
    {"heard result", "failed/failed", "failed/failed"},
    {"heard result", "cancelled/failed", "cancelled/failed"},
    {"heard end", "pending/rejected", "queued/accepted"},
    {"heard end", "submitting/sending", "queued/accepted"},
    {"heard end", "submitting/unknown", "queued/accepted"},
    {"heard end", "queued/accepted", "queued/accepted"},
    {"heard end", "running/accepted", "running/accepted"},
    {"heard end", "storing/accepted", "storing/accepted"},
    {"heard end", "completed/completed", "completed/completed"},
    {"heard end", "failed/failed", "failed/failed"},
    {"heard end", "cancelled/failed", "cancelled/failed"},
    {"heard failure", "pending/rejected", "queued/accepted"},
    {"heard failure", "submitting/sending", "queued/accepted"},
    {"heard failure", "submitting/unknown", "queued/accepted"},
    {"heard failure", "queued/accepted", "queued/accepted"},
    {"heard failure", "running/accepted", "running/accepted"},
    {"heard failure", "storing/accepted", "storing/accepted"},
    {"heard failure", "completed/completed", "completed/completed"},
    {"heard failure", "failed/failed", "failed/failed"},
    {"heard failure", "cancelled/failed", "cancelled/failed"},
};

static const char *where(const char *statement, const char *from)
{
    for (size_t i = 0; i < sizeof ARROWS / sizeof *ARROWS; i++)
        if (strcmp(ARROWS[i].statement, statement) == 0 && strcmp(ARROWS[i].from, from) == 0)
            return ARROWS[i].to;
    return NULL;
}

/* Everything that a statement may change, as one text. */
static const char *everything(void)
{
    static char kept[64];

    (void)snprintf(kept, sizeof kept, "%s",
                   sql_value("SELECT md5((SELECT g::text FROM generations g WHERE id = '%s') || coalesce((SELECT"
                             " string_agg(s::text, ' ' ORDER BY id) FROM submissions s WHERE generation_id = '%s'), '')"
                             " || coalesce((SELECT j::text FROM jobs j WHERE ref = '%s'), '')"
                             " || (SELECT count(*) FROM events WHERE ref = '%s')"
                             " || (SELECT count(*) FROM webhook_inbox WHERE generation_id = '%s')"
                             " || (SELECT count(*) FROM generation_outputs WHERE generation_id = '%s'))",
                             scene.generation.text, scene.generation.text, scene.generation.text, scene.generation.text,
                             scene.generation.text, scene.generation.text));
    return kept;
}

static void try_arrow(const struct statement *statement, const char *from)
{
    const char *to = where(statement->name, from);
    char before[64];
    int count;

    play(from);
    (void)snprintf(before, sizeof before, "%s", everything());
    count = sql_count(statement->make());
    if (count != (to != NULL) || strcmp(now_at(), to ? to : from) != 0)
        fail_msg("%s from %s: %d rows, now %s", statement->name, from, count, now_at());
    if (!to)
        assert_string_equal(everything(), before);
}

static void the_arrows_are_those_of_the_diagram(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof STATEMENTS / sizeof *STATEMENTS; s++)
        for (size_t f = 0; f < sizeof STATES / sizeof *STATES; f++)
            try_arrow(&STATEMENTS[s], STATES[f]);
}

static void a_lost_claim_moves_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof STATEMENTS / sizeof *STATEMENTS; s++)
        for (size_t f = 0; STATEMENTS[s].held && f < sizeof STATES / sizeof *STATES; f++) {
            char before[64];
            play(STATES[f]);
            (void)snprintf(before, sizeof before, "%s", everything());
            scene.job.epoch--; /* somebody has claimed it since */
            assert_int_equal(sql_count(STATEMENTS[s].make()), 0);
            assert_string_equal(everything(), before);
            scene.job.epoch++;
            (void)sql_count(worker_retire(1)); /* given back, not claimed yet */
            assert_int_equal(sql_count(STATEMENTS[s].make()), 0);
            assert_string_equal(now_at(), STATES[f]);
        }
}

static const char *of_generation(const char *column)
{
    return sql_value("SELECT %s FROM generations WHERE id = '%s'", column, scene.generation.text);
}

static const char *of_submission(const char *column)
{
    return sql_value("SELECT %s FROM submissions WHERE id = %lld", column, (long long)scene.submission);
}

static void a_notification_may_come_before_the_answer_to_the_request(void **state)
{
    (void)state;
    play("submitting/sending");
    assert_int_equal(sql_count(hear_result()), 1);
    assert_int_equal(sql_count(accept_it()), 1);
    assert_string_equal(now_at(), "storing/accepted");
    assert_string_equal(of_submission("request_id"), scene.request_id);
    assert_int_equal(strncmp(of_submission("status_url"), "https://queue/r-", 16), 0);
    assert_string_equal(of_generation("seed"), "7");
    assert_int_equal(sql_count(reject()), 0); /* whatever the worker thinks became of its request */
    assert_int_equal(sql_count(lose()), 0);
    assert_int_equal(sql_count(complete()), 1);
}

static void a_notification_counts_once(void **state)
{
    char before[64];

    (void)state;
    play("queued/accepted");
    assert_int_equal(sql_count(hear_result()), 1);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || bool_or(has_nsfw_content) FROM generation_outputs"
                                  " WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "2 true");
    (void)snprintf(before, sizeof before, "%s", everything());
    assert_int_equal(sql_count(hear_result()), 0);
    assert_int_equal(sql_count(hear_end()), 0);
    assert_string_equal(everything(), before);
    assert_int_equal(sql_count(hear_failure()), 1); /* another word, and news; the result stays */
    assert_string_equal(now_at(), "storing/accepted");
}

static void a_notification_brings_the_job_back_at_once(void **state)
{
    (void)state;
    play("running/accepted");
    assert_int_equal(sql_count(hear_end()), 1);
    assert_string_equal(
        sql_value("SELECT signals || ' ' || (run_at <= now()) FROM jobs WHERE ref = '%s'", scene.generation.text),
        "1 true");
    assert_int_equal(sql_count(attempt_signalled(scene.request_id)), 1);
    assert_int_equal(sql_count(attempt_signalled("no such request")), 0);
    assert_string_equal(sql_value("SELECT signals FROM jobs WHERE ref = '%s'", scene.generation.text), "2");
}

static void a_notification_of_a_foreign_request_changes_nothing(void **state)
{
    char before[64];

    (void)state;
    play("queued/accepted");
    (void)snprintf(before, sizeof before, "%s", everything());
    assert_int_equal(sql_count(attempt_notified(scene.submission, "another", true, "7", OUTPUTS)), 0);
    assert_int_equal(sql_count(attempt_notified(scene.submission + 1000, scene.request_id, true, "7", OUTPUTS)), 0);
    assert_string_equal(everything(), before);
}

/* The statement fails with a conflict, and nothing is changed. */
static void assert_conflict(struct query q)
{
    char before[64];
    struct err err = {0};

    (void)snprintf(before, sizeof before, "%s", everything());
    assert_false(pg_do(sql_pg(), &q, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(everything(), before);
}

static void the_request_of_another_generation_is_a_conflict(void **state)
{
    char taken[64];

    (void)state;
    play("queued/accepted");
    (void)snprintf(taken, sizeof taken, "%s", scene.request_id);
    play("submitting/sending");
    assert_conflict(attempt_notified(scene.submission, taken, true, "7", OUTPUTS));
}

static void two_attempts_are_never_open(void **state)
{
    int64_t first;

    (void)state;
    play("pending/rejected");
    first = scene.submission;
    assert_int_equal(sql_count(begin()), 1);
    assert_string_equal(sql_value("SELECT attempt || ' ' || state FROM submissions WHERE generation_id = '%s'"
                                  " ORDER BY id DESC LIMIT 1",
                                  scene.generation.text),
                        "2 sending");
    assert_int_equal(sql_count(attempt_notified(first, "late", false, NULL, NULL)), 1); /* noted, and no more */
    assert_string_equal(of_generation("status"), "submitting");
    assert_string_equal(
        sql_value("SELECT string_agg(state, ' ' ORDER BY id) FROM submissions WHERE generation_id = '%s'",
                  scene.generation.text),
        "rejected sending");
}

static void the_first_result_counts_whichever_attempt_it_is_of(void **state)
{
    int64_t first;

    (void)state;
    play("pending/abandoned");
    first = scene.submission;
    assert_int_equal(sql_count(begin()), 1);
    assert_int_equal(sql_count(attempt_notified(first, "paid-after-all", true, "7", OUTPUTS)), 1);
    assert_string_equal(of_generation("status"), "storing");
    assert_int_equal(sql_count(complete()), 1);
    assert_string_equal(sql_value("SELECT string_agg(state || ' ' || coalesce(request_id, '-'), ', ' ORDER BY id)"
                                  " FROM submissions WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "abandoned paid-after-all, abandoned -");
}

static void the_open_attempt_is_the_one_that_is_followed(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    char first_request[64];
    int64_t first;

    (void)state;
    play("pending/rejected");
    first = scene.submission;
    (void)snprintf(first_request, sizeof first_request, "%s", scene.request_id);
    add_submission("rejected", false);
    assert_int_equal(sql_count(attempt_notified(first, first_request, false, NULL, NULL)), 1);
    assert_string_equal(of_generation("status"), "queued");
    rows = sql_rows(attempt_load(scene.generation));
    assert_int_equal(attempt_from_row(rows_at(rows, 0)).id, first);
}

static const char *credits(void)
{
    return sql_value("SELECT available || ' ' || held || ' ' || spent || ' ' || unfinished FROM accounts"
                     " WHERE user_id = '%s'",
                     scene.user.text);
}

static void a_late_result_of_a_failed_one_is_kept_and_free(void **state)
{
    char before[64];

    (void)state;
    play("queued/accepted");
    assert_int_equal(sql_count(fail_it()), 1);
    (void)snprintf(before, sizeof before, "%s", credits());
    sql_do("DELETE FROM jobs");
    assert_int_equal(sql_count(hear_result()), 1);
    assert_string_equal(of_generation("status || ' ' || seed"), "failed 7");
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE ref = '%s'", scene.generation.text), "1");
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_outputs WHERE generation_id = '%s'", scene.generation.text), "2");
    sql_do("UPDATE jobs SET state = 'leased', epoch = 3");
    scene.job.id = strtoll(sql_value("SELECT id FROM jobs WHERE ref = '%s'", scene.generation.text), NULL, 10);
    assert_int_equal(sql_count(complete()), 1);
    assert_string_equal(of_generation("status || ' ' || charged || ' ' || (error_code IS NULL)"), "completed 0 true");
    assert_string_equal(credits(), before);
}

static void a_late_result_of_a_cancelled_one_is_dropped(void **state)
{
    (void)state;
    play("queued/accepted");
    assert_int_equal(sql_count(end_it()), 1);
    sql_do("DELETE FROM jobs");
    assert_int_equal(sql_count(hear_result()), 1);
    assert_string_equal(of_generation("status"), "cancelled");
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM generation_outputs"
                                  " WHERE generation_id = '%s')",
                                  scene.generation.text),
                        "0");
}

static void nothing_begins_without_a_slot(void **state)
{
    (void)state;
    play("pending/none");
    sql_do("DELETE FROM slots");
    assert_int_equal(sql_count(begin()), 0);
    assert_int_equal(sql_count(requeue()), 1);
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM generation_queue WHERE generation_id = '%s') || ' ' ||"
                                  " (SELECT count(*) FROM jobs WHERE ref = '%s')",
                                  scene.generation.text, scene.generation.text),
                        "1 0");
    assert_int_equal(sql_count(ask_cancel()), 1);
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_queue WHERE generation_id = '%s'", scene.generation.text), "0");
}

static void slots_are_held_by_what_may_be_at_the_provider(void **state)
{
    static const char OF[] = "SELECT count(*) FROM slots WHERE generation_id = '%s'";

    (void)state;
    play("submitting/sending");
    assert_int_equal(sql_count(lose()), 1); /* what is only searched for does not hold up the line */
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
    assert_int_equal(sql_count(accept_it()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "1");
    assert_int_equal(sql_count(make()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
    play("submitting/sending");
    assert_int_equal(sql_count(reject()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
}

static void looks_are_counted_and_late_ones_apart(void **state)
{
    (void)state;
    play("submitting/unknown");
    assert_int_equal(sql_count(look()), 1);
    assert_string_equal(of_submission("looks || ' ' || late_looks"), "1 0");
    sql_do("UPDATE submissions SET sent_at = now() - interval '441 seconds' WHERE state = 'unknown'");
    assert_int_equal(sql_count(look()), 1);
    assert_string_equal(of_submission("looks || ' ' || late_looks"), "2 1");
}

static void what_ends_is_settled_once(void **state)
{
    (void)state;
    play("running/accepted");
    assert_int_equal(sql_count(fail_it()), 1);
    assert_string_equal(of_generation("charged"), "0");
    assert_string_equal(sql_value("SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "reserve release");
    assert_string_equal(sql_value("SELECT bool_and(available + held + spent = granted) FROM accounts"), "t");
}

static void what_is_accepted_late_is_followed(void **state)
{
    (void)state;
    play("submitting/unknown");
    assert_int_equal(sql_count(reject()), 1);
    assert_int_equal(sql_count(accept_it()), 1); /* the answer of a worker that was thought dead */
    assert_string_equal(now_at(), "queued/accepted");
    assert_int_equal(sql_count(begin()), 0); /* it is not paid twice */
}

static void completing_wants_the_result_and_clears_it_away(void **state)
{
    (void)state;
    play("running/accepted");
    assert_int_equal(sql_count(make()), 1);
    assert_string_equal(of_generation("seed"), "18446744073709551615");
    assert_string_equal(of_generation("started_at IS NOT NULL AND finished_at IS NULL"), "t");
    assert_int_equal(sql_count(complete()), 1);
    assert_string_equal(of_generation("finished_at IS NOT NULL"), "t");
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_outputs WHERE generation_id = '%s'", scene.generation.text), "0");
}

static void clients_are_told_of_what_they_see(void **state)
{
    (void)state;
    play("submitting/sending");
    assert_int_equal(sql_count(accept_it()), 1);
    assert_int_equal(sql_count(see_queued()), 1);
    assert_int_equal(sql_count(see_queued()), 0); /* nothing new */
    assert_int_equal(sql_count(see_running()), 1);
    assert_int_equal(sql_count(make()), 1);
    assert_int_equal(sql_count(complete()), 1);
    assert_string_equal(
        sql_value("SELECT string_agg(payload::json->>'status', ' ' ORDER BY id) FROM events WHERE ref = '%s'",
                  scene.generation.text),
        "submitting queued queued running storing completed"); /* with versions, without a gap */
    assert_string_equal(
        sql_value("SELECT string_agg(payload::json->>'version', ' ' ORDER BY id) FROM events WHERE ref = '%s'",
                  scene.generation.text),
        "1 2 3 4 5 6");
    assert_string_equal(sql_value("SELECT bool_and(user_id = '%s') FROM events WHERE ref = '%s'", scene.user.text,
                                  scene.generation.text),
                        "t");
}

static void an_attempt_is_read_as_it_was_written(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct attempt a;

    (void)state;
    play("submitting/unknown");
    sql_do("UPDATE submissions SET looks = 3, late_looks = 2, sent_at = now() - interval '77 seconds'"
           " WHERE state = 'unknown'");
    rows = sql_rows(attempt_load(scene.generation));
    a = attempt_from_row(rows_at(rows, 0));
    assert_string_equal(a.status, "submitting");
    assert_string_equal(a.user.text, scene.user.text);
    assert_string_equal(a.endpoint, "e");
    assert_true(text_equal(a.input, TEXT("{\"a\":1}")));
    assert_true(!a.has_wanted_seed && !a.cancel_requested && a.has_slot && !a.has_result);
    assert_true(a.looks == 3 && a.late_looks == 2 && a.number == 1 && a.cost == 1);
    assert_int_equal(a.id, scene.submission);
    assert_string_equal(a.state, "unknown");
    assert_true(a.seed == UINT64_MAX);
    assert_null(a.request_id);
    assert_null(a.status_url);
    assert_in_range(a.age_s, 77, 80);
    assert_int_equal(sql_count(attempt_load(uuid_make())), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arrows_are_those_of_the_diagram),
        cmocka_unit_test(a_lost_claim_moves_nothing),
        cmocka_unit_test(a_notification_may_come_before_the_answer_to_the_request),
        cmocka_unit_test(a_notification_counts_once),
        cmocka_unit_test(a_notification_brings_the_job_back_at_once),
        cmocka_unit_test(a_notification_of_a_foreign_request_changes_nothing),
        cmocka_unit_test(the_request_of_another_generation_is_a_conflict),
        cmocka_unit_test(two_attempts_are_never_open),
        cmocka_unit_test(the_first_result_counts_whichever_attempt_it_is_of),
        cmocka_unit_test(the_open_attempt_is_the_one_that_is_followed),
        cmocka_unit_test(a_late_result_of_a_failed_one_is_kept_and_free),
        cmocka_unit_test(a_late_result_of_a_cancelled_one_is_dropped),
        cmocka_unit_test(nothing_begins_without_a_slot),
        cmocka_unit_test(slots_are_held_by_what_may_be_at_the_provider),
        cmocka_unit_test(looks_are_counted_and_late_ones_apart),
        cmocka_unit_test(what_ends_is_settled_once),
        cmocka_unit_test(what_is_accepted_late_is_followed),
        cmocka_unit_test(completing_wants_the_result_and_clears_it_away),
        cmocka_unit_test(clients_are_told_of_what_they_see),
        cmocka_unit_test(an_attempt_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, open_all, sql_close);
}
