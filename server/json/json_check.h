#pragma once
#include "base/err.h"
#include "base/text.h"

/* Is the text safe to give to yajl (see json_in.h)? Says nothing about its grammar. */
bool json_check(struct text t, int max_depth, struct err *reterr);
