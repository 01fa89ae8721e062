#include "jobs/low_water.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

enum { SLACK_US = 5 * 1000 * 1000, BACK_MS = 200, WHOLE_MS = 10 * 1000 };

struct low_water {
    pthread_mutex_t mutex;
    int64_t at_us;             /* where something was found last */
    unsigned turn;             /* grows when that goes back: claims from before then do not take it forward again */
    bool empty;                /* nothing was found last, not even further back */
    int64_t back_ms, whole_ms; /* when it was looked there last; 0: not yet */
};

struct low_water *low_water_open(void)
{
    struct low_water *low = calloc(1, sizeof *low);

    if (!low)
        abort();
    pthread_mutex_init(&low->mutex, NULL);
    return low;
}

void low_water_close(struct low_water *low)
{
    pthread_mutex_destroy(&low->mutex);
    free(low);
}

struct low_bound low_water_ask(struct low_water *low)
{
    int64_t now_ms = clock_monotonic_ms();
    struct low_bound bound;

    pthread_mutex_lock(&low->mutex);
    bound = (struct low_bound){.us = low->at_us, .turn = low->turn};
    if (!low->whole_ms || now_ms - low->whole_ms >= WHOLE_MS) {
        low->whole_ms = low->back_ms = now_ms;
        bound.us = 0;
    } else if (low->empty || now_ms - low->back_ms >= BACK_MS) {
        low->back_ms = now_ms;
        bound.us = bound.us > SLACK_US ? bound.us - SLACK_US : 0;
    } else {
        bound.near = true;
    }
    pthread_mutex_unlock(&low->mutex);
    return bound;
}

void low_water_found(struct low_water *low, struct low_bound asked, int64_t found_us)
{
    pthread_mutex_lock(&low->mutex);
    low->empty = false;
    if (found_us < low->at_us) {
        low->at_us = found_us;
        low->turn++;
    } else if (asked.turn == low->turn) {
        low->at_us = found_us;
    }
    pthread_mutex_unlock(&low->mutex);
}

void low_water_nothing(struct low_water *low, struct low_bound asked, int64_t now_us)
{
    pthread_mutex_lock(&low->mutex);
    low->empty = true; /* also after a near one: the next looks further back */
    if (!asked.near && asked.turn == low->turn && (now_us > low->at_us || !asked.us))
        low->at_us = now_us;
    pthread_mutex_unlock(&low->mutex);
}

void low_water_forget(struct low_water *low)
{
    pthread_mutex_lock(&low->mutex);
    low->whole_ms = 0;
    pthread_mutex_unlock(&low->mutex);
}
