#pragma once
/* What lies in Redis under a key (and a field): the rows of one statement or two, under which version of the user's
 * things and when they were read.
 *
 * Whatever comes back is judged as a stranger's bytes. A MAC covers the entry and the place where it lies, so that what
 * somebody else wrote, or moved there from another user's key, is no entry; then everything is read with its limits. */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/text.h"

enum { CACHE_ENTRY_MAX = 256 * 1024, CACHE_ENTRY_ROWS = 2 };

/* Where an entry lies, and whose it is: all that is not in it. */
struct cache_place {
    const char *key, *field; /* field "": the key is no hash */
    const char *user;        /* "": everybody's */
};

struct cache_entry {
    int64_t version;
    int64_t read_us; /* wall clock */
    int count;       /* of rows */
    struct {
        const char *sql; /* by which they were read: rows of another one are none of ours */
        const PGresult *rows;
    } read[CACHE_ENTRY_ROWS];
};

/* Into an empty buffer with CACHE_ENTRY_MAX as its limit. False: too large. */
bool cache_entry_write(const struct cache_entry *entry, const struct cache_place *place, struct mac *mac,
                       struct buf *to);

/* An entry that was opened: step by step, for the second statement may follow from the first one's rows. */
struct cache_reader {
    int64_t version, read_us;
    int left; /* rows that were not taken yet */
    struct text rest;
};

/* Is it one of ours, and of this place? bytes are borrowed by the reader. */
bool cache_entry_open(struct text bytes, const struct cache_place *place, struct mac *mac, struct cache_reader *ret);
/* The next rows, the caller's. NULL: there are none, or they were read by another statement. */
PGresult *cache_entry_take(struct cache_reader *reader, const char *sql);
