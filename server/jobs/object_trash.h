#pragma once
/* Objects whose rows are gone, and which are to be gone as well: the table object_trash. */
#include "jobs/sweep.h"

/* Deletes what is due, of any bucket. The object goes before its row: one whose store is away is tried again. */
extern const struct sweep OBJECT_TRASH;
