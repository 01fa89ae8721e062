#pragma once
/* Faces are private: what no row knows is deleted, whatever was to know it. */
#include "jobs/sweep.h"

/* Objects of the bucket of photos that are a day old and in no row: photos, archives of trainings, uploads that nobody
   named, and what killed writers left. What has a name of another kind is reported. */
extern const struct sweep PHOTO_UNOWNED;
