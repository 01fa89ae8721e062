#pragma once
/* The photos of an avatar on its page: how many there are and how good a set they make, each as a tile, and what became
   of those that were just sent. */
#include <libpq-fe.h>

#include "avatars/avatar.h"
#include "http/call.h"
#include "view/value.h"

struct photos_view {
    const struct call *call;
    const PGresult *rows;
    bool is_portrait, has_photos, is_full, is_ready; /* is_ready: enough for a training */
    bool may_change;                                 /* photos come and go */
    int64_t usable, min, max, missing, room;
    int64_t max_mib;          /* of one file */
    int64_t max_bytes;        /* the same, for scripts */
    bool is_direct;           /* browsers may send them to the storage itself */
    struct view_items advice; /* what to add, most important first */
    bool has_advice;
};

extern const struct view_type photos_view_type;

/* rows are those of photos_of, and must live until the page is written. */
struct photos_view photos_view_of(struct call *call, const struct avatar *avatar, const PGresult *rows);
