#pragma once
/* The bytes behind a URL of an input: data:, our own /files/, or http and https of anybody. Blocking. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct sim;
bool sim_load(struct sim *sim, const char *url, struct buf *ret, struct err *reterr);
