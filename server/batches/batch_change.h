#pragma once
/* The statements by which users make and end batches. Both have a transaction to themselves. */
#include "batches/batch.h"

/* Everything that is written when a batch is accepted; texts are borrowed. */
struct batch_new {
    struct uuid id;
    bool is_sequential;
    struct generation_new each; /* what its generations have in common: without id and texts of a prompt */
    const char *items;          /* JSON: [{position, prompt, id, final_prompt, input}] of those that can be made,
                                   [{position, prompt, code, category}] of the others; ids ascend */
    int64_t runnable;           /* how many can be made: at least 1 */
};

/* Batch, items, generations, places in the queue, reservations, events and idempotency key in one statement: a row
   with its id, or none. None: the key is taken, or something is in the way (generation_obstacles). */
struct query batch_insert(const struct batch_new *new);

/* One row with one boolean, NULL: there is no such batch; false: all of it had ended. What was not sent has ended then,
   the end of what was sent has been asked for. */
struct query batch_cancel(struct uuid user, struct uuid id);
