#pragma once
/* What the routes that make an avatar share: once for each Idempotency-Key, within AVATARS_PER_USER. */
#include "avatars/avatar.h"
#include "users/create_once.h"

/* The first member of such a route's state. */
struct avatar_make {
    struct create_once once; /* first */
    /* The statement; a row for avatar_from_row, or none: the key was taken, or there are too many. */
    struct query (*insert)(struct call *call, int64_t max_avatars);
};

/* Reads the query string and the key; false: answered. Then the route reads its body, and goes on with make_api_run. */
bool make_api_begin(struct call *call, struct avatar_make *make, struct next *refused);
struct next make_api_run(struct call *call);
