#pragma once
/* What the routes about styles read before they answer: whom prompts are for, and the rows that belong to who asks,
   which may come from the caches. */
#include "avatars/avatar.h"
#include "http/await_rows.h"
#include "styles/style_taste.h"
#include "styles/style_write.h"

enum style_need {
    STYLE_NEED_MAIN_AVATAR = 1, /* when none is named */
    STYLE_NEED_USES = 2,
    STYLE_NEED_HISTORY = 4,
    STYLE_NEED_OWN = 8,
};

struct style_shelf {
    struct uuid avatar_id; /* "": none was named */
    unsigned needs;        /* of enum style_need; favourites are always read */
    bool has_avatar, looked_for_avatar;
    struct avatar avatar;
    const PGresult *favorites, *uses, *history;                    /* NULL: not read */
    struct next (*answer)(struct call *call, const PGresult *own); /* own: rows of own_styles_of; NULL: not read */
};

/* The last word of a route's first step; the shelf stands first in its state. Answers 404 to an avatar_id that is not
   the user's. */
struct next style_shelf_gather(struct call *call);
/* For style_write.h; borrows from the call. */
struct style_shown style_shelf_shown(struct call *call);
