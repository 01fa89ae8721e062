/* Counts, on a real database: whatever becomes of generations and pictures, what triggers have counted is what there
   is; nobody waits for another one's count; and reading them costs the same however much there is. */
#include "generations/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops/metrics_counts.h"
#include "support/attempt_scene.h"
#include "support/sql.h"

/* One number out of the service's counts. */
static int64_t counted(const char *column, const char *where)
{
    return strtoll(sql_value("SELECT COALESCE(sum(%s), 0) FROM generation_counts WHERE %s", column, where), NULL, 10);
}

static void add_images(struct uuid generation, int count, bool nsfw)
{
    char script[900];

    (void)snprintf(
        script, sizeof script,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width, height,"
        " bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content) SELECT gen_random_uuid(),"
        " user_id, id, n + (SELECT count(*) FROM images WHERE generation_id = g.id), avatar_id, 'k', 'image/png', 8, 8,"
        " 8, '\\x00', '\\x00', 'p', preset, endpoint, 1, %s FROM generations g, generate_series(1, %d) n"
        " WHERE g.id = '%s'",
        nsfw ? "true" : "false", count, generation.text);
    sql_do(script);
}

static void an_end_is_counted_once(void **state)
{
    static const struct {
        const char *scene;
        struct query (*statement)(void);
        const char *outcome;
    } ENDS[] = {
        {"running/accepted", scene_fail_it, "failed"},
        {"running/accepted", scene_end_it, "cancelled"},
        {"pending/none", scene_ask_cancel, "cancelled"},
        {"storing/accepted", scene_complete, "completed"},
    };
    char where[40];

    (void)state;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        (void)snprintf(where, sizeof where, "outcome = '%s'", ENDS[i].outcome);
        scene_play(ENDS[i].scene);
        if (strcmp(ENDS[i].outcome, "completed") == 0)
            add_images(scene.generation, 1, false);
        int64_t before = counted("count", where), all = counted("count", "true");
        assert_int_equal(sql_count(ENDS[i].statement()), 1);
        (void)sql_count(ENDS[i].statement());
        assert_int_equal(counted("count", where), before + 1);
        assert_int_equal(counted("count", "true"), all + 1);
    }
}

static void what_does_not_end_is_not_counted(void **state)
{
    int64_t before = counted("count", "true");

    (void)state;
    scene_play("pending/none");
    (void)sql_count(scene_begin());
    scene_play("queued/accepted");
    (void)sql_count(scene_see_queued());
    (void)sql_count(scene_see_running());
    (void)sql_count(scene_ask_cancel());
    assert_int_equal(counted("count", "true"), before);
}

static void pictures_that_come_late_make_a_success_of_a_failure(void **state)
{
    int64_t before;

    (void)state;
    scene_play("running/accepted");
    (void)sql_count(scene_fail_it());
    before = counted("count", "outcome = 'failed'");
    add_images(scene.generation, 1, false);
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_int_equal(counted("count", "outcome = 'failed'"), before); /* a counter never shrinks */
    assert_true(counted("count", "outcome = 'late'") >= 1);
    assert_int_equal(counted("took", "outcome = 'late'"), 0);
}

static void what_is_in_quarantine_is_counted_as_that(void **state)
{
    int64_t before = counted("quarantined", "error = 'nsfw_result'");

    (void)state;
    scene_play("storing/accepted");
    add_images(scene.generation, 2, true);
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_int_equal(counted("quarantined", "error = 'nsfw_result'"), before + 2);
}

static void a_bound_belongs_to_the_bucket_that_ends_with_it(void **state)
{
    (void)state;
    assert_string_equal(sql_value("SELECT bucket_of(5, '{5,10}')"), "{1,0,0}");
    assert_string_equal(sql_value("SELECT bucket_of(5.000001, '{5,10}')"), "{0,1,0}");
    assert_string_equal(sql_value("SELECT bucket_of(0, '{5,10}')"), "{1,0,0}");
    assert_string_equal(sql_value("SELECT bucket_of(11, '{5,10}')"), "{0,0,1}");
    assert_string_equal(sql_value("SELECT bucket_of(NULL, '{5,10}')"), "{0,0,0}");
}

/* Users' counts: whatever is done, they are what counting anew would say. */

#define ALL_COUNTS                                                                                                     \
    "SELECT md5(coalesce((SELECT string_agg(c::text, ' ' ORDER BY c::text) FROM (SELECT user_id, month, preset,"       \
    " template_id, completed, failed, cancelled, credits, round(seconds::numeric, 3), timed FROM user_counts"          \
    " WHERE completed + failed + cancelled > 0) c), '')"                                                               \
    " || coalesce((SELECT string_agg(p::text, ' ' ORDER BY p::text) FROM user_pictures p"                              \
    " WHERE shown + trashed > 0), ''))"

static void assert_kept_up(const char *after)
{
    char kept[40];

    (void)snprintf(kept, sizeof kept, "%s", sql_value(ALL_COUNTS));
    sql_do("SELECT user_counts_rebuild()");
    if (strcmp(kept, sql_value(ALL_COUNTS)) != 0)
        fail_msg("counts are not what there is after %s", after);
}

static void whatever_is_done_counts_are_what_there_is(void **state)
{
    static const char *const DEEDS[] = {
        "UPDATE images SET is_favorite = NOT is_favorite WHERE random() < 0.3",
        "UPDATE images SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE random() < 0.3",
        "UPDATE images SET custom_name = 'n', has_nsfw_content = NOT has_nsfw_content WHERE random() < 0.3",
        "DELETE FROM images WHERE random() < 0.1",
        "UPDATE generations SET template_id = 'old-library' WHERE charged IS NULL AND random() < 0.5",
        "UPDATE generations SET status = 'failed', error_code = 'internal', finished_at = now() + interval '3 s'"
        " WHERE charged IS NULL AND random() < 0.3",
        "UPDATE generations SET status = 'completed', finished_at = now() + interval '7 s', started_at = now()"
        " WHERE charged IS NULL AND random() < 0.5",
        "UPDATE generations SET status = 'cancelled', finished_at = now() WHERE charged IS NULL AND random() < 0.3",
        "UPDATE generations SET status = 'completed', error_code = NULL WHERE status = 'failed' AND charged = 0"
        " AND random() < 0.2",
    };

    (void)state;
    sql_do("SELECT setseed(0.42); SELECT user_counts_rebuild()");
    for (int round = 0; round < 40; round++) {
        sql_do(
            "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
            " parameters, input, cost, expected_seconds) SELECT gen_random_uuid(), user_id, id, 'p', 'p',"
            " (ARRAY['fast', 'quality'])[1 + n % 2], 'e', 1, '{}', '{}', 1, 10 FROM avatars, generate_series(1, 3) n");
        sql_do("INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
               " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
               " SELECT gen_random_uuid(), user_id, id, 3, avatar_id, 'k', 'image/png', 8, 8, 8, '\\x00', '\\x00', 'p',"
               " preset, endpoint, 1, random() < 0.2 FROM generations WHERE random() < 0.2 ON CONFLICT DO NOTHING");
        for (size_t i = 0; i < sizeof DEEDS / sizeof *DEEDS; i++)
            sql_do(DEEDS[i]);
        assert_kept_up("a round of everything");
    }
}

static void the_month_is_the_users(void **state)
{
    struct uuid user = sql_user("Kiritimati"), avatar = sql_avatar(user);
    char script[700];

    (void)state;
    (void)snprintf(
        script, sizeof script,
        "UPDATE users SET time_zone = 'Pacific/Kiritimati' WHERE id = '%s';"
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, created_at)"
        " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 10, '2026-01-31 12:00+00');"
        "UPDATE generations SET status = 'cancelled', finished_at = '2026-01-31 12:01+00' WHERE user_id = '%s'",
        user.text, uuid_make().text, user.text, avatar.text, user.text);
    sql_do(script);
    assert_string_equal(sql_value("SELECT month FROM user_counts WHERE user_id = '%s'", user.text), "2026-02-01");
}

static void a_user_who_goes_takes_the_counts_along(void **state)
{
    struct uuid user = sql_user("Gone"), avatar = sql_avatar(user);
    char script[700];

    (void)state;
    scene.generation = uuid_make();
    (void)snprintf(
        script, sizeof script,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, status, finished_at, charged) VALUES ('%s', '%s', '%s',"
        " 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 10, 'completed', now(), 1)",
        scene.generation.text, user.text, avatar.text);
    sql_do(script);
    add_images(scene.generation, 2, false);
    assert_string_equal(sql_value("SELECT shown FROM user_pictures WHERE user_id = '%s'", user.text), "2");
    (void)snprintf(script, sizeof script, "DELETE FROM users WHERE id = '%s'", user.text);
    sql_do(script);
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM user_counts WHERE user_id = '%s')"
                                  " + (SELECT count(*) FROM user_pictures WHERE user_id = '%s')",
                                  user.text, user.text),
                        "0");
}

/* Who ends something waits for nobody who ends something else: the one before has not even committed. */
static void ends_do_not_wait_for_each_other(void **state)
{
    struct uuid users[2] = {sql_user("One"), sql_user("Two")};
    struct pg *other;
    struct err err = {0};
    char script[900];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct uuid avatar = sql_avatar(users[i]);
        (void)snprintf(script, sizeof script,
                       "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
                       " num_images, parameters, input, cost, expected_seconds) VALUES (gen_random_uuid(), '%s', '%s',"
                       " 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 10)",
                       users[i].text, avatar.text);
        sql_do(script);
    }
    other = pg_open(getenv("DATABASE_URL"));
    assert_non_null(other);
    /* It has the shard that we would take first, and writes the row that we would. */
    (void)snprintf(script, sizeof script,
                   "BEGIN; SELECT pg_advisory_xact_lock(7211901, %s %% 64); UPDATE generations SET status = 'failed', "
                   "error_code = 'internal',"
                   " finished_at = now() WHERE user_id = '%s'",
                   sql_value("SELECT pg_backend_pid()"), users[0].text);
    assert_true(pg_script(other, script, &err));
    (void)snprintf(script, sizeof script,
                   "SET lock_timeout = '1s'; UPDATE generations SET status = 'failed', error_code = 'internal',"
                   " finished_at = now() WHERE user_id = '%s'; RESET lock_timeout",
                   users[1].text);
    sql_do(script);
    assert_true(pg_script(other, "COMMIT", &err));
    pg_close(other);
    assert_string_equal(sql_value("SELECT count(*) FROM user_counts WHERE user_id IN ('%s', '%s') AND failed = 1",
                                  users[0].text, users[1].text),
                        "2");
}

static void figures_are_read_from_counts_alone(void **state)
{
    const char *plan = sql_plan(tally_of(scene.user, "UTC"));

    (void)state;
    assert_null(strstr(plan, "Seq Scan on generations"));
    assert_null(strstr(plan, "on images"));
    assert_non_null(strstr(plan, "generations_of_user")); /* its first row */
}

static void figures_are_their_users_alone(void **state)
{
    struct uuid stranger = sql_user("Stranger");
    PGresult *rows = sql_rows(tally_of(stranger, "UTC")), *own = sql_rows(tally_of(scene.user, "UTC"));
    struct tally_summary none = tally_summary_of(rows), some = tally_summary_of(own);

    (void)state;
    assert_int_equal(none.all.completed + none.all.failed + none.all.cancelled + none.active, 0);
    assert_string_equal(none.first_at, "");
    assert_true(tally_average(&none.all) < 0);
    assert_true(some.all.completed > 0);
    assert_int_equal(strlen(some.month), 7);
    PQclear(rows);
    PQclear(own);
}

static void metrics_are_read_from_counts_alone(void **state)
{
    struct metrics_names names = {"{fast}", "{e}"};
    const char *plan = sql_plan(metrics_counts(&names));

    (void)state;
    assert_null(strstr(plan, "on generations "));
    assert_null(strstr(plan, " on images"));
    assert_non_null(strstr(plan, "generation_counts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_is_counted_once),
        cmocka_unit_test(what_does_not_end_is_not_counted),
        cmocka_unit_test(pictures_that_come_late_make_a_success_of_a_failure),
        cmocka_unit_test(what_is_in_quarantine_is_counted_as_that),
        cmocka_unit_test(a_bound_belongs_to_the_bucket_that_ends_with_it),
        cmocka_unit_test(whatever_is_done_counts_are_what_there_is),
        cmocka_unit_test(the_month_is_the_users),
        cmocka_unit_test(a_user_who_goes_takes_the_counts_along),
        cmocka_unit_test(ends_do_not_wait_for_each_other),
        cmocka_unit_test(figures_are_read_from_counts_alone),
        cmocka_unit_test(figures_are_their_users_alone),
        cmocka_unit_test(metrics_are_read_from_counts_alone),
    };

    return cmocka_run_group_tests(tests, scene_open, sql_close);
}
