#pragma once
#include "http/call.h"

/* Every address of the service; ends with an all-zero entry. */
extern const struct route routes[];
