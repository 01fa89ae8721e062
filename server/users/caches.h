#pragma once
/* What is kept in Redis, and where (docs/caching.md). Made for who asks; with await_cached.h.
 *
 * accounts.history grows with every change of the user's generations and pictures and with names and ends of avatars;
 * users.taste with favourite and own styles. Whatever else a statement reads may be as old as the entry's time to live.
 */
#include "http/await_cached.h"

/* generation:history:{user}, an hour: pages of a list, told apart by asked (list, filters, cursor, limit). */
struct cached cached_history(const struct call *call, const char *list, const char *asked);
/* generation:progress:{generation}, five minutes. */
struct cached cached_progress(const struct call *call, struct uuid generation);
/* generation:stats:{user}, ten minutes: sums over the user's generations and pictures. What counts from now on
   backwards ("the last 30 days") may lag by that. asked: "" or what tells its kinds apart (a period, a time zone). */
struct cached cached_stats(const struct call *call, const char *asked);
/* template:favorites:{user}, a day; template:own:{user}, an hour: one statement each, of no other parameters than the
   user, or asked tells them apart ("": the only one). Own styles are of both versions: their pictures may go. */
struct cached cached_favorites(const struct call *call, const char *asked);
struct cached cached_own_styles(const struct call *call, const char *asked);
/* template:popular, ten minutes, the same for everybody, and under no version. */
struct cached cached_popular_styles(const char *asked);

/* After a write through HTTP: what is there is of no use any more. Right without it: it gives the memory back. */
void caches_history_changed(struct call *call);
void caches_generation_changed(struct call *call, struct uuid generation); /* that, and its progress */
void caches_taste_changed(struct call *call);
