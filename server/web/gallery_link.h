#pragma once
/* Addresses of the gallery, with the filters that it was asked with. */
#include "gallery/timeline.h"
#include "web/page.h"

enum { GALLERY_LINK_ROOM = 280 };

struct gallery_query {
    struct uuid before, after, from, avatar, undo;
    bool favorite;
    char done[PAGE_DONE_ROOM];
};

/* "/images?favorite=true&avatar=…&before=ID". way NULL: the first page; id is a UUID. */
void gallery_link(const struct gallery_query *query, const char *way, struct text id, char to[GALLERY_LINK_ROOM]);
/* The first page, and still what has just been done. */
void gallery_link_start(const struct gallery_query *query, char to[GALLERY_LINK_ROOM]);
