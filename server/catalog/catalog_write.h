#pragma once
/* The catalogue for people and clients. */
#include "catalog/catalog.h"
#include "json/json_out.h"

enum { CATALOG_PRESETS_MAX_BYTES = 64 * 1024 }; /* a limit for the buffer that is written to */

/* The whole body of GET /api/v1/presets: {presets, training_presets, image_sizes, custom_size, aspect_ratios}. Titles
   and descriptions are {ru, en}. With a model, presets that it cannot be used with have supported false and
   reason "preset_not_supported" or "endpoint_gone"; those that it can be used with say where they go, what a picture
   costs, and what may be overridden in which range (catalog_offer.h). */
void catalog_write_presets(struct json_out *out, const struct catalog *catalog, const struct avatar_model *or_null);
