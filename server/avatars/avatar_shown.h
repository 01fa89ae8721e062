#pragma once
/* An avatar as a page shows it: with what it has made, and by the reader's clock. */
#include "avatars/avatar.h"

enum { AVATARS_SHOWN = 100, AVATAR_IMAGES_COUNTED = 1000 /* more than these are "many" */ };

struct avatar_shown {
    struct avatar avatar;
    char letter[8];   /* the first of its name, for a mark */
    char created[32]; /* in the time zone and by the pattern that were asked for */
    int64_t images;   /* of the gallery; at most AVATAR_IMAGES_COUNTED */
    bool is_busy;     /* has unfinished generations */
};

/* Rows for avatar_shown_from_row, never of deleted ones; pattern is one of to_char. The main one first, then the
   newest. */
struct query avatar_shown_all(struct uuid user, const char *time_zone, const char *pattern);
struct query avatar_shown_by_id(struct uuid user, const char *time_zone, const char *pattern, struct uuid id);
struct avatar_shown avatar_shown_from_row(struct row row);
