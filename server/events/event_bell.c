#include "events/event_bell.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"

enum { MAX_LOOPS = 64, MAX_USERS = 4096 };

struct places {
    char user[sizeof(struct uuid)];
    int taken;
};

struct event_bell {
    pthread_mutex_t mutex;
    uv_async_t *loops[MAX_LOOPS];
    struct places users[MAX_USERS];
    int user_count;
};

struct event_bell *event_bell_open(void)
{
    struct event_bell *bell = calloc(1, sizeof *bell);

    if (!bell)
        abort();
    pthread_mutex_init(&bell->mutex, NULL);
    return bell;
}

void event_bell_close(struct event_bell *bell)
{
    pthread_mutex_destroy(&bell->mutex);
    free(bell);
}

void event_bell_ring(struct event_bell *bell)
{
    pthread_mutex_lock(&bell->mutex);
    for (int i = 0; i < MAX_LOOPS; i++)
        if (bell->loops[i])
            uv_async_send(bell->loops[i]);
    pthread_mutex_unlock(&bell->mutex);
}

static void replace(struct event_bell *bell, const uv_async_t *from, uv_async_t *to)
{
    int i = 0;

    pthread_mutex_lock(&bell->mutex);
    while (i < MAX_LOOPS && bell->loops[i] != from)
        i++;
    assert(i < MAX_LOOPS);
    bell->loops[i] = to;
    pthread_mutex_unlock(&bell->mutex);
}

void event_bell_add(struct event_bell *bell, uv_async_t *async) { replace(bell, NULL, async); }
void event_bell_remove(struct event_bell *bell, uv_async_t *async) { replace(bell, async, NULL); }

/* The user's entry; NULL: none. */
static struct places *find(struct event_bell *bell, const char *user)
{
    for (int i = 0; i < bell->user_count; i++)
        if (strcmp(bell->users[i].user, user) == 0)
            return &bell->users[i];
    return NULL;
}

static bool take(struct event_bell *bell, const char *user, int max)
{
    struct places *places = find(bell, user);

    if (!places) {
        if (bell->user_count == MAX_USERS)
            return false;
        places = &bell->users[bell->user_count++];
        (void)text_copy(places->user, sizeof places->user, text_of(user));
        places->taken = 0;
    }
    if (places->taken >= max)
        return false;
    places->taken++;
    return true;
}

bool event_bell_take_place(struct event_bell *bell, const char *user, int max)
{
    bool taken;

    pthread_mutex_lock(&bell->mutex);
    taken = take(bell, user, max);
    pthread_mutex_unlock(&bell->mutex);
    return taken;
}

void event_bell_give_place(struct event_bell *bell, const char *user)
{
    struct places *places;

    pthread_mutex_lock(&bell->mutex);
    places = find(bell, user);
    assert(places && places->taken > 0);
    if (--places->taken == 0)
        *places = bell->users[--bell->user_count];
    pthread_mutex_unlock(&bell->mutex);
}
