#pragma once
/* All photos that an avatar has, as they came from the database, and what they are worth together. */
#include "avatars/avatar.h"
#include "http/call.h"
#include "photos/photo_set.h"

struct photo_album {
    struct photo *photos; /* of the call; as many as set.usable: PHOTOS_MOST at most */
    struct photo_set set;
};

/* rows: of photos_of. */
struct photo_album photo_album_of(struct call *call, const PGresult *rows, const struct avatar *avatar);
