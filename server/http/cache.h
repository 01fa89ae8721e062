#pragma once
/* The caches of one event loop: its connection to Redis, and counts of what was asked of them. */
#include <uv.h>

#include "base/buf.h"
#include "redis/redis_link.h"

/* Which of them: the label in metrics. */
enum cache_name { CACHE_HISTORY, CACHE_PROGRESS, CACHE_STATS, CACHE_FAVORITES, CACHE_OWN, CACHE_POPULAR, CACHE_NAMES };

enum cache_result {
    CACHE_HIT,
    CACHE_MISS,   /* nothing there, or not of this version */
    CACHE_OFF,    /* Redis is not configured, or away */
    CACHE_FAILED, /* no answer in time, an error, or something that is not ours */
    CACHE_RESULTS
};

struct cache;
struct cache_counts; /* of the process; written by all loops */

struct cache_counts *cache_counts_open(void);
void cache_counts_close(struct cache_counts *counts); /* NULL is fine */

/* url NULL: off. secret_key signs the entries. counts live longer. */
struct cache *cache_open(uv_loop_t *loop, const struct redis_url *url, const char *secret_key,
                         struct cache_counts *counts);
/* As redis_link_close. NULL is fine. */
void cache_close(struct cache *cache);
/* Prometheus text: aisha_cache_requests_total, of all loops. cache may be NULL. */
void cache_write_counts(const struct cache *cache, struct buf *out);

/* For await_cached.c; cache may be NULL everywhere. */
struct redis_link *cache_link(const struct cache *cache);
struct mac *cache_mac(const struct cache *cache);
void cache_count(struct cache *cache, enum cache_name name, enum cache_result result);

enum { CACHE_MAX_FIELDS = 32 }; /* of a hash: over it, it begins anew, for most of them are of versions long gone */

/* Puts value under key, or under field of the hash key when field is not "", for so long; a hash has one end for all
   its fields. Whatever of another type is there goes. Nobody waits for it. */
void cache_keep(struct cache *cache, const char *key, const char *field, int ttl_s, struct text value);
enum { CACHE_MAX_FORGOTTEN = 3 };
/* Deletes what lies under these keys, soon; nobody waits for it. What is there is known to be old by its version: this
   only gives the memory back. */
void cache_forget(struct cache *cache, int count, const char *const *keys);
