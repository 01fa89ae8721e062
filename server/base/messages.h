#pragma once
/* Texts for people, by code and language. The codes of errors and faults are the keys. */
#include "base/buf.h"
#include "base/faults.h"

enum lang { LANG_RU, LANG_EN };

/* Of an unknown code: those of "internal". */
bool message_exists(const char *code);
const char *message_title(const char *code, enum lang lang);
/* A problem's message in its two parts: returns what it is; *ret_advice is what to do, with at NULL when it does not
   say. Both point to static text. */
struct text message_parts(const char *code, enum lang lang, struct text *ret_advice);
/* The sentence for a fault, its {min}, {max} and {what} filled in. Appends to out. */
void message_fault(const struct fault *fault, enum lang lang, struct buf *out);

/* From "ru-RU,ru;q=0.9,en;q=0.8": the better liked of the two languages; otherwise for none of them. */
enum lang lang_accepted(struct text accept_language, enum lang otherwise);
enum lang lang_named(const char *locale); /* "en" or "ru" (anything else) */
const char *lang_name(enum lang lang);

/* Every code of the catalogue in turn, for tests; NULL behind the last. */
const char *message_code_at(int index);
