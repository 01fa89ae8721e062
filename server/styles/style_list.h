#pragma once
/* Lists of styles, shipped and own, in the order in which they are shown. Pure: rows come from own_style.h and
   style_popular.h. */
#include "styles/own_style.h"
#include "styles/style_popular.h"
#include "styles/style_query.h"

enum { STYLE_ITEMS_MAX = STYLES_MAX + OWN_STYLES_MAX };

struct style_item {
    const struct style *style; /* NULL: an own one, */
    int own_row;               /* which stands in this row of own_styles_of */
    int64_t uses;              /* of a popular one */
    struct uuid key;           /* its place in the list, in the form of a UUID, for cursors: the same list gives each
                                  item the same key, and keys grow */
};

/* Of a category or group ("": of all; STYLES_OWN_CATEGORY: only own ones), what the query finds: the best first, own
   ones before shipped ones, own ones by age, the newest first. own may be NULL. Returns how many. */
int style_list_found(const struct styles *styles, const PGresult *own, const char *category,
                     const struct style_query *query, struct style_item ret[STYLE_ITEMS_MAX]);
/* The rows of style_favorites_of, latest first; those of styles that are gone are left out. */
int style_list_favorites(const struct styles *styles, const PGresult *favorites, const PGresult *own,
                         struct style_item ret[STYLE_ITEMS_MAX]);
/* The shipped ones of a category or group, in style_popular_order. */
int style_list_popular(const struct styles *styles, const struct style_uses *uses, const char *category,
                       struct style_item ret[STYLE_ITEMS_MAX]);
/* The index of the first item behind key; "": the first of all. */
int style_list_after(const struct style_item *items, int count, const struct uuid *key);
