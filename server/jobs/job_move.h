#pragma once
#include "jobs/workers.h"

/* Runs a statement that moves what a job works on. False: it failed, or no row came back: then the claim was lost or
   somebody else (a notification, a cancel) was faster, and the job is looked at anew. */
bool job_move(const struct job_tools *tools, struct query q, struct err *reterr);
