#pragma once
/* The gallery as pages show it: pictures from newest to oldest with the day they were made on in the reader's time
   zone, in keyset pages that can be walked both ways. One statement for a page, along one index. */
#include "db/query.h"
#include "db/rows.h"
#include "gallery/image.h"

enum { TIMELINE_PAGE = 24, TIMELINE_NAME_MAX = 80 /* code points of a picture's name on a tile */ };

enum timeline_where {
    TIMELINE_NEWEST, /* the first page */
    TIMELINE_OLDER,  /* than id */
    TIMELINE_FROM,   /* id, which need not be there any more, and older ones */
    TIMELINE_NEWER,  /* than id: rows come oldest first */
    TIMELINE_WHERES,
};

struct timeline_asked {
    enum timeline_where where;
    struct uuid id;
    bool favorite;      /* only favourites */
    struct uuid avatar; /* "": of all avatars */
};

/* Rows for timeline_read. time_zone is borrowed, and one that the database knows. */
struct query timeline_of(struct uuid user, const struct timeline_asked *asked, const char *time_zone);

/* Everything is borrowed from the rows. */
struct timeline {
    const PGresult *rows;
    int count;          /* pictures, at most TIMELINE_PAGE */
    bool more;          /* behind the last of them, in the direction that was asked for */
    bool beyond;        /* on the other side of the place that was asked for */
    bool stirs;         /* a generation of the user runs, or failed in the last ten minutes */
    struct text today;  /* "2026-11-20" in the time zone */
    struct text avatar; /* name of the one that was asked for; at is NULL: there is none */
    bool backwards;
};

struct timeline timeline_read(const PGresult *rows, const struct timeline_asked *asked);

/* Texts are borrowed from the row. */
struct timeline_picture {
    struct text id, object_key;
    int64_t width, height;
    unsigned char placeholder[IMAGE_PLACEHOLDER_MAX];
    size_t placeholder_len;
    struct text
        name; /* custom_name, or how the prompt begins: one code point more than TIMELINE_NAME_MAX when longer */
    bool is_favorite, has_nsfw_content;
    struct text day; /* "2026-11-20" in the time zone */
};

/* The index-th of the page, newest first. */
struct timeline_picture timeline_at(const struct timeline *timeline, int index);
/* Of it, day and id alone. */
struct text timeline_day(const struct timeline *timeline, int index);
struct text timeline_id(const struct timeline *timeline, int index);
