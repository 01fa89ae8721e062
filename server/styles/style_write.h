#pragma once
/* The contract's Template. */
#include "catalog/catalog.h"
#include "gallery/image.h"
#include "http/call.h"
#include "styles/own_style.h"
#include "styles/styles.h"
#include "json/json_out.h"

struct avatar;

/* What an answer about styles knows besides them; all borrowed. */
struct style_shown {
    const struct styles *styles;
    const struct catalog *catalog;
    const char *public_url;
    struct uuid user;
    const PGresult *favorites;         /* rows of style_favorites_of */
    const struct avatar *avatar;       /* whom prompts are for; NULL: none are shown */
    const struct style_chosen *chosen; /* known to fit; NULL: all defaults */
    struct image_links links;
};

/* The members of one; the object is the caller's. */
void style_write(struct json_out *out, const struct style_shown *shown, const struct style *style);
void style_write_own(struct json_out *out, const struct style_shown *shown, const struct own_style *style);
/* Where the preview of a shipped style is, under the site's own address ("/static/…/styles/knight.webp"). False: there
   is none. */
bool style_preview_path(const struct style *style, char *to, size_t room);
