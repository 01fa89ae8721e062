#pragma once
/* Is a file a whole model in the safetensors layout? 8 bytes: the header's length, little endian; the header, JSON that
   names tensors with "data_offsets":[begin,end]; then their bytes, to the largest end and no further
   (github.com/huggingface/safetensors, "Format"). */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { SAFETENSORS_MAX_HEADER = 4 << 20 };

/* False: ERR_UPSTREAM model_broken (not that layout, or shorter or longer than it says); ERR_INTERNAL model_unreadable.
 */
bool safetensors_check(int fd, int64_t bytes, struct err *reterr);
