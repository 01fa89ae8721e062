#pragma once
/* For tests of jobs' statements, beside support/sql.h: jobs of the kinds "probe" and "other", and who claims them. */
#include "jobs/job.h"

extern int64_t jobs_me; /* a living worker, of each test's own */

int jobs_set_up(void **state); /* cmocka's set-up of a test: no jobs, and no worker but jobs_me */
void jobs_empty(void);         /* no jobs, no workers */
int64_t jobs_worker(void);
void jobs_beat(int64_t worker);
void jobs_add(const char *kind);
bool jobs_claim(int64_t worker, struct job *ret);
struct job jobs_claim_mine(void); /* what jobs_me can claim: there must be one */
int jobs_affected(struct query q);
/* "ready - 1 0 due": state, worker, attempts, crashes, due or later; "" when it is gone. As sql_value. */
const char *jobs_state(const struct job *job);
bool jobs_holds(const struct job *job);
/* Nothing that its holder may do has an effect. */
void jobs_assert_harmless(const struct job *old);
