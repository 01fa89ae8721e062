#pragma once
/* One attempt to have an avatar trained by the provider, and what becomes of it: the statements that move a training
   from state to state, each under the job's epoch as those of generations/attempt.h; no row comes back when the claim
   was lost or the state was not the expected one. What follows from a move follows by trigger:
   migrations/0014_trainings.sql.
 *
 *   pending ── training_packed, training_sending ──> submitting ── training_accepted ──> queued ──> running
 *    ^  ^                                              │ │ │                               └─ training_made ──> storing
 *    │  └──────────── training_rejected ───────────────┘ │ └─ its answer was lost: looked for      │               │
 *    │                                                   └─ failed: training_unknown               │ completed
 *    └──────────── training_again ── the provider could not fetch the archive, and made nothing ───┘ */
#include "fal/fal.h"
#include "jobs/job.h"

/* Texts are borrowed from the row. */
struct training_attempt {
    const char *status;
    struct uuid user, avatar;
    const char *endpoint;
    const char *endpoint_state; /* as operators have switched it at this moment; NULL: nobody has */
    struct text input;          /* JSON without the archive's address */
    bool cancel_requested;
    int64_t cost, progress, expected_s;
    int64_t old_s;           /* since it was asked for */
    bool troubled;           /* a breaker on its way is not quite closed */
    bool blocked;            /* and is open: nothing is sent now */
    const char *archive_key; /* NULL: none is kept */
    const char *archive_url; /* NULL: not packed */
    int64_t archive_left_s;  /* until the address ends */
    int64_t id;              /* of the attempt; 0: none yet */
    int64_t attempts;
    const char *journal;
    const char *request_id, *status_url, *response_url, *cancel_url; /* NULL: unknown */
    int64_t sent_at_s, age_s, looks, late_looks;
    int64_t running_s;                               /* since it was seen to run; -1: not yet */
    const char *lora_url, *config_url, *finetune_id; /* of the result; NULL: none */
    bool told_late;                                  /* failed, and then the provider told of its end */
    bool followed;                                   /* its avatar has a newer training, or is deleted */
};

struct query training_load(struct uuid training);
struct training_attempt training_attempt_from_row(struct row row);

struct query training_packed(const struct job *job, const char *key, const char *url, int64_t lives_s);
/* One row: the new attempt's number. */
struct query training_sending(const struct job *job, const char *journal);
/* Also when the claim was lost: the id is a fact. */
struct query training_accepted(struct uuid training, int64_t attempt, const struct fal_ticket *ticket);
struct query training_rejected(const struct job *job, int64_t attempt);
struct query training_looked(const struct job *job, int64_t attempt);
/* The provider could not even fetch the archive: nothing was made, and it may be sent anew. */
struct query training_again(const struct job *job);
/* position -1: not known. No row: nothing new. */
struct query training_seen(const struct job *job, bool running, int position, int progress);
struct query training_made(const struct job *job, const struct fal_outcome *outcome);
struct query training_failed(const struct job *job, const char *code);
struct query training_cancelled(const struct job *job);
/* The model's file and its config's as stored; key "": none (a finetune, which stays with the provider). */
struct training_model {
    char key[120], config_key[120];
    int64_t bytes;
    unsigned char sha256[32];
};
/* Also one that has failed, and came late: then it is free. */
struct query training_completed(const struct job *job, const struct training_model *model);
/* The archive is gone from the storage. */
struct query training_tidied(const struct job *job);
/* Nobody will tidy up after it: its archive is left to the sweep of what is thrown away. No row: it has none, or has
   not ended. */
struct query training_abandoned(const struct job *job);

/* One that was given up and came late: what was found at the provider is kept, until it is stored and completed; or
   nothing was made, or it cannot be had, or the avatar has gone its own way. */
struct query training_made_late(const struct job *job, const struct fal_outcome *outcome);
struct query training_late_over(const struct job *job);
