#pragma once
/* What follows from the settings of the object store together. */
#include "base/config.h"

/* Fills what was left out; a line in *problems for each fault. */
void config_derive_storage(struct config *config, struct buf *problems);
