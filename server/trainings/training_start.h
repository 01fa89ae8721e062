#pragma once
/* Beginning a training: what REST and the pages share. */
#include "base/faults.h"
#include "trainings/training.h"
#include "users/idempotency.h"

struct avatar;
struct config;

/* What it would be: price, endpoint, expected time. */
struct training_offer {
    const struct training_preset *preset;
    const struct endpoint *endpoint; /* the one that is used: a deprecated one has given way */
    int64_t cost;                    /* credits */
    struct span expected_minutes;
};

/* False: endpoint_gone (ERR_CONFLICT). */
bool training_offer_make(const struct catalog *catalog, enum avatar_type type, const struct training_preset *preset,
                         struct training_offer *ret, struct err *reterr);

/* One statement: the row of the training and its job, if everything allows it; a row for training_start_result. */
struct query training_start(const struct avatar *avatar, const struct training_offer *offer, struct uuid id,
                            const char *source, const struct idempotency *key, const struct config *config);
/* True: it has begun, *ret is it. False: *reterr, ERR_CONFLICT: photos_too_few, training_running (another one of the
   user), avatar_training (this one), quota_exceeded; ERR_NOT_FOUND. */
bool training_start_result(struct row row, struct training *ret, struct err *reterr);
