#pragma once
/* Tells the loops of this process at once that somebody wrote an event; without it they find out by looking. */
#include <stdbool.h>
#include <uv.h>

struct event_bell;

struct event_bell *event_bell_open(void);
void event_bell_close(struct event_bell *bell);
void event_bell_ring(struct event_bell *bell); /* from any thread */

/* The loops' side: async is sent at every ring until it is removed (before it is closed). */
void event_bell_add(struct event_bell *bell, uv_async_t *async);
void event_bell_remove(struct event_bell *bell, uv_async_t *async);

/* How many streams a user has open in this process. take: false when the user has max already. */
bool event_bell_take_place(struct event_bell *bell, const char *user, int max);
void event_bell_give_place(struct event_bell *bell, const char *user);
