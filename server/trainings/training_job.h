#pragma once
/* The worker's side of a training: one repeatable step for each state it can be in. */
#include "jobs/workers.h"
#include "storage/store.h"
#include "trainings/training_attempt.h"

bool training_step(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr);
/* Fails it in words its user sees; its job is dead then, so its archive of faces is thrown away here. */
bool training_give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr);

/* Failed for good; what is left of it is tidied up by the next step. */
bool training_fail(const struct job_tools *tools, const struct job *job, const char *code, struct job_next *ret,
                   struct err *reterr);

/* Where the archive of the next attempt lies in the bucket of photos, when the provider reaches our storage. */
void training_archive_key(const struct job *job, const struct training_attempt *a, char to[STORE_KEY_MAX + 1]);

/* Of the attempt's request, which has been accepted. */
struct fal_ticket training_ticket(const struct training_attempt *a);

/* The steps, by state; a is what training_load said. */
bool training_pack(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                   struct job_next *ret, struct err *reterr);
bool training_submit(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr);
/* What follows from an acceptance, also from one that was only found later. */
bool training_was_accepted(const struct job_tools *tools, const struct job *job, int64_t attempt,
                           const struct fal_ticket *ticket, struct job_next *ret, struct err *reterr);
bool training_search(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr);
bool training_follow(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                     struct job_next *ret, struct err *reterr);
bool training_store(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                    struct job_next *ret, struct err *reterr);
/* One that had been given up when the provider told of its end: what it made is paid for, and given away free. */
bool training_late(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                   struct job_next *ret, struct err *reterr);
