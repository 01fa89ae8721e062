#pragma once
/* A picture that a generation has made, as the pages of generations show it: templates/generation/picture.mustache and
   thumb.mustache. */
#include "db/rows.h"
#include "gallery/image_address.h"
#include "gallery/image_tint.h"
#include "http/call.h"
#include "view/value.h"

struct generation_picture {
    struct text id, name; /* custom_name, or how the prompt begins */
    bool is_cut;          /* the name goes on */
    bool is_favorite;
    bool is_hidden; /* the picture is not shown here */
    bool may_vary;  /* said by the page: a variation of it is one click, with this key */
    struct uuid vary_key;
    int64_t width, height, small_width, medium_width;
    char small_url[OBJECT_LINK_ROOM], medium_url[OBJECT_LINK_ROOM], original_url[OBJECT_LINK_ROOM];
    char tint[IMAGE_TINT_ROOM];                             /* "": none */
    char thumbhash[BASE64_ROOM(IMAGE_PLACEHOLDER_MAX) + 3]; /* "": none */
};

extern const struct view_type generation_picture_type;

/* Borrows the image's texts. */
void generation_picture_fill(const struct call *call, const struct image *image, struct generation_picture *ret);

/* Of struct generation_picture, for as long as the call. rows, for image_from_row, are of several generations, in their
   order: those of this one stand at *next, which goes on behind them. Beyond what a generation can have they are passed
   over. */
struct view_items generation_picture_take(struct call *call, const PGresult *rows, int *next, const char *generation);
