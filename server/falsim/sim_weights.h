#pragma once
/* A file in the safetensors layout that could be a LoRA of FLUX: its tensors' names and shapes are right, its numbers
   are small and random. */
#include <stdint.h>

#include "base/err.h"

struct sim_files;

/* Of about bytes (at least one pair of tensors), of which only the first keep are written: -1: all. The same seed gives
   the same numbers. */
bool sim_weights_write(struct sim_files *files, const char *name, int64_t bytes, uint64_t seed, int64_t keep,
                       struct err *reterr);
