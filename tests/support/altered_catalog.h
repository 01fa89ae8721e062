#pragma once
/* The catalogue as it would be with another data file. */
#include "catalog/catalog.h"

/* Opens a copy of the data with the first occurrence of from in the named file replaced by to; from NULL: the whole
   file. NULL and *reterr as catalog_open has it. The caller closes it. */
struct catalog *altered_catalog_open(const char *file, const char *from, const char *to, struct err *reterr);
const char *altered_catalog_root(void); /* of the project: AISHA_ROOT, or the current directory */
