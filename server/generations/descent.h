#pragma once
/* Which picture a generation, and what it made, comes from. */
#include "db/query.h"
#include "db/rows.h"

/* Texts are borrowed from the row. */
struct descent {
    struct uuid parent;
    struct text object_key; /* of the parent; at is NULL: it is deleted or in quarantine */
    bool is_hidden;         /* in quarantine; else one without a key is deleted, perhaps for good */
    bool is_repeat;         /* made with the parent's seed, and not from the parent itself; else it is a variation */
};

/* One row for descent_from_row; none: it has no parent, is missing or somebody else's. */
struct query descent_of(struct uuid user, struct uuid generation);
struct descent descent_from_row(struct row row);
