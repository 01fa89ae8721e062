#pragma once
/* All that the page of one picture shows, in one statement: the picture, its avatar, how it was made, its neighbours.
 */
#include "gallery/image.h"

enum { IMAGE_DETAIL_CHILDREN_MAX = 100 };

/* Texts are borrowed from the row. */
struct image_detail {
    struct image image;
    struct text avatar_name; /* also of a deleted one */
    bool avatar_deleted;
    double took_s;            /* from start to finish; negative: not known */
    struct text made, today;  /* "2026-11-20 14:03:22", "2026-11-20" in the reader's time zone */
    struct text newer, older; /* ids of the neighbours; "": it is the first, the last */
    int64_t num_images;       /* of its generation */
    int64_t children;         /* pictures that vary or repeat it, IMAGE_DETAIL_CHILDREN_MAX at most */
    bool avatar_is_portrait, avatar_has_lora, avatar_has_finetune; /* the model, as far as it is there to be used */
};

/* Never of a deleted one. favorites: neighbours are favourites. time_zone is borrowed. */
struct query image_detail_by_id(struct uuid user, struct uuid id, bool favorites, const char *time_zone);
struct image_detail image_detail_from_row(struct row row);

/* A row when the picture is in the trash. */
struct query image_detail_deleted(struct uuid user, struct uuid id);
