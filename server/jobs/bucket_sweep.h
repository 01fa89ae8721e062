#pragma once
/* Objects of a bucket that are a day old and in no row, and what killed writers left there, are deleted; what has a
   name of no known kind is reported. Nothing in a store that belongs to another database (jobs/store_owner.h). */
#include "base/uuid.h"
#include "db/query.h"
#include "jobs/sweep.h"

enum { BUCKET_SWEEP_PAGE = 500 }; /* the most that such a sweep's limit may be */

enum bucket_fate { BUCKET_STRANGE, BUCKET_OWNED, BUCKET_UNOWNED };

struct bucket_judged {
    struct uuid id; /* as the judge remembers it */
    enum bucket_fate fate;
};

struct bucket_sweep {
    const char *bucket;
    /* Of one object, not a leftover. *judged: in: what came of the one before it on the page, at first zero, for who
       need not ask again; out: of this one. False: *reterr, and the look ends. */
    bool (*judge)(const struct sweep_tools *tools, const char *key, struct bucket_judged *judged, struct err *reterr);
};

/* A statement by leader_query with one row of one boolean, "in no row", only for who leads. For judges. */
bool bucket_sweep_ask(const struct sweep_tools *tools, const struct query *q, enum bucket_fate *ret,
                      struct err *reterr);

/* For struct sweep's look. One that cannot be deleted is logged, and passed. */
bool bucket_sweep_look(const struct sweep_tools *tools, const struct sweep *sweep, const struct bucket_sweep *bucket,
                       struct sweep_look *look, struct err *reterr);
