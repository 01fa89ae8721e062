#pragma once
/* Faces are private: what nothing refers to any more is deleted. */
#include "jobs/sweep.h"

/* The objects that photo_trash names: of deleted photos and avatars, and of photos that were not written in the end. */
extern const struct sweep PHOTO_TRASH;
/* Objects of the bucket of photos that are a day old and in no row: photos, archives of trainings, uploads that nobody
   named, and what killed writers left. What has a name of another kind is reported. */
extern const struct sweep PHOTO_UNOWNED;
