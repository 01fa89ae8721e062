#pragma once
/* One of our own pictures: from the bytes that a provider made to the objects and the row that are kept of it. Objects
   have keys that follow from the picture's id: a repeated put writes the same ones again. */
#include "base/crypto.h"
#include "db/query.h"
#include "image/image.h"
#include "storage/store.h"

struct stored_image {
    struct uuid id;
    int64_t position; /* among those of its generation, from 0 */
    bool nsfw;
    /* by stored_image_describe */
    char key[96]; /* of the original */
    const char *content_type;
    int width, height;
    size_t bytes;
    unsigned char sha256[SHA256_BYTES];
    unsigned char placeholder[IMAGE_PLACEHOLDER_ROOM];
    size_t placeholder_len;
};

/* What the row says of the prepared files. image has its id. */
void stored_image_describe(struct stored_image *image, const struct image_files *files);
/* The original and both thumbnails; of one that is nsfw the original and a blurred one. */
bool stored_image_put(struct store *store, const struct stored_image *image, const struct image_files *files,
                      struct err *reterr);
/* Nothing lasting: says whether the store would take something now. */
bool stored_image_try(struct store *store, struct err *reterr);
/* Does nothing when the row is there. */
struct query stored_image_insert(struct uuid generation, const struct stored_image *image);
