#pragma once
/* A sweep looks through something, a page at a time, for what should not be there, and mends it or only counts it.
   Where it is and what it has found are kept in the table sweeps; who may sweep is decided by the lead of "sweeper". */
#include <stdatomic.h>

#include "jobs/leader.h"

struct config;
struct store;

#define SWEEP_LOCK LEADER_LOCK("sweeper")
#define SWEEP_LEADS LEADER_LEADS

enum { SWEEP_PLACE_ROOM = 280, SWEEP_NAME_ROOM = 120 };

struct sweep_tools {
    const struct config *config;
    struct pg *pg;
    struct store *store;
    struct leader *leader;
    const atomic_bool *stop; /* true: end soon */
};

/* What one look has come to. */
struct sweep_look {
    char place[SWEEP_PLACE_ROOM]; /* in: where it begins, "" at the beginning of all; out: where the next one does */
    int64_t found, mended;
    char first[SWEEP_NAME_ROOM]; /* of what was found */
};

/* One of three kinds. */
struct sweep {
    const char *name;
    int every_s;
    int limit;  /* the most that one look takes */
    bool quiet; /* what it finds is nothing special: not logged */
    /* By statements. find ($1 place, $2 limit) gives rows (place, id, wrong), ordered by a place that only grows, also
       those that are not wrong: fewer than the limit are the last. mend ($1, $2: see leader.h, $3 id) looks again
       whether that one is wrong, and has touched a row or given a row when it was mended. NULL: it is only counted.
       A place is passed whether it could be mended or not. */
    const char *find, *mend;
    /* Or a guarded DELETE ($1, $2), which is repeated until it finds nothing. */
    const char *drop;
    /* Or a function. False: *reterr; the place stays. */
    bool (*look)(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                 struct err *reterr);
};

/* One look, from the place that is kept, which is then kept anew. False: it leads no more (*reterr "not_leading"), or
   what went wrong. */
bool sweep_once(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *ret, struct err *reterr);

/* For looks that take long: may it go on? Renews the lead when that is due. */
bool sweep_goes_on(const struct sweep_tools *tools, struct err *reterr);
void sweep_found(struct sweep_look *look, const char *name); /* counts it */
