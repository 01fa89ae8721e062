#pragma once
/* The place for objects that the configuration names: S3, or local disk. */
#include <stdatomic.h>

#include "storage/store.h"

struct config;

/* stop: calls of this store that are under way end soon when it turns true; NULL: never. config and stop outlive the
   store. NULL: *reterr. */
struct store *store_open_configured(const struct config *config, const atomic_bool *stop, struct err *reterr);
