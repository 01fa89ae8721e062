#pragma once
/* Why a page with a wish is shown again instead of the pictures' page, in the reader's words. */
#include "base/err.h"
#include "base/faults.h"
#include "http/call.h"

/* All zero: it is new. */
struct create_trouble {
    struct faults faults;
    const char *code; /* of a refusal as a whole; NULL: none */
};

/* The page's own words where those of the API would speak of the API. False: there is none, or it is a lack of credits,
   which the templates say with figures. */
bool create_trouble_words(const struct call *call, const char *code, struct text *ret_title, struct text *ret_advice);
bool create_trouble_is_shortage(const char *code); /* NULL is fine */

/* The status that the page is answered with; may add a header. */
int create_trouble_status(struct call *call, const struct err *err);
