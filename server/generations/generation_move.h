#pragma once
#include "generations/attempt.h"
#include "jobs/workers.h"

/* Runs a statement that moves the generation on. False: it failed, or no row came back: then the claim was lost or
   somebody else (a notification, a cancel) was faster, and the job is looked at anew. */
bool generation_move(const struct job_tools *tools, struct query q, struct err *reterr);
/* The same for one whose lack of a row is no news: a notification may have come before. */
bool generation_note(const struct job_tools *tools, struct query q, struct err *reterr);
/* Failed for good: the job's work is over. */
bool generation_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                     struct err *reterr);
