#pragma once
/* Avatars: all of them, and the page of one; the latter once more when one of its forms was refused. */
#include "avatars/avatar_shown.h"
#include "web/page.h"

extern const struct page avatars_page, avatar_page;

/* call->state of every step below /avatars/{id}. */
struct avatar_state {
    struct uuid id;
    int status;          /* of the answer */
    const char *trouble; /* why a form did nothing: a code of base/messages.h; NULL: nothing of the kind */
    bool was_renamed;    /* faults are those of the form with the new name */
    struct faults faults;
};

struct next avatars_page_show(struct call *call);     /* GET /avatars */
struct next avatars_page_show_one(struct call *call); /* GET /avatars/{id} */
/* Loads the avatar, and answers with the page and the status; 404 when there is none. */
struct next avatars_page_again(struct call *call, int status);
