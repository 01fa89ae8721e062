#pragma once
/* Verified notifications of trainings: each names the attempt (0: not), or its request. They only say that there is
   something to see: the training's job looks at once, also whether one that was given up, because nobody knew of it or
   it took too long, was made after all. avatar "": not said; another one's changes nothing. One row when there is
   something to look at. */
#include "base/uuid.h"
#include "db/query.h"

struct query training_notified(int64_t attempt, const char *request_id, struct uuid avatar);
