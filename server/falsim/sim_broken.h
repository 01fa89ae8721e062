#pragma once
/* Answers as they come when something is broken between the caller and fal.ai. */
#include "falsim/sim_call.h"
#include "falsim/sim_faults.h"

/* A fault's answer: one of SIM_REFUSALS with the body that belongs to it, one of SIM_NO_ANSWERS, or one of those behind
   "accept_then_". */
struct next sim_broken_answer(struct call *call, const struct sim_fault *fault);
/* These bytes go over the wire as they are, as far as they go without waiting; then the connection ends. */
struct next sim_broken_cut(struct call *call, struct text raw);
/* The connection ends without a byte. */
struct next sim_broken_close(struct call *call);
/* The same after ms of silence. */
struct next sim_broken_hang(struct call *call, int64_t ms);
/* The body drips over about ms. Takes body over. */
struct next sim_broken_slow(struct call *call, int64_t ms, const char *content_type, struct buf *body);

/* Does a fault of this op strike? Then *ret is its answer. */
bool sim_broken_strike(struct call *call, const char *op, struct text endpoint, struct text input, struct next *ret);
