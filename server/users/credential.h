#pragma once
#include "db/query.h"

/* One row: those of ids (a uuid[] literal of tokens' and sessions' ids) that no longer let anybody in, with commas
   between. For what stays open long after it was let in. */
struct query credentials_dead(const char *ids);
