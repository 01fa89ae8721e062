#pragma once
/* What /styles shows: tabs of categories, the search, and cards by groups. */
#include "styles/style_query.h"
#include "web/page.h"
#include "web/style_card.h"

struct styles_query {
    char category[STYLE_NAME_ROOM]; /* of a category or a group, "own", "favorites"; "": all */
    char q[4 * STYLE_QUERY_MAX + 1];
    struct uuid avatar;
    char done[PAGE_DONE_ROOM];
};

/* Is there such a category? */
bool styles_view_knows(const struct call *call, const char *category);

/* For templates/styles/index.mustache. Everything it points to lives as long as the call. */
struct styles_view;
extern const struct view_type styles_view_type;

const struct styles_view *styles_view_make(struct call *call, const struct styles_query *query,
                                           const struct style_reads *reads);
