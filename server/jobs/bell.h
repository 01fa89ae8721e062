#pragma once
/* Wakes the workers of this process: rung by whoever makes work, from any thread. A ring that nobody waits for is kept.
 */
#include <stdbool.h>

struct jobs_bell;

struct jobs_bell *bell_open(void);
void bell_close(struct jobs_bell *bell);
void bell_ring(struct jobs_bell *bell); /* wakes one; NULL is fine */
void bell_ring_all(struct jobs_bell *bell);
/* Until a ring, or for about timeout_ms; was it rung? */
bool bell_wait(struct jobs_bell *bell, int timeout_ms);
