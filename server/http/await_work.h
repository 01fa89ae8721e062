#pragma once
/* Work that takes longer than a loop may: done by a thread of the pool (libuv's), while the call waits. */
#include <stdatomic.h>

#include "http/call.h"

typedef struct next (*work_fn)(struct call *call, void *work);

/* run(work) on some thread: it must not touch the call. Then, on the loop, then(call, work). work comes from malloc and
   is ended with done(work), which frees it, on the loop: after then, or when the client has gone and run has come to
   its end (run may ask atomic_load(gone), which is handed to it, and stop early; one that was not begun is not run any
   more). At most WORK_MAX of the process wait or run, each on a thread of its own (main.c), and WORK_MAX_OF_ONE of one
   user, so that who begins many keeps nobody else out: beyond that 503, and done(work) at once. */
enum { WORK_MAX = 80, WORK_MAX_OF_ONE = 24 };
#define await_work(call, work, run, done, then) await_work_named(call, work, run, done, then, #then)
struct next await_work_named(struct call *call, void *work, void (*run)(void *work, const atomic_bool *gone),
                             void (*done)(void *work), work_fn then, const char *step);
