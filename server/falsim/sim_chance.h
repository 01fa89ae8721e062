#pragma once
/* Chance that does not depend on the order in which requests come: the same seed, rule and request at the same turn
   throw the same number, however many others are asked about in between. Not for several threads at once. */
#include <stdint.h>

#include "base/text.h"

/* What a request is told by. */
enum sim_by {
    SIM_BY_PROMPT, /* endpoint and prompt: clients choose seeds by lot */
    SIM_BY_SEED    /* and the seed, where many have the same prompt */
};

struct sim_chance;
struct sim_chance *sim_chance_open(uint64_t seed);
void sim_chance_close(struct sim_chance *chance);
void sim_chance_reset(struct sim_chance *chance); /* every request's first turn comes again */

/* What tells a request from others: by the texts of its input that people write, or by the whole input where it has
   none of them (or is no JSON, or larger than 1 MiB). */
uint64_t sim_chance_key(struct text endpoint, struct text input, enum sim_by by);
/* 0 … below 1; each call is a turn of this rule for this request. */
double sim_chance_throw(struct sim_chance *chance, int rule, uint64_t key);
