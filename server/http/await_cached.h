#pragma once
/* Rows that may come from Redis: a wait like await_rows, whose rows are asked of PostgreSQL when Redis does not have
 * them, is away, or takes longer than REDIS_PATIENCE_MS. The step cannot tell the difference.
 *
 * An entry is right as long as the version is: every change of what was read must raise it in its own transaction
 * (0015_versions.sql), and the version that is compared was read before the rows, with who asks. So an entry holds
 * nothing older than its version, and is used under no other. The places that there are stand in users/caches.h. */
#include "db/query.h"
#include "http/await_rows.h"
#include "http/cache.h"

enum { CACHED_KEY_ROOM = 80, CACHED_FIELD_ROOM = 160 };

struct cached {
    enum cache_name name;
    char key[CACHED_KEY_ROOM];
    char field[CACHED_FIELD_ROOM]; /* "": the key holds this alone; else it is a hash, which goes as one */
    bool shared;                   /* the same rows for everybody, under no version: as old as ttl_s allows */
    int64_t version;               /* unless shared; 0: not known, nothing is looked up and nothing is kept */
    int ttl_s;
    /* May these be kept? more is NULL without a second statement. NULL: all may. */
    bool (*keep)(const PGresult *rows, const PGresult *more);
};

/* Key and field must tell apart whatever the query's parameters tell apart, but for the user. Rows from Redis have no
   column names. Texts of the query are copied. */
#define await_rows_cached(call, cached, query, then) await_rows_cached_named(call, cached, query, then, #then)
struct next await_rows_cached_named(struct call *call, const struct cached *cached, struct query query, rows_fn then,
                                    const char *step);

/* The rows of two statements, of which the second follows from the first's rows; both are kept as one. */
struct cached_pair {
    const PGresult *rows, *more; /* more is NULL when there was no second statement */
    double age_s;                /* since they were read; 0: just now */
};
/* False: no second statement. The rows it is given are as those of the step. */
typedef bool (*follow_fn)(struct call *call, const PGresult *rows, struct query *ret);
typedef struct next (*pair_fn)(struct call *call, const struct cached_pair *pair);
#define await_pair_cached(call, cached, query, follow, then)                                                           \
    await_pair_cached_named(call, cached, query, follow, then, #then)
struct next await_pair_cached_named(struct call *call, const struct cached *cached, struct query query,
                                    follow_fn follow, pair_fn then, const char *step);

/* The caches of the call's thread, NULL without; the program defines it for its struct local. */
struct cache *local_cache(struct local *local);
