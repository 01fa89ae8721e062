#pragma once
/* The gallery's page in a house (house.h), and the rows that it is made of. */
#include "support/loopback.h"

int fake_gallery_open(void **state); /* cmocka's setup; the reader is in Moscow */

struct fake_head {
    const char *avatar, *stirs, *beyond, *today;
};
extern const struct fake_head FAKE_PAGE, FAKE_PAGE_BEYOND; /* nothing, something on the other side */

/* NULL: as most pictures. The id of the index-th row ends in 01 and its index, in two digits. */
struct fake_picture {
    const char *name, *day, *favorite, *nsfw, *width, *height, *placeholder;
};

/* Asks, and answers the first query. */
struct loopback *fake_gallery_show(const char *path, struct fake_head head, const struct fake_picture *pictures,
                                   int count);
struct loopback *fake_gallery_show_many(const char *path, struct fake_head head, int count);
struct loopback *fake_gallery_show_one(struct fake_picture picture);
