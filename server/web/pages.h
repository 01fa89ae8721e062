#pragma once
/* Every page of the site. */
#include "base/err.h"
#include "view/templates.h"

/* Compiles {root}/templates for all of them. A fault, such as a page whose template is missing, stops the start. */
struct templates *pages_open(const char *root, const struct texts *texts, struct err *reterr);
