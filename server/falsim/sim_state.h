#pragma once
/* What must outlive the process: every accepted request, what became of it, its deliveries, the keys. One JSON object
   per line, appended before the answer goes out; a torn last line is dropped. What the kernel has taken survives a
   killed process (not a fallen machine: a simulator need not). Called with the table's lock held. */
#include "base/crypto.h"
#include "base/err.h"
#include "falsim/sim_request.h"

struct sim;
struct sim_state;

/* Reads what an earlier run left into sim->table and sim->keys, then rewrites the file without what is gone. */
struct sim_state *sim_state_open(struct sim *sim, const char *path, struct err *reterr);
void sim_state_close(struct sim_state *state); /* NULL is fine, here and below */

bool sim_state_accepted(struct sim_state *state, const struct sim_request *request, struct err *reterr);
void sim_state_finished(struct sim_state *state, const struct sim_request *request);
void sim_state_expired(struct sim_state *state, const struct sim_request *request);
void sim_state_delivered(struct sim_state *state, const struct sim_request *request);
void sim_state_key(struct sim_state *state, const unsigned char seed[ED25519_KEY_BYTES]);
