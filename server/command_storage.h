#pragma once
/* What `aisha migrate` and `aisha check` do for the object store. Words go to standard output. */
#include <stdbool.h>

#include "base/config.h"
#include "base/err.h"

/* With S3: makes the buckets and their rules, or says what the operator is to make. */
bool command_storage_prepare(const struct config *config, struct err *reterr);
/* An object is put, read and deleted in every bucket that is used. */
bool command_storage_try(const struct config *config, struct err *reterr);
