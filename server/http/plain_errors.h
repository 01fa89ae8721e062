#pragma once
#include <h2o.h>

/* libh2o answers some faults by itself (body too large, missing file) in plain text: this filter turns such answers
   on the path into problem documents. */
void plain_errors_register(h2o_pathconf_t *path);
