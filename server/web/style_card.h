#pragma once
/* A style as a card shows it (templates/styles/card.mustache): a shipped one, or one of the user's own. */
#include "storage/object_link.h"
#include "styles/own_style.h"
#include "styles/style.h"
#include "web/style_desk.h"

enum { STYLE_PREVIEW_WIDTH = 320, STYLE_PREVIEW_HEIGHT = 400 }; /* of static/styles/{id}.webp */

struct style_card {
    const char *id, *title, *description, *emoji; /* description "": it has none */
    const char *group, *group_title;              /* "": an own one */
    bool is_own, is_quick, is_favorite, has_preview;
    const char *preview_url; /* of an own one: the address of its picture */
    struct uuid key;         /* of the form that makes a picture with one click */
};
extern const struct view_type style_card_type;

/* Texts are borrowed from the style, or live as long as the call. */
struct style_card style_card_make(struct call *call, const struct style *style, const struct style_reads *reads);
struct style_card style_card_make_own(struct call *call, const struct own_style *own, const struct style_reads *reads);
/* By its id, shipped or own; false: there is no such style (any more). */
bool style_card_find(struct call *call, const char *id, const struct style_reads *reads, struct style_card *ret);

/* A row of cards under a title. */
struct style_shelf {
    const char *id, *title, *hint, *emoji; /* NULL: none */
    const char *more_url;                  /* of all of them; NULL: these are all */
    struct view_items cards;
};
extern const struct view_type style_shelf_type;
