#pragma once
/* What a picture, or an earlier generation, was made from: to make another like it. */
#include "db/query.h"
#include "db/rows.h"

/* Texts are borrowed from the row. */
struct again {
    const char *prompt, *preset;
    struct uuid avatar; /* also of a deleted one */
    struct text parameters;
    int64_t num_images;
};

/* One row for again_from_row; none: missing, deleted or somebody else's. Of a picture num_images is 1. */
struct query again_from_image(struct uuid user, struct uuid image);
struct query again_from_generation(struct uuid user, struct uuid generation);

struct again again_from_row(struct row row);
