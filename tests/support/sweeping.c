#include "support/sweeping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/log.h"

struct sweeping sweeping;

int sweeping_set_up(void **state)
{
    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("SET client_min_messages = warning; TRUNCATE users, generations, generation_queue, flows, slots, jobs,"
           " submissions, accounts, ledger, sweeps, leaders CASCADE; UPDATE admission SET vnow = 0");
    sweeping.user = sql_user("sweeps");
    sql_do("DELETE FROM accounts; SELECT account_open(id, 10000) FROM users;"
           " INSERT INTO avatars (id, user_id, name, gender, training_type, status, lora_url)"
           " SELECT gen_random_uuid(), id, 'A', 'male', 'portrait', 'completed', 'x' FROM users");
    sweeping.leader = leader_make("sweeper");
    atomic_store(&sweeping.stop, false);
    sweeping.tools = (struct sweep_tools){.pg = sql_pg(), .leader = &sweeping.leader, .stop = &sweeping.stop};
    return 0;
}

void sweeping_make(int count)
{
    char sql[600];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, created_at) SELECT gen_random_uuid(), user_id, id, 'p',"
        " 'p', 'fast', 'e', 1, '{}', '{}', 4, 20, now() - interval '10 minutes'"
        " FROM avatars, generate_series(1, %d)",
        count);
    sql_do(sql);
}

struct sweep_look sweeping_look(const struct sweep *sweep)
{
    struct sweep_look result;
    struct err err = {0};

    if (!sweep_once(&sweeping.tools, sweep, &result, &err))
        fail_msg("%s: %s: %s", sweep->name, err.code, err.detail);
    return result;
}

struct sweep_look sweeping_expect(const struct sweep *sweep, int found, int mended)
{
    struct sweep_look result = sweeping_look(sweep);

    if (result.found != found || result.mended != mended)
        fail_msg("%s found %lld and mended %lld, not %d and %d", sweep->name, (long long)result.found,
                 (long long)result.mended, found, mended);
    return result;
}

void sweeping_expect_sql(const char *expected, const char *sql) { assert_string_equal(sql_value("%s", sql), expected); }
