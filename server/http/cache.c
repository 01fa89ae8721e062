#include "http/cache.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"

static const char *const NAMES[CACHE_NAMES] = {"history", "progress", "stats", "favorites", "own", "popular"};
static const char *const RESULTS[CACHE_RESULTS] = {"hit", "miss", "off", "failed"};

struct cache_counts {
    atomic_uint_fast64_t of[CACHE_NAMES][CACHE_RESULTS];
};

struct cache {
    struct redis_link *link; /* NULL: off */
    struct mac *mac;
    struct cache_counts *counts;
};

struct cache_counts *cache_counts_open(void)
{
    struct cache_counts *counts = calloc(1, sizeof *counts);

    if (!counts)
        abort();
    return counts;
}

void cache_counts_close(struct cache_counts *counts) { free(counts); }

struct cache *cache_open(uv_loop_t *loop, const struct redis_url *url, const char *secret_key,
                         struct cache_counts *counts)
{
    struct cache *cache = calloc(1, sizeof *cache);
    unsigned char key[SHA256_BYTES];

    if (!cache)
        abort();
    mac_derive_key(text_of(secret_key), "cache", key);
    cache->mac = mac_open(key, sizeof key);
    cache->counts = counts;
    if (url)
        cache->link = redis_link_open(loop, url);
    return cache;
}

void cache_close(struct cache *cache)
{
    if (!cache)
        return;
    redis_link_close(cache->link);
    mac_close(cache->mac);
    free(cache);
}

void cache_write_counts(const struct cache *cache, struct buf *out)
{
    if (!cache)
        return;
    (void)buf_add_text(out,
                       "# HELP aisha_cache_requests_total What was looked for in Redis, and whether it was there.\n"
                       "# TYPE aisha_cache_requests_total counter\n");
    for (int n = 0; n < CACHE_NAMES; n++)
        for (int r = 0; r < CACHE_RESULTS; r++)
            (void)buf_add_format(out, "aisha_cache_requests_total{cache=\"%s\",result=\"%s\"} %" PRIu64 "\n", NAMES[n],
                                 RESULTS[r], (uint64_t)cache->counts->of[n][r]);
}

struct redis_link *cache_link(const struct cache *cache) { return cache ? cache->link : NULL; }
struct mac *cache_mac(const struct cache *cache) { return cache->mac; }

void cache_count(struct cache *cache, enum cache_name name, enum cache_result result)
{
    if (cache)
        atomic_fetch_add_explicit(&cache->counts->of[name][result], 1, memory_order_relaxed);
}

/* One command, so that no hash is left without an end. */
static const char ADD_FIELD[] =
    "local key, kind = KEYS[1], redis.call('TYPE', KEYS[1]).ok "
    "if kind ~= 'none' and (kind ~= 'hash' or (redis.call('HLEN', key) >= tonumber(ARGV[4]) "
    "and redis.call('HEXISTS', key, ARGV[1]) == 0)) then redis.call('DEL', key) end "
    "redis.call('HSET', key, ARGV[1], ARGV[2]) return redis.call('EXPIRE', key, ARGV[3])";

void cache_keep(struct cache *cache, const char *key, const char *field, int ttl_s, struct text value)
{
    char seconds[12], most[12];

    (void)snprintf(seconds, sizeof seconds, "%d", ttl_s);
    (void)snprintf(most, sizeof most, "%d", CACHE_MAX_FIELDS);
    if (*field) {
        const struct text words[] = {TEXT("EVAL"), text_of(ADD_FIELD), TEXT("1"),    text_of(key), text_of(field),
                                     value,        text_of(seconds),   text_of(most)};
        (void)redis_link_ask(cache_link(cache), 8, words, NULL, NULL);
    } else {
        const struct text words[] = {TEXT("SET"), text_of(key), value, TEXT("EX"), text_of(seconds)};
        (void)redis_link_ask(cache_link(cache), 5, words, NULL, NULL);
    }
}

void cache_forget(struct cache *cache, int count, const char *const *keys)
{
    struct text words[1 + CACHE_MAX_FORGOTTEN] = {TEXT("DEL")};

    assert(count > 0 && count <= CACHE_MAX_FORGOTTEN);
    for (int i = 0; i < count; i++)
        words[1 + i] = text_of(keys[i]);
    (void)redis_link_ask(cache_link(cache), 1 + count, words, NULL, NULL);
}
