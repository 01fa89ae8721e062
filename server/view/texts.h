#pragma once
/* The catalogues of the pages' texts, templates/texts/ru.json and en.json: one flat object each,

       "gallery.title": "Мои изображения",
       "gallery.count": {"by": "count", "one": "{{count}} изображение", "few": "…", "many": "…", "other": "…"}

   A text is a piece of mustache template: words and {{name}} tags, without markup. Keys are of a-z 0-9 _ and dots. Both
   files have the same keys, the same tags in each text, and every plural form of their language; anything else is a
   fault at start. Immutable after texts_open. */
#include "base/err.h"
#include "base/messages.h"
#include "view/mustache.h"

struct texts;

/* From {root}/templates/texts, at most 256 KiB each. Every fault goes to the log with file and key; the error has the
   first. */
struct texts *texts_open(const char *root, struct err *reterr);
void texts_close(struct texts *texts); /* NULL is fine */

/* For mustache_open. */
struct mustache_texts texts_for(const struct texts *texts, enum lang lang);
/* A text without tags, for C. Asserts that there is one: texts_has tells. */
const char *texts_get(const struct texts *texts, enum lang lang, const char *key);
bool texts_has(const struct texts *texts, const char *key);
/* CLDR's rules for whole numbers: ru one few many; en one other. */
enum mustache_plural texts_plural(enum lang lang, int64_t count);
