/* Whose turn it is, by generations_admit: a single wish is served soon, however long others have waited or been kept
   from their turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"

enum { MANY = 60, SOON = 3 };

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("SET client_min_messages = warning; TRUNCATE users, generations, generation_queue, flows, slots, jobs,"
           " accounts, ledger, breakers CASCADE; INSERT INTO breakers (endpoint) VALUES ('');"
           " UPDATE admission SET vnow = 0");
    return 0;
}

static struct uuid somebody(const char *name)
{
    struct uuid user = sql_user(name);

    (void)sql_value("SELECT account_open('%s', 1000000)", user.text);
    (void)sql_value("INSERT INTO avatars (id, user_id, name, gender, training_type, status, lora_url)"
                    " VALUES ('%s', '%s', 'A', 'male', 'portrait', 'completed', 'x') RETURNING id",
                    user.text, user.text);
    return user;
}

static void wish(struct uuid user, int count, int lane, const char *endpoint, int cost)
{
    (void)sql_value(
        "WITH g AS (INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
        " num_images, parameters, input, cost, expected_seconds, lane) SELECT gen_random_uuid(), '%s',"
        " '%s', 'p', 'p', 'fast', '%s', 1, '{}', '{}', %d, 20, %d FROM generate_series(1, %d) RETURNING *)"
        " INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"
        " SELECT id, user_id, lane, endpoint, cost FROM g RETURNING 1",
        user.text, user.text, endpoint, cost, lane, count);
}

/* One after the other; what has its turn ends at once. */
static void serve(int count)
{
    for (int i = 0; i < count; i++) {
        assert_string_equal(sql_value("SELECT generations_admit(1, 4)"), "1");
        sql_do("UPDATE generations SET status = 'failed', error_code = 'internal', finished_at = now()"
               " WHERE id IN (SELECT generation_id FROM slots)");
    }
}

static void assert_served_soon(struct uuid user)
{
    int turns = 0;

    while (strcmp(sql_value("SELECT count(*) FROM generation_queue WHERE user_id = '%s'", user.text), "0") != 0 &&
           turns < MANY) {
        serve(1);
        turns++;
    }
    assert_in_range(turns, 1, SOON);
}

static void batches_that_waited_behind_others_do_not_hold_up_a_single_one(void **state)
{
    struct uuid crowd, busy, single;

    (void)state;
    crowd = somebody("a crowd of batches");
    busy = somebody("busy");
    single = somebody("single");
    wish(crowd, MANY, 1, "e", 1);
    wish(busy, MANY, 0, "e", 4);
    serve(MANY); /* interactive before batch */
    wish(single, 1, 1, "e", 1);
    assert_served_soon(single);
}

static void who_waited_for_an_endpoint_that_was_away_does_not_hold_up_a_single_one(void **state)
{
    struct uuid crowd, busy, single;

    (void)state;
    crowd = somebody("a crowd that waits");
    busy = somebody("busy");
    single = somebody("single");
    wish(crowd, MANY, 0, "away", 1);
    wish(busy, MANY, 0, "e", 4);
    sql_do("INSERT INTO breakers (endpoint, open_until) VALUES ('away', now() + interval '9 minutes')");
    serve(MANY);
    sql_do("UPDATE breakers SET open_until = NULL WHERE endpoint = 'away'");
    wish(single, 1, 0, "e", 1);
    assert_served_soon(single);
}

static void who_gives_nobody_holds_up_nobody(void **state)
{
    struct uuid first, second;

    (void)state;
    first = somebody("first");
    second = somebody("second");
    wish(first, 1, 0, "e", 1);
    sql_do("DELETE FROM generation_queue; UPDATE flows SET waiting = 1"); /* as while it is being cancelled */
    sql_do("UPDATE admission SET vnow = 5");
    wish(second, 3, 0, "e", 1);
    assert_string_equal(sql_value("SELECT generations_admit(2, 4)"), "2");
    assert_string_equal(sql_value("SELECT count(*) FROM slots WHERE user_id = '%s'", second.text), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(batches_that_waited_behind_others_do_not_hold_up_a_single_one, set_up),
        cmocka_unit_test_setup(who_waited_for_an_endpoint_that_was_away_does_not_hold_up_a_single_one, set_up),
        cmocka_unit_test_setup(who_gives_nobody_holds_up_nobody, set_up),
    };

    return cmocka_run_group_tests_name("turns_sql", tests, sql_open, sql_close);
}
