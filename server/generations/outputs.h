#pragma once
#include "base/buf.h"
#include "fal/fal_outcome.h"

/* The JSON that attempt.h calls outputs: each picture of a finished job with the id that it will have with us. The id
   says where its files go, so that storing it can be repeated. */
void outputs_write(const struct fal_outcome *outcome, struct buf *out);
