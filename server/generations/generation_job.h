#pragma once
/* The worker's side of a generation: one repeatable step for each state it can be in. */
#include "generations/attempt.h"
#include "jobs/workers.h"
#include "storage/object_link.h"

bool generation_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr);
/* Fails it in words its user sees. */
bool generation_give_up(const struct job_tools *tools, const struct job *job, const struct err *why,
                        struct err *reterr);

/* Gives free slots to the generations that are next, and a job to each: one row, how many. */
struct query generation_admit(const struct config *config);

/* The steps, by state; a is what attempt_load said. generation_store also takes the late result of a failed one. */
/* Without a slot it only publishes its picture, and then waits for its turn. */
bool generation_submit(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr);
/* Publishes and writes down the picture that is sent along; source_key is there. */
bool generation_source(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       char url[OBJECT_LINK_ROOM], struct err *reterr);
/* What follows from an acceptance, also from one that was only found later. */
bool generation_was_accepted(const struct job_tools *tools, const struct job *job, int64_t id,
                             const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr);
bool generation_search(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr);
bool generation_follow(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       struct job_next *ret, struct err *reterr);
bool generation_store(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                      struct job_next *ret, struct err *reterr);
/* What a predecessor that died right behind its last commit has left on this machine's disk. */
void generation_forget_spooled(const struct job_tools *tools, const struct job *job);
