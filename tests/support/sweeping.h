#pragma once
/* For tests of sweeps: one user with an avatar and 10,000 credits, a leader that may sweep, and things that were left
   behind. What fails fails the test. */
#include "jobs/sweep.h"
#include "support/sql.h"

struct sweeping {
    struct leader leader;
    struct sweep_tools tools; /* without a store */
    struct uuid user;
    atomic_bool stop;
};
extern struct sweeping sweeping;

int sweeping_set_up(void **state); /* cmocka's setup of one test */

/* So many generations, pending, with neither turn nor job, made ten minutes ago. */
void sweeping_make(int count);
#define SWEEPING_QUEUE_ALL                                                                                             \
    "INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"                                      \
    " SELECT id, user_id, lane, endpoint, cost FROM generations"
#define SWEEPING_FAIL_ALL                                                                                              \
    "UPDATE generations SET status = 'failed', error_code = 'x', finished_at = now() - interval '5 minutes'"

struct sweep_look sweeping_look(const struct sweep *sweep); /* one */
struct sweep_look sweeping_expect(const struct sweep *sweep, int found, int mended);
void sweeping_expect_sql(const char *expected, const char *sql); /* its first value */
