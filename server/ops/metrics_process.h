#pragma once
/* What the process counts and knows by itself, as metrics: since its start, and of its own requests alone. */
#include "base/buf.h"

struct local;

void metrics_process_write(const struct local *local, struct buf *out);
