#pragma once
/* What all users make most, in the last 30 days, of the shipped styles. */
#include "db/query.h"
#include "db/rows.h"
#include "styles/styles.h"

/* By the style's index. */
struct style_uses {
    int64_t of[STYLES_MAX];
};

/* Rows for style_uses_from_rows, the same for everybody. */
struct query style_popular_uses(const struct styles *styles);
struct style_uses style_uses_from_rows(const struct styles *styles, const PGresult *rows);
/* All styles, the most used first; those used equally often (not at all, say) in turn from each group. Returns how
   many. */
int style_popular_order(const struct styles *styles, const struct style_uses *uses,
                        const struct style *ret[STYLES_MAX]);
