#pragma once
/* Keeps the catalogue's states of endpoints as the table endpoint_states has them. A thread of its own reads it every
   second, so that what any process has switched holds in this one within two; while the database is away, what was
   known last holds. */
#include "catalog/catalog.h"

struct endpoint_watch;

/* Waits for the first reading, but no longer than two seconds. database_url NULL: there is no thread, and only what
   this process switches is known. The catalogue is borrowed until endpoint_watch_close. */
struct endpoint_watch *endpoint_watch_open(const char *database_url, struct catalog *catalog);
void endpoint_watch_close(struct endpoint_watch *watch); /* NULL is fine */

/* From any thread: this process has just switched it, and follows at once. */
void endpoint_watch_switched(struct endpoint_watch *watch, const struct endpoint *endpoint, enum endpoint_state state,
                             const struct endpoint *replacement);
