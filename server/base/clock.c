#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void) { return read_us(CLOCK_MONOTONIC); }
int64_t clock_monotonic_ms(void) { return clock_monotonic_us() / 1000; }
int64_t clock_wall_us(void) { return read_us(CLOCK_REALTIME); }
int64_t clock_wall_s(void) { return clock_wall_us() / 1000000; }

void clock_rfc3339(int64_t wall_us, char to[CLOCK_RFC3339_ROOM])
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    size_t used;

    gmtime_r(&seconds, &utc);
    used = strftime(to, CLOCK_RFC3339_ROOM, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(to + used, CLOCK_RFC3339_ROOM - used, ".%03dZ", (int)(wall_us % 1000000 / 1000));
}
