#pragma once
/* The worker's side of a sequential batch: a job that lets its generations go one after another, a second apart, and
   ends when the last has been let go. Each of them is a job of its own from then on. */
#include "jobs/workers.h"

bool batch_job_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr);
/* Fails what still waits for it, unpaid. */
bool batch_job_give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr);
