#pragma once
/* Pictures and their objects: a row has three of them, and an object has a row. */
#include "jobs/sweep.h"

/* Reported: a picture that lacks one of its objects, or has one that cannot be looked at. */
extern const struct sweep IMAGE_OBJECTS;

/* Objects of pictures that are in no row and in no result that is still to be fetched, and what killed writers left,
   are deleted when they are a day old. A picture's id stands in a row before its first object is written, and is never
   used again when that row is gone. What has a name of another kind is reported. Nothing in a store that
   belongs to another database (jobs/store_owner.h). */
extern const struct sweep OBJECT_UNOWNED;
