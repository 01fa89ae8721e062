#pragma once
/* Runs one step of a claimed job and writes down what came of it. */
#include "jobs/workers.h"

struct runner {
    const struct job_kind *kinds; /* ends with an all-zero entry */
    const atomic_bool *stop;      /* the process ends: nothing is waited for */
    const atomic_bool *abort;     /* and what is under way is cut short */
};

/* The job is of one of the kinds. True: room for others may have become free. A job that has failed or crashed too
   often is not run any more: its kind gives it up, and it is dead. */
bool runner_run(const struct runner *runner, const struct job_tools *tools, const struct job *job);
