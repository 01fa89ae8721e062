#pragma once
#include "generations/attempt.h"
#include "jobs/job_move.h"

/* As job_move, for a statement whose lack of a row is no news: a notification may have come before. */
bool generation_note(const struct job_tools *tools, struct query q, struct err *reterr);
/* Back into the queue: the job's row goes until its turn has come. */
bool generation_await_turn(const struct job_tools *tools, const struct job *job, struct job_next *ret,
                           struct err *reterr);
/* Failed for good: the job's work is over. */
bool generation_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                     struct err *reterr);
