#pragma once
/* The form on the page of a style: what is chosen in it, whether it comes from a link or was sent. A choice of the
   style
   ("place") is the field "choice_place". */
#include "base/buf.h"
#include "base/faults.h"
#include "http/call.h"
#include "styles/style.h"
#include "users/idempotency.h"

enum { STYLE_FORM_LINK_ROOM = 1024 };

struct style_form {
    struct uuid avatar; /* "": the main one */
    char preset[40];    /* "": the style's */
    int64_t num_images;
    char chosen[STYLE_CHOICES_MAX][STYLE_NAME_ROOM]; /* in the order of the style's choices; "": the default */
    char key[IDEMPOTENCY_KEY_MAX + 1];
    char done[32];
};

/* style NULL: one of the user's own, which has no choices. */
/* From the query of a link, which may also say what has been done. False: answered. */
bool style_form_query(struct call *call, const struct style *style, struct style_form *ret, struct next *refused);
/* From a form that was sent; what is wrong with it is in *faults. False: answered. */
bool style_form_read(struct call *call, const struct style *style, struct style_form *ret, struct faults *faults,
                     struct next *refused);

struct style_chosen style_form_chosen(const struct style *style, const struct style_form *form);
/* "/styles/ID?avatar=…&choice_place=beach": the page with all that is chosen. */
void style_form_link(const char *id, const struct style *style, const struct style_form *form,
                     char to[STYLE_FORM_LINK_ROOM]);
