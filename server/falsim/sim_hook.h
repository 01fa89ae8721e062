#pragma once
/* One webhook: what it says, its signature, one try to deliver it. */
#include "base/buf.h"
#include "falsim/sim_request.h"

struct sim;

struct sim_hook {
    struct uuid id;
    char endpoint_id[SIM_ENDPOINT_ROOM];
    char *url, *input;
    struct buf body;
    int tries; /* that failed so far */
};

/* Of a request that has ended and wants one. The caller ends it (sim_hook_done). */
void sim_hook_make(struct sim_hook *ret, const struct sim_request *request);
void sim_hook_done(struct sim_hook *hook);

/* The status of the receiver's answer; 0: none. Blocking, up to two minutes; without the table's lock. */
int sim_hook_post(struct sim *sim, const struct sim_hook *hook);
