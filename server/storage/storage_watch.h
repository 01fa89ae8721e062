#pragma once
/* Does the object store take, keep and give? A thread of its own tries it with a small object now and then; nobody
   waits for it. What a killed process had put lies in STORAGE_TRY_BUCKET under "try/". */
#include <stdbool.h>

#include "base/err.h"

struct config;
struct store;
struct storage_watch;

#define STORAGE_TRY_BUCKET "aisha-v2-owner"

struct storage_watch *storage_watch_open(const struct config *config, struct err *reterr);
void storage_watch_close(struct storage_watch *watch); /* NULL is fine */
/* At the last try; false before the first one. The log says why (storage_down). */
bool storage_watch_ok(const struct storage_watch *watch);

/* One try, at once: an object is put, read again and deleted. */
bool storage_answers(struct store *store, const char *bucket, struct err *reterr);
