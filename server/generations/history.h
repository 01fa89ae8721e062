#pragma once
/* Generations as the pages of their history show them: with the avatar's name and the time in the reader's zone. */
#include "generations/generation.h"

enum { HISTORY_PAGE = 24 };

/* Texts are borrowed from the row. */
struct history_item {
    const char *avatar_name; /* also of a deleted one */
    struct text made, today; /* "2026-11-20 14:03:22", "2026-11-20" in the reader's zone */
    struct generation generation;
};

/* A row for history_from_row; none: missing or somebody else's. time_zone is borrowed, and one that the database
   knows. */
struct query history_one(struct uuid user, struct uuid id, const char *time_zone);
/* The newest first, HISTORY_PAGE and one more; before "": the first page. */
struct query history_of(struct uuid user, struct uuid before, const char *time_zone);

struct history_item history_from_row(struct row row);
