#pragma once
/* What the templates of one picture's page see. */
#include "gallery/image_address.h"
#include "gallery/image_detail.h"
#include "gallery/image_tint.h"
#include "http/call.h"
#include "view/value.h"
#include "web/day.h"
#include "web/descent_view.h"
#include "web/form_faults.h"

enum { IMAGE_NAME_TYPED_ROOM = 4 * 1024 + 1 /* as much as the form may send */, IMAGE_VIEW_CHILDREN_MAX = 12 };

/* Texts are borrowed from the row. */
struct image_view {
    struct text id, prompt;
    struct text title; /* custom_name, or how the prompt begins */
    bool is_cut;       /* the title is not all of the prompt */
    bool has_name, is_favorite, is_hidden;
    bool favorites;           /* one walks through favourites only */
    struct text newer, older; /* ids; "": none */
    /* the file */
    char original_url[OBJECT_LINK_ROOM], medium_url[OBJECT_LINK_ROOM], download_url[OBJECT_LINK_ROOM];
    char blurred_url[OBJECT_LINK_ROOM]; /* of a hidden one, which has none of the others */
    struct text width, height;          /* of the original */
    int64_t medium_width;
    bool has_two_sizes;
    char tint[IMAGE_TINT_ROOM];
    char thumbhash[BASE64_ROOM(IMAGE_PLACEHOLDER_MAX) + 3];
    /* how it was made */
    struct text avatar_id, avatar_name;
    bool avatar_deleted;
    const char *preset; /* its title */
    struct text endpoint, seed, generation_id;
    const char *made_at; /* RFC 3339 */
    char made[DAY_ROOM];
    char took[24]; /* "12,4"; "": not known */
    /* to make another one */
    bool may_vary, has_degrees; /* a variation; how far it goes can be chosen */
    bool may_repeat;
    int64_t num_images;                    /* of its generation: what a repeat makes */
    struct uuid key, vary_key, repeat_key; /* new for every page */
    /* its kin */
    bool has_descent;
    struct descent_view descent;
    bool has_children;
    int64_t children_count;
    struct view_items children; /* of struct generation_picture: the newest IMAGE_VIEW_CHILDREN_MAX of them */
    /* the form of its name */
    char typed_name[IMAGE_NAME_TYPED_ROOM];
    struct view_items faults;
    bool has_faults;
    const char *name_fault; /* NULL: it is fine */
};

extern const struct view_type image_view_type;

/* detail's texts are borrowed. The form of the name is filled with the name that it has. */
void image_view_fill(struct image_view *view, const struct call *call, const struct image_detail *detail);
