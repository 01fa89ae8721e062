#pragma once
/* How much of the disk uploads take, counted by what their heads promise: all of the process together up to a limit,
   and a user's second and further ones at once up to half of it, so that who begins many and goes on with none keeps
   nobody else from uploading. Any thread. */
#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

/* False: there is not so much left. user is "" for nobody: those share nothing but the limit. */
bool upload_space_take(struct uuid user, int64_t bytes, int64_t limit);
/* Exactly what was taken, once. */
void upload_space_give_back(struct uuid user, int64_t bytes);
