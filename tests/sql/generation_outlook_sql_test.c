/* What is to be expected of a generation that has not ended: its turn, what it waits for, and when it may be there. */
#include "generations/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/log.h"
#include "support/sql.h"
#include "support/sql_wish.h"

static struct uuid user, avatar;

static void become(const char *name)
{
    user = sql_user(name);
    avatar = sql_avatar(user);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("DELETE FROM users; DELETE FROM paces; UPDATE admission SET slots = 2, vnow = 0;"
           "DELETE FROM breakers WHERE endpoint <> '';"
           "UPDATE breakers SET open_until = NULL, probe_until = NULL, reason = NULL");
    become("first");
    return 0;
}

static struct uuid wish(bool batch)
{
    struct generation_new new = sql_wish(user, avatar, NULL);

    new.batch = batch;
    assert_int_equal(sql_count(generation_insert(&new)), 1);
    usleep(1100); /* ids are in the order of their millisecond */
    return new.id;
}

static struct generation look(struct uuid id)
{
    static PGresult *rows; /* its texts are borrowed until the next look */

    PQclear(rows);
    rows = sql_rows(generation_by_id(user, id));
    assert_int_equal(rows_count(rows), 1);
    return generation_from_row(rows_at(rows, 0));
}

static void set(struct uuid id, const char *assignments)
{
    (void)sql_value("UPDATE generations SET %s WHERE id = '%s' RETURNING id", assignments, id.text);
}

static void submitted(struct uuid id, const char *state_name, const char *sent_at)
{
    (void)sql_value("INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, sent_at)"
                    " VALUES ('%s', '%s', 1, '%s', 'e', 7, %s) RETURNING id",
                    id.text, user.text, state_name, sent_at);
}

static void a_place_is_counted_fairly(void **state)
{
    struct uuid ours[3], theirs, batch, first = user, first_avatar = avatar;

    (void)state;
    for (int i = 0; i < 3; i++)
        ours[i] = wish(false);
    batch = wish(true);
    become("second");
    theirs = wish(false);
    assert_int_equal(look(theirs).queue_position, 1); /* one of the other's, however many they are */
    user = first;
    avatar = first_avatar;
    assert_int_equal(look(ours[0]).queue_position, 1);
    assert_int_equal(look(ours[2]).queue_position, 3); /* two of our own and one of theirs */
    assert_int_equal(look(batch).queue_position, 4);   /* whatever is interactive goes first */
    assert_true(look(batch).batch && !look(ours[0]).batch);
    assert_int_equal(look(ours[0]).slots, 2);
    assert_string_equal(sql_value("SELECT generations_admit(1, 1)"), "1");
    assert_int_equal(look(ours[1]).slots, 1);           /* as the workers are configured */
    assert_int_equal(look(ours[0]).queue_position, -1); /* it is its turn */
    assert_string_equal(look(ours[0]).waiting_for, "waiting_queue");
}

static void what_it_waits_for_follows_the_breakers(void **state)
{
    struct uuid id = wish(false);

    (void)state;
    assert_string_equal(look(id).waiting_for, "waiting_queue");
    sql_do("INSERT INTO breakers (endpoint, open_until) VALUES ('e', now() + interval '1 minute'),"
           " ('other', now() + interval '1 minute')");
    assert_string_equal(look(id).waiting_for, "waiting_provider");
    sql_do("UPDATE breakers SET open_until = now() - interval '1 second' WHERE endpoint = 'e'"); /* to be tried */
    assert_string_equal(look(id).waiting_for, "waiting_provider");
    sql_do("UPDATE breakers SET open_until = now() WHERE endpoint = ''");
    assert_string_equal(look(id).waiting_for, "waiting_stopped");
    {
        struct generation g = look(id);
        assert_int_equal(generation_seconds_left(&g), -1);
    }
    sql_do("UPDATE breakers SET open_until = NULL WHERE endpoint IN ('', 'e')");
    assert_string_equal(look(id).waiting_for, "waiting_queue");
    set(id, "status = 'submitting'");
    assert_null(look(id).waiting_for);
    submitted(id, "unknown", "now()");
    assert_string_equal(look(id).waiting_for, "waiting_checked");
    sql_do("UPDATE submissions SET state = 'accepted'");
    set(id, "status = 'queued'");
    assert_null(look(id).waiting_for);
}

static void its_end_is_told_from_what_was_measured(void **state)
{
    struct uuid id = wish(false);
    struct generation g = look(id);

    (void)state;
    assert_int_equal(generation_seconds_left(&g), 30);
    sql_do("INSERT INTO paces VALUES ('e', 'fast', 1, 8.5, 2), ('e', 'fast', 2, 50, 9), ('e', 'slow', 1, 60, 9)");
    assert_true(look(id).usual_s > 29.9); /* two are not enough to go by */
    sql_do("UPDATE paces SET measured = 3 WHERE seconds = 8.5");
    g = look(id);
    assert_true(g.usual_s > 8.4 && g.usual_s < 8.6);
    assert_int_equal(generation_seconds_left(&g), 8);
    submitted(id, "accepted", "now() - interval '5 seconds'");
    set(id, "status = 'queued', queue_position = 4");
    g = look(id);
    assert_true(g.sent_s > 4.9 && g.sent_s < 8);
    assert_int_equal(g.queue_position, 4); /* the provider's */
    assert_in_range(generation_seconds_left(&g), 1, 3);
    set(id, "status = 'failed', error_code = 'internal', finished_at = now(), queue_position = NULL");
    g = look(id);
    assert_true(g.queue_position == -1 && generation_seconds_left(&g) == -1 && !g.waiting_for);
}

static void what_is_delivered_is_measured(void **state)
{
    struct uuid id = wish(false);

    (void)state;
    submitted(id, "completed", "now() - interval '12 seconds'");
    set(id, "status = 'completed', finished_at = now()");
    assert_string_equal(sql_value("SELECT round(seconds) || ' ' || measured FROM paces WHERE endpoint = 'e'"), "12 1");
}

/* The list of somebody with thousands that have ended looks nothing up for them. */
static void what_has_ended_costs_no_look(void **state)
{
    static const char *const TABLES[] = {" on breakers", " on submissions", " on paces", " on admission"};
    static char sql[8192]; /* a statement is known by its address */
    struct query q = generations_of(user, (struct uuid){""}, 25);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    bool along_index = false;

    (void)state;
    (void)sql_value("INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
                    " num_images, parameters, input, cost, expected_seconds, status, finished_at, charged)"
                    " SELECT gen_random_uuid(), '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 1, 'completed',"
                    " now(), 1 FROM generate_series(1, 10000) RETURNING id",
                    user.text, avatar.text);
    sql_do("ANALYZE generations");
    (void)snprintf(sql, sizeof sql, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) %s", q.sql);
    q.sql = sql;
    rows = sql_rows(q);
    for (int i = 0; i < rows_count(rows); i++) {
        const char *line = PQgetvalue(rows, i, 0);
        along_index |= strstr(line, "Index Scan Backward using generations_of_user") != NULL;
        for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++)
            if (strstr(line, TABLES[t]) && !strstr(line, "never executed"))
                fail_msg("%s", line);
    }
    assert_true(along_index);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_place_is_counted_fairly),
        TEST(what_it_waits_for_follows_the_breakers),
        TEST(its_end_is_told_from_what_was_measured),
        TEST(what_is_delivered_is_measured),
        TEST(what_has_ended_costs_no_look),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
