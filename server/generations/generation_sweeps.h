#pragma once
/* What may be left behind between generations, their turns, slots, jobs, submissions and credits. Every change is made
   by one transaction, so one statement sees none of this unless something went wrong: a fault of ours, or a hand in the
   database. Sums of credits are only reported: which side is wrong is for a person to say. */
#include "jobs/sweep.h"

/* An open generation that nobody works on and that waits for no turn: gets its turn, or its job. */
extern const struct sweep GENERATION_LOST;
/* A slot of a generation that needs none: freed. */
extern const struct sweep SLOT_STALE;
/* A turn of a generation that does not wait for one: taken away. */
extern const struct sweep QUEUE_STALE;
/* A turn whose flow is missing, and a flow that counts its turns wrongly: made, and counted anew. */
extern const struct sweep FLOW_MISSING, FLOW_COUNT;
/* An attempt that is open though its generation has ended and nobody works on it: closed. Not those in review. */
extern const struct sweep SUBMISSION_OPEN;
/* A generation that has waited for a day: failed, queue_expired. */
extern const struct sweep QUEUE_EXPIRED;
/* A generation that waits for an endpoint that an operator has switched off: failed, endpoint_gone. Its turn might not
   come for long: the breaker of what is gone is likely to be open. */
extern const struct sweep QUEUE_GONE;
/* Reported: an account that is not the sum of its ledger and its generations; a generation whose end and whose
   settlement do not go together; a dead job whose generation is open. */
extern const struct sweep ACCOUNT_SUMS, LEDGER_ENDS, JOB_DEAD;
