#include "http/upload_space.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Somebody whose uploads are under way. */
struct holder {
    struct holder *next;
    struct uuid user;
    int64_t bytes;
    int uploads;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct holder *holders; /* as many as connections at most */
static int64_t taken;

/* The place that points to the user's own, or to NULL at the end. */
static struct holder **find(struct uuid user)
{
    struct holder **at = &holders;

    while (*at && strcmp((*at)->user.text, user.text) != 0)
        at = &(*at)->next;
    return at;
}

static bool may_take(const struct holder *own, struct uuid user, int64_t bytes, int64_t limit)
{
    if (bytes > limit - taken)
        return false;
    return !*user.text || !own || own->bytes + bytes <= limit / 2;
}

static void add(struct holder **at, struct uuid user, int64_t bytes)
{
    if (!*at) {
        if (!(*at = calloc(1, sizeof **at)))
            abort();
        (*at)->user = user;
    }
    (*at)->bytes += bytes;
    (*at)->uploads++;
    taken += bytes;
}

bool upload_space_take(struct uuid user, int64_t bytes, int64_t limit)
{
    struct holder **at;
    bool may;

    (void)pthread_mutex_lock(&lock);
    at = find(user);
    if ((may = may_take(*at, user, bytes, limit)))
        add(at, user, bytes);
    (void)pthread_mutex_unlock(&lock);
    return may;
}

void upload_space_give_back(struct uuid user, int64_t bytes)
{
    struct holder **at, *own;

    (void)pthread_mutex_lock(&lock);
    at = find(user);
    own = *at;
    assert(own && own->bytes >= bytes);
    own->bytes -= bytes;
    taken -= bytes;
    if (--own->uploads == 0) {
        *at = own->next;
        free(own);
    }
    (void)pthread_mutex_unlock(&lock);
}
