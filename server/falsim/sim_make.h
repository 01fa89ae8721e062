#pragma once
/* What comes out of a request: validates its input, paints or trains, and writes the result. Blocking; for the workers.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "falsim/sim_request.h"

struct sim;

struct sim_outcome {
    int status_code;
    struct buf body;                /* JSON */
    char error[80], error_type[40]; /* of a flat error; "": none */
    bool retryable;
};

/* Reads only what never changes after the request was accepted, so no lock is needed. The caller ends ret->body. */
void sim_make(struct sim *sim, const struct sim_request *request, struct sim_outcome *ret);

/* For the makers. Each ends the outcome. */
void sim_outcome_invalid(struct sim_outcome *ret, const char *field, const char *type, const char *message,
                         const char *ctx);                             /* 422 */
void sim_outcome_failed(struct sim_outcome *ret, const char *message); /* 500, with the words of the model */
