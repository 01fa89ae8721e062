#pragma once
/* Webhooks out: one POST when a request has ended, signed, repeated until somebody takes it. */
#include "falsim/sim_request.h"

enum { SIM_MAX_HOOKS = 20000, SIM_HOOK_TRIES = 31 };

struct sim;
struct sim_hooks;

struct sim_hooks *sim_hooks_start(struct sim *sim);
void sim_hooks_stop(struct sim_hooks *hooks); /* waits for what is being sent, at most about a second */

/* Called with the table's lock held, after the request has ended. */
void sim_hooks_add(struct sim_hooks *hooks, const struct sim_request *request);
/* Once more and now, whatever became of it before; the request has ended and wanted a webhook. Of faults, only those of
   signatures strike. With the table's lock held. */
void sim_hooks_repeat(struct sim_hooks *hooks, const struct sim_request *request);
