#include "web/gallery_link.h"

#include <stdio.h>

struct link {
    char *to;
    size_t len;
    bool has_query;
};

/* Ids, true and the codes of what was done: nothing that would have to be encoded. */
static void add(struct link *link, const char *name, struct text value)
{
    int len = snprintf(link->to + link->len, GALLERY_LINK_ROOM - link->len, "%c%s=%.*s", link->has_query ? '&' : '?',
                       name, (int)value.len, value.at);

    link->has_query = true;
    link->len += (size_t)len;
}

static struct link filtered(const struct gallery_query *query, char to[GALLERY_LINK_ROOM])
{
    struct link link = {.to = to, .len = (size_t)snprintf(to, GALLERY_LINK_ROOM, "/images")};

    if (query->favorite)
        add(&link, "favorite", TEXT("true"));
    if (*query->avatar.text)
        add(&link, "avatar", text_of(query->avatar.text));
    return link;
}

void gallery_link(const struct gallery_query *query, const char *way, struct text id, char to[GALLERY_LINK_ROOM])
{
    struct link link = filtered(query, to);

    if (way)
        add(&link, way, id);
}

void gallery_link_start(const struct gallery_query *query, char to[GALLERY_LINK_ROOM])
{
    struct link link = filtered(query, to);

    if (*query->undo.text)
        add(&link, "undo", text_of(query->undo.text));
    if (*query->undo.text)
        add(&link, "done", TEXT("deleted"));
}
