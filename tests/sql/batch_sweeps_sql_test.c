/* What waits for its batch is not lost; a batch that nobody lets go is. */
#include "batches/batch_sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/generation_sweeps.h"
#include "support/sweeping.h"

/* A sequential batch of three, ten minutes old, with neither turns nor jobs: all behind the first wait for it. */
static int set_up(void **state)
{
    int failed = sweeping_set_up(state);

    sql_do("DELETE FROM batches");
    sweeping_make(3);
    sql_do("INSERT INTO batches (id, user_id, avatar_id, mode, count, next_position, created_at)"
           " SELECT gen_random_uuid(), user_id, avatar_id, 'sequential', 3, 1, now() - interval '10 minutes'"
           " FROM generations LIMIT 1;"
           " UPDATE generations g SET batch_id = (SELECT id FROM batches), batch_position = o.position FROM"
           " (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM generations) o WHERE o.id = g.id");
    return failed;
}

static void what_waits_for_its_batch_is_not_lost(void **state)
{
    (void)state;
    (void)sweeping_expect(&GENERATION_LOST, 1, 1);
    sweeping_expect_sql("0",
                        "SELECT batch_position FROM generation_queue q JOIN generations g ON g.id = q.generation_id");
    sql_do("UPDATE batches SET next_position = NULL");
    (void)sweeping_expect(&GENERATION_LOST, 2, 2); /* nothing keeps them any more */
}

static void a_batch_without_a_job_gets_one(void **state)
{
    (void)state;
    (void)sweeping_expect(&BATCH_LOST, 1, 1);
    sweeping_expect_sql("batch ready", "SELECT kind || ' ' || state FROM jobs WHERE ref = (SELECT id FROM batches)");
    (void)sweeping_expect(&BATCH_LOST, 0, 0);
}

static void a_dead_job_of_a_batch_is_brought_back(void **state)
{
    (void)state;
    sql_do("INSERT INTO jobs (kind, ref, state, attempts, crashes) SELECT 'batch', id, 'dead', 12, 3 FROM batches");
    (void)sweeping_expect(&BATCH_LOST, 1, 1);
    sweeping_expect_sql("ready 0 0",
                        "SELECT state || ' ' || attempts || ' ' || crashes FROM jobs WHERE kind = 'batch'");
}

static void a_batch_that_was_just_made_or_waits_for_nothing_is_left_alone(void **state)
{
    (void)state;
    sql_do("UPDATE batches SET created_at = now()");
    (void)sweeping_expect(&BATCH_LOST, 0, 0);
    sql_do("UPDATE batches SET created_at = now() - interval '1 hour', next_position = NULL");
    (void)sweeping_expect(&BATCH_LOST, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_waits_for_its_batch_is_not_lost, set_up),
        cmocka_unit_test_setup(a_batch_without_a_job_gets_one, set_up),
        cmocka_unit_test_setup(a_dead_job_of_a_batch_is_brought_back, set_up),
        cmocka_unit_test_setup(a_batch_that_was_just_made_or_waits_for_nothing_is_left_alone, set_up),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
