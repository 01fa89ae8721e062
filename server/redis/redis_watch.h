#pragma once
/* Is Redis there? A thread of its own asks every few seconds; nobody waits for it. */
#include <stdbool.h>

#include "base/err.h"

enum redis_state { REDIS_NONE, REDIS_DOWN, REDIS_UP };

struct redis_watch;

/* url: as redis_url.h reads it; NULL: off. False words in reterr: not a usable URL. */
struct redis_watch *redis_watch_open(const char *url, struct err *reterr);
void redis_watch_close(struct redis_watch *watch); /* NULL is fine */
enum redis_state redis_watch_state(const struct redis_watch *watch);

/* One question, at once, for the command that checks everything. */
bool redis_answers(const char *url, struct err *reterr);
