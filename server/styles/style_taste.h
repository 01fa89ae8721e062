#pragma once
/* What one user likes, and what to recommend by it. */
#include "db/query.h"
#include "db/rows.h"
#include "styles/style_popular.h"

/* By the style's index. */
struct style_taste {
    bool favorite[STYLES_MAX];
    int64_t made[STYLES_MAX];  /* generations, among the latest 500 */
    int64_t liked[STYLES_MAX]; /* favourite pictures among theirs */
};

/* Rows for style_taste_add_history. */
struct query style_history_of(struct uuid user);
/* favorites: rows of style_favorites_of. Both add to *taste, which is all zero before. */
void style_taste_add_favorites(struct style_taste *taste, const struct styles *styles, const PGresult *favorites);
void style_taste_add_history(struct style_taste *taste, const struct styles *styles, const PGresult *history);
bool style_taste_is_known(const struct style_taste *taste); /* is there anything to go by? */

enum style_reason {
    STYLE_LIKE_FAVORITE, /* like one of the favourites: because */
    STYLE_LIKE_MADE,     /* like one that was made: because */
    STYLE_POPULAR,       /* made by many */
    STYLE_VARIETY,       /* nothing is known: something of each kind */
};

struct style_recommendation {
    const struct style *style;
    enum style_reason reason;
    const struct style *because; /* NULL for the last two reasons */
};

/* The best first, never a favourite, nor what was made three times or more; of any twelve in a row at most four are of
   one group while there are others. Returns how many, at most max. */
int style_recommend(const struct styles *styles, const struct style_taste *taste, const struct style_uses *uses,
                    struct style_recommendation *ret, int max);
const char *style_reason_name(enum style_reason reason); /* "like_favorite" */
/* "Like “Neon street” among your favourites" */
void style_reason_write(const struct style_recommendation *recommendation, enum lang lang, struct buf *to);
