#pragma once
/* The styles as they are, and as they would be with another data file. */
#include "styles/styles.h"

/* The shipped ones with their catalogue, opened once and kept until the program ends. */
const struct styles *shipped_styles(void);
const struct catalog *shipped_catalog(void);

/* Opens a copy of the data with the first occurrence of from in the named file ("portrait.json") replaced by to; from
   NULL: the whole file; to NULL: without the file. NULL and *reterr as styles_open has it. The caller closes it. */
struct styles *altered_styles_open(const char *file, const char *from, const char *to, struct err *reterr);
