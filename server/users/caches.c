#include "users/caches.h"

#include <assert.h>
#include <stdio.h>

#include "local.h"

enum { MINUTE_S = 60, HOUR_S = 3600 };

static void place(struct cached *cached, const char *prefix, const char *id, const char *asked)
{
    int len = snprintf(cached->field, sizeof cached->field, "%s", asked);

    assert(len < CACHED_FIELD_ROOM && "what tells pages apart must fit");
    (void)len;
    (void)snprintf(cached->key, sizeof cached->key, "%s%s", prefix, id);
}

struct cached cached_history(const struct call *call, const char *list, const char *asked)
{
    struct cached cached = {.name = CACHE_HISTORY, .version = call->who.history_version, .ttl_s = HOUR_S};
    char field[CACHED_FIELD_ROOM + 32];

    (void)snprintf(field, sizeof field, "%s %s", list, asked);
    place(&cached, "generation:history:", call->who.user.text, field);
    return cached;
}

struct cached cached_progress(const struct call *call, struct uuid generation)
{
    struct cached cached = {.name = CACHE_PROGRESS, .version = call->who.history_version, .ttl_s = 5 * MINUTE_S};

    place(&cached, "generation:progress:", generation.text, "");
    return cached;
}

struct cached cached_stats(const struct call *call, const char *asked)
{
    struct cached cached = {.name = CACHE_STATS, .version = call->who.history_version, .ttl_s = 10 * MINUTE_S};

    place(&cached, "generation:stats:", call->who.user.text, asked);
    return cached;
}

struct cached cached_favorites(const struct call *call, const char *asked)
{
    struct cached cached = {.name = CACHE_FAVORITES, .version = call->who.taste_version, .ttl_s = 24 * HOUR_S};

    place(&cached, "template:favorites:", call->who.user.text, asked);
    return cached;
}

/* A thumbnail of a picture that has gone into the trash must go with it: both versions together grow with either. */
struct cached cached_own_styles(const struct call *call, const char *asked)
{
    int64_t both = call->who.taste_version + call->who.history_version;
    struct cached cached = {.name = CACHE_OWN, .version = call->who.history_version ? both : 0, .ttl_s = HOUR_S};

    place(&cached, "template:own:", call->who.user.text, asked);
    return cached;
}

struct cached cached_popular_styles(const char *asked)
{
    struct cached cached = {.name = CACHE_POPULAR, .shared = true, .ttl_s = 10 * MINUTE_S};

    place(&cached, "template:popular", "", asked);
    return cached;
}

static void forget(struct call *call, int count, const struct cached *places)
{
    const char *keys[CACHE_MAX_FORGOTTEN];

    for (int i = 0; i < count; i++)
        keys[i] = places[i].key;
    cache_forget(local_of(call)->cache, count, keys);
}

void caches_history_changed(struct call *call)
{
    const struct cached places[] = {cached_history(call, "", ""), cached_stats(call, "")};

    forget(call, 2, places);
}

void caches_generation_changed(struct call *call, struct uuid generation)
{
    const struct cached places[] = {cached_history(call, "", ""), cached_stats(call, ""),
                                    cached_progress(call, generation)};

    forget(call, 3, places);
}

void caches_taste_changed(struct call *call)
{
    const struct cached places[] = {cached_favorites(call, ""), cached_own_styles(call, "")};

    forget(call, 2, places);
}
