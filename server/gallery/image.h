#pragma once
/* A picture of the gallery: the row, its JSON with signed links to its files, the statements. */
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

#define IMAGE_BUCKET "aisha-v2-generated"

enum {
    IMAGE_NAME_MAX = 100, /* code points of custom_name */
    IMAGE_PLACEHOLDER_MAX = 25,
    IMAGE_LINK_TTL_S = 24 * 3600,
};

/* Texts are borrowed from the row; numbers stay the decimal texts that PostgreSQL wrote. */
struct image {
    struct text id, generation_id, avatar_id;
    struct text object_key; /* of the original */
    struct text content_type, width, height, bytes, seed;
    unsigned char placeholder[IMAGE_PLACEHOLDER_MAX]; /* ThumbHash */
    size_t placeholder_len;                           /* 0: none */
    struct text prompt, preset, endpoint;
    struct text custom_name; /* at is NULL: none */
    bool is_favorite, has_nsfw_content;
    char created_at[ROW_TIME_ROOM];
    struct text parent; /* the picture that it varies or repeats, which may be gone; at is NULL: none */
};

struct object_links;

/* What links are made with. */
struct image_links {
    struct object_links *links;
    struct text base; /* object_link.h */
    int64_t now_s;
};

/* What image_from_row reads, of images or of a WITH part that returns its rows. */
#define IMAGE_COLUMNS                                                                                                  \
    "id, generation_id, avatar_id, object_key, content_type, width, height, bytes, seed, placeholder, prompt, preset," \
    " endpoint, custom_name, is_favorite, has_nsfw_content, created_at,"                                               \
    " parent_image_id"
enum { IMAGE_COLUMNS_COUNT = 18 };

struct image image_from_row(struct row row);
/* The contract's Image, as one value. */
void image_write(struct json_out *out, const struct image *image, const struct image_links *links);

/* Rows for image_from_row, never of deleted ones. */
struct query image_by_id(struct uuid user, struct uuid id);
/* Those of one generation, in their order. */
struct query images_of_generation(struct uuid user, struct uuid generation);

/* Those that vary or repeat one, newest first. */
struct query images_of_parent(struct uuid user, struct uuid parent, int64_t limit);

enum image_choice { IMAGES_ALL, IMAGES_FAVORITE, IMAGES_NOT_FAVORITE };
/* Newest first; after "" is the first page, avatar "": of all avatars. */
struct query images_of(struct uuid user, struct uuid after, int64_t limit, enum image_choice choice,
                       struct uuid avatar);

/* NULL: stays as it is. */
struct image_change {
    const bool *is_favorite;
    bool renames;
    const char *custom_name; /* when it renames; NULL: no name */
};

/* A row for image_from_row; none: there is no such picture. Texts are borrowed. */
struct query image_update(struct uuid user, struct uuid id, const struct image_change *change);
/* Into the trash. A row when it was not there already. */
struct query image_delete(struct uuid user, struct uuid id);
/* Out of the trash. A row for image_from_row, also when it was not in there; none: there is no such picture. */
struct query image_restore(struct uuid user, struct uuid id);
