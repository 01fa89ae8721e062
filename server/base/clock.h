#pragma once
/* Clocks. Durations use the monotonic one; whatever decides about rows uses PostgreSQL's now() instead. */
#include <stdint.h>

int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
int64_t clock_wall_us(void); /* since 1970 */
int64_t clock_wall_s(void);

enum { CLOCK_RFC3339_ROOM = 32 };
/* "2026-01-15T10:00:01.120Z" */
void clock_rfc3339(int64_t wall_us, char to[CLOCK_RFC3339_ROOM]);
