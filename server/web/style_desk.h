#pragma once
/* What all pages with styles need to know of who looks at them: the avatars and the one that pictures will be of, what
   a picture costs and what there is to spend, the favourites, the styles of the user's own. */
#include "generations/generation_create.h"
#include "users/account.h"
#include "view/value.h"
#include "web/create_choices.h"

/* Read by style_desk_read. The first member of the state of a page that reads it. */
struct style_reads {
    struct generation_create flow; /* first: the way of a wish looks for it there */
    struct account account;
    const PGresult *avatars, *favorites, *own; /* live as long as the call */
    step_fn then;
};

/* Reads in turn what struct style_reads has, then goes on with then. */
struct next style_reads_begin(struct call *call, step_fn then);

/* Is it among the favourites? */
bool style_reads_like(const struct style_reads *reads, const char *style_id);

/* For templates: the part "desk" of a page. Lives as long as the call. */
struct style_desk {
    struct view_items avatars;          /* struct avatar_choice */
    const struct avatar_choice *avatar; /* that pictures will be of; NULL: none is ready */
    const struct avatar_choice *first;  /* when none is ready: the main one, or the newest; NULL: there are none */
    bool has_avatars, has_others, is_main, is_off;
    bool is_short, has_held; /* not enough for one picture; some may come back */
    int64_t price, available, held;
    bool may_make;            /* one click makes a picture */
    const char *here_path;    /* of links that choose another avatar: "/styles?category=portrait&" */
    const char *avatar_query; /* for links to other pages: "?avatar=ID"; "" for the main one */
};
extern const struct view_type style_desk_type;

/* wanted: the avatar that was chosen; "": none. here lives as long as the call. */
struct style_desk style_desk_make(struct call *call, const struct style_reads *reads, struct uuid wanted,
                                  const char *here);
