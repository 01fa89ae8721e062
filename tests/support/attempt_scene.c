#include "support/attempt_scene.h"

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

struct scene scene;

int scene_open(void **state)
{
    if (sql_open(state) != 0)
        return -1;
    log_set_level(LOG_ERROR);
    scene.user = sql_user("attempts");
    scene.avatar = sql_avatar(scene.user);
    return 0;
}

void scene_add_generation(const char *status)
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

void scene_add_submission(const char *state, bool has_request)
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

void scene_play(const char *state)
{
    const char *slash = strchr(state, '/');
    char status[20];

    (void)snprintf(status, sizeof status, "%.*s", (int)(slash - state), state);
    scene_add_generation(status);
    scene.submission = 0;
    (void)snprintf(scene.request_id, sizeof scene.request_id, "r-%s", scene.generation.text);
    if (strcmp(slash, "/none") != 0)
        scene_add_submission(slash + 1, strcmp(slash, "/accepted") == 0 || strcmp(slash, "/completed") == 0);
}

const char *scene_now_at(void)
{
    return sql_value("SELECT g.status || '/' || coalesce(s.state, 'none') FROM generations g LEFT JOIN submissions s"
                     " ON s.id = %lld WHERE g.id = '%s'",
                     (long long)scene.submission, scene.generation.text);
}

static struct fal_ticket scene_ticket(void)
{
    struct fal_ticket t = {0};

    (void)snprintf(t.request_id, sizeof t.request_id, "%s", scene.request_id);
    (void)snprintf(t.status_url, sizeof t.status_url, "https://queue/%s/status", scene.request_id);
    return t;
}

struct query scene_accept_it(void)
{
    struct fal_ticket t = scene_ticket();
    PGresult *rows = sql_rows(attempt_accepted(scene.generation, scene.submission, &t)); /* borrows t */
    struct query q = query_read(rows_count(rows) ? "SELECT 1" : "SELECT 1 WHERE false");

    PQclear(rows);
    return q;
}

struct query scene_begin(void) { return attempt_begin(&scene.job, 5, NULL); }
struct query scene_reject(void) { return attempt_rejected(&scene.job, scene.submission); }
struct query scene_lose(void) { return attempt_unknown(&scene.job, scene.submission); }
struct query scene_look(void) { return attempt_looked(&scene.job, scene.submission); }
struct query scene_abandon(void) { return attempt_abandoned(&scene.job, scene.submission); }
struct query scene_review(void) { return attempt_review(&scene.job, scene.submission); }
struct query scene_requeue(void) { return generation_requeue(&scene.job); }
struct query scene_see_queued(void) { return generation_seen(&scene.job, false, 2); }
struct query scene_see_running(void) { return generation_seen(&scene.job, true, -1); }
struct query scene_make(void) { return generation_made(&scene.job, UINT64_MAX, OUTPUTS); }
struct query scene_fail_it(void) { return generation_failed(&scene.job, "nsfw_result"); }
struct query scene_end_it(void) { return generation_cancelled(&scene.job); }
struct query scene_complete(void) { return generation_completed(&scene.job); }
struct query scene_ask_cancel(void) { return generation_cancel(scene.user, scene.generation); }

struct query scene_hear_result(void)
{
    return attempt_notified(scene.submission, scene.request_id, true, "7", OUTPUTS);
}

struct query scene_hear_end(void) { return attempt_notified(scene.submission, scene.request_id, true, NULL, NULL); }
struct query scene_hear_failure(void)
{
    return attempt_notified(scene.submission, scene.request_id, false, NULL, NULL);
}

const char *scene_everything(void)
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

const char *scene_of_generation(const char *column)
{
    return sql_value("SELECT %s FROM generations WHERE id = '%s'", column, scene.generation.text);
}

const char *scene_of_submission(const char *column)
{
    return sql_value("SELECT %s FROM submissions WHERE id = %lld", column, (long long)scene.submission);
}
