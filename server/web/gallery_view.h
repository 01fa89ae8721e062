#pragma once
/* What the templates of the gallery see. */
#include "gallery/image_address.h"
#include "gallery/image_tint.h"
#include "gallery/timeline.h"
#include "http/call.h"
#include "view/value.h"
#include "web/day.h"
#include "web/gallery_link.h"

/* templates/gallery/tile.mustache. Texts are borrowed from the rows. */
struct gallery_tile {
    struct text id, name;
    bool is_cut; /* the name goes on */
    bool is_favorite;
    bool is_hidden;         /* the picture is not shown here */
    bool is_eager;          /* in what is seen first */
    bool is_first, is_hero; /* of the page; and so much stands beside it that it may be larger */
    int64_t width, height, small_width, medium_width;
    bool has_two_sizes;
    char small_url[OBJECT_LINK_ROOM], medium_url[OBJECT_LINK_ROOM];
    char tint[IMAGE_TINT_ROOM];                             /* "": none */
    char thumbhash[BASE64_ROOM(IMAGE_PLACEHOLDER_MAX) + 3]; /* "": none */
};

struct gallery_view;

/* Pictures of one day: begin to end - 1 of the page. */
struct gallery_day {
    const struct gallery_view *view;
    int begin, end;
    struct text date; /* "2026-01-15" */
    char title[DAY_ROOM];
};

struct gallery_view {
    struct call *call;
    struct timeline timeline;
    struct image_links links;
    int day_begins[TIMELINE_PAGE + 1]; /* the last one: where the pictures end */
    int days;
    struct view_items cards; /* of generations */
    bool has_cards, has_more_cards, is_running;
    bool favorites, filtered; /* by anything */
    struct text avatar;       /* name of the one that is shown; at NULL: of all */
    struct text avatar_id;
    struct text undo; /* id of what has just been deleted */
    bool has_pictures, has_pages;
    bool no_avatar, no_picture, no_favorite, no_avatar_picture; /* why there are none */
    char back_path[GALLERY_LINK_ROOM];                          /* this page */
    char all_path[GALLERY_LINK_ROOM], favorites_path[GALLERY_LINK_ROOM], avatar_path[GALLERY_LINK_ROOM];
    char newer_path[GALLERY_LINK_ROOM], older_path[GALLERY_LINK_ROOM]; /* "": there are none */
};

extern const struct view_type gallery_view_type;

/* Pictures, days and links of a page; cards and the reasons for emptiness are the caller's. Borrows both. */
void gallery_view_fill(struct gallery_view *view, struct call *call, const struct gallery_query *query,
                       const struct timeline *timeline);
