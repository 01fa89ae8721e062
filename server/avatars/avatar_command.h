#pragma once
/* For commands: avatars without a request. */
#include "base/err.h"
#include "db/pg.h"

struct avatar_demo {
    struct uuid portrait, style;
};

/* Sees to it that the user has an imported portrait avatar (the first one made, and so the main one of a new user) and
   an imported style avatar, and makes those that are missing. They are known by their models: renaming them is fine. */
bool avatar_command_demo(struct pg *pg, struct uuid user, struct avatar_demo *ret, struct err *reterr);
