#pragma once
/* One accepted submission, from its POST to its result and the webhook's deliveries. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/text.h"
#include "base/uuid.h"
#include "falsim/sim_schema.h"

enum sim_stage { STAGE_QUEUED, STAGE_RUNNING, STAGE_DONE };

enum { SIM_MAX_DELIVERIES = 64, SIM_ENDPOINT_ROOM = 160, SIM_MAX_OUTPUT = 64 << 20 };

struct sim_delivery {
    int64_t at_us; /* since 1970 */
    int status;    /* of the receiver's answer; 0: none came */
};

struct sim_request {
    struct list link;   /* in order of acceptance */
    struct list active; /* while not done: the queue, normal priority first */
    struct sim_request *same_hash;

    struct uuid id;
    char endpoint_id[SIM_ENDPOINT_ROOM];
    const struct sim_endpoint *endpoint; /* NULL: no such path in a known app */
    char *input;                         /* the object as it came */
    char *webhook;                       /* NULL: none wanted */
    uint64_t seed;                       /* for what the input leaves open */
    bool low_priority;

    enum sim_stage stage;
    bool making, made; /* a worker is at it; the outcome below is filled */
    bool cancelled;
    int64_t sent_us, started_us, finished_us; /* since 1970; 0: not yet */
    int64_t start_by_us;                      /* 0: no deadline */
    int64_t duration_us;                      /* of the run */

    int status_code;     /* of the result */
    char *output;        /* its body */
    char error[80];      /* infrastructure faults: for the status */
    char error_type[40]; /* and its machine word; "": none */
    bool user_timeout;   /* the start deadline was the caller's */
    bool retryable;
    bool expired; /* by a fault, before its time */

    struct sim_delivery *deliveries;
    int delivery_count;
};

struct sim;

/* Has the time passed for which its result is kept? It is then unknown to those who follow it. */
bool sim_request_expired(const struct sim *sim, const struct sim_request *request);

/* Frees what belongs to it; it must be in no list. */
void sim_request_free(struct sim_request *request);
void sim_request_set_output(struct sim_request *request, int status_code, struct text output);
void sim_request_add_delivery(struct sim_request *request, int64_t at_us, int status);

/* "fal-ai/flux-pro" of "fal-ai/flux-pro/finetuned". */
struct text sim_app_of(struct text endpoint_id);
