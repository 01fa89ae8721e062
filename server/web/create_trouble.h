#pragma once
/* What follows a wish from a page: the pictures' page, or the page again and why, in the reader's words. */
#include "base/err.h"
#include "base/faults.h"
#include "generations/generation.h"
#include "http/call.h"

/* All zero: it is new. */
struct create_trouble {
    struct faults faults;
    char code[sizeof((struct err *)0)->code]; /* of a refusal as a whole; "": none */
};

/* Of struct generation_answers: on to what was made, now or by the same form before. */
struct next create_trouble_none(struct call *call, const struct generation *generation, bool replayed);

/* The page's own words where those of the API would speak of the API. False: there is none, or it is a lack of credits,
   which the templates say with figures. */
bool create_trouble_words(const struct call *call, const char *code, struct text *ret_title, struct text *ret_advice);
bool create_trouble_is_shortage(const char *code); /* NULL is fine */

/* These fill *ret and return the status that the page is answered with. A refusal may add a header; it is none of
   ERR_INTERNAL, for which there is no form to show. */
int create_trouble_faulty(const struct faults *faults, struct create_trouble *ret);
int create_trouble_refused(struct call *call, const struct err *err, struct create_trouble *ret);
int create_trouble_stale(struct create_trouble *ret); /* the form's key is none */
