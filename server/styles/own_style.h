#pragma once
/* A style that a user saved: the row, its JSON fields' limits, the statements. Its id stands as template_id where a
   shipped one's slug does; it may be deleted while generations still name it. Its prompt may have {subject} and
   {their}: style_own_prompt_write. It has no variants and no choices. */
#include "base/uuid.h"
#include "db/query.h"
#include "db/rows.h"
#include "styles/style.h"
#include "users/idempotency.h"

enum {
    OWN_STYLE_TITLE_MAX = 64, /* code points */
    OWN_STYLE_TAG_MAX = 32,   /* code points */
    OWN_STYLES_MAX = 200,     /* of one user */
    OWN_STYLE_TAGS_ROOM = STYLE_TAGS_MAX * (4 * OWN_STYLE_TAG_MAX + 1),
};

struct own_style {
    struct uuid id, image_id; /* image_id "": none, or it is gone */
    char title[4 * OWN_STYLE_TITLE_MAX + 1];
    char prompt[4 * STYLE_PROMPT_MAX + 1];
    char preset[24];
    struct own_style_tags {
        int count;
        char at[STYLE_TAGS_MAX][4 * OWN_STYLE_TAG_MAX + 1];
    } tags;
    struct text preview_key; /* borrowed from the row: of the picture's file; "" when there is none to be shown */
    char created_at[ROW_TIME_ROOM], updated_at[ROW_TIME_ROOM];
};

/* Rows for own_style_from_row. */
struct query own_style_by_id(struct uuid user, struct uuid id);
struct query own_styles_of(struct uuid user); /* all of them, newest first */
struct own_style own_style_from_row(struct row row);

/* For making one. Texts are borrowed; tags are lines. image_id "": none; it is kept only when it is one of the
   user's own pictures. */
struct own_style_new {
    struct uuid id, image_id;
    const char *title, *prompt, *preset, *tags;
};
/* The lines of tags for it. */
void own_style_tags_write(const struct own_style_tags *tags, char to[OWN_STYLE_TAGS_ROOM]);
/* A row for own_style_from_row; none: the key was taken, or there are OWN_STYLES_MAX. */
struct query own_style_insert(struct uuid user, const struct own_style_new *style, const struct idempotency *key);

/* NULL: stays as it is. */
struct own_style_change {
    const char *title, *prompt, *preset, *tags;
};
/* A row for own_style_from_row; none: there is no such style. */
struct query own_style_update(struct uuid user, struct uuid id, const struct own_style_change *change);
/* A row when it was there. */
struct query own_style_delete(struct uuid user, struct uuid id);

/* What makes one from a picture: rows of its prompt (without the trigger) and preset; none: there is no such picture.
 */
struct query own_style_source(struct uuid user, struct uuid image);

/* Favourites, of shipped and own styles alike. A row of template_id and the time in microseconds each, latest first. */
struct query style_favorites_of(struct uuid user);
/* Changing nothing is fine. own: template_id is the UUID of one of the user's own. A row tells that there is such a
   style. */
struct query style_favorite_add(struct uuid user, const char *template_id, bool own);
struct query style_favorite_remove(struct uuid user, const char *template_id);
/* Is the style of that id among the rows of style_favorites_of? NULL: there are none. */
bool style_favorites_have(const PGresult *favorites, const char *template_id);
