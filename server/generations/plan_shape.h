#pragma once
/* The shape of the pictures, as the endpoint wants to be told it. */
#include "generations/plan_write.h"

/* Fills size and aspect_ratio of a draft whose endpoint is chosen: as wished, else as the source is, else as the preset
   has it. */
void plan_shape(const struct catalog *catalog, const struct plan_request *request, const struct preset *preset,
                struct plan_draft *draft);
