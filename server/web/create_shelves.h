#pragma once
/* The rows of styles on the create page: what may please this reader, what many make, quick looks, favourites, own
   ones. */
#include "web/style_card.h"

enum { CREATE_SHELF_CARDS = 6 };

/* Of struct style_shelf; only rows that have cards. uses: rows of style_popular_uses; history: of style_history_of. */
struct view_items create_shelves(struct call *call, const struct style_reads *reads, const PGresult *uses,
                                 const PGresult *history);
