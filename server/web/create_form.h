#pragma once
/* The form of the create page: what is typed, whether it comes from a browser, from a link or from an earlier
   generation, and the wish that it means. */
#include "generations/again.h"
#include "generations/generation_create.h"
#include "http/query_string.h"

enum {
    CREATE_FORM_BYTES = 20 * 1024, /* of a body: 2000 characters that the browser lets type, percent-encoded */
    CREATE_IMAGES_MAX = 4,
};

struct create_form {
    char prompt[CREATE_FORM_BYTES]; /* as typed, also when it is too long */
    struct uuid avatar_id;          /* "": none chosen */
    char preset[40], size[40];      /* "": none chosen */
    int64_t num_images;
    char seed[40];
    char key[IDEMPOTENCY_KEY_MAX + 1];
};

/* A form that was sent. What is wrong is in *ret_faults, by the names of the form's fields. False: answered. */
bool create_form_read(struct call *call, struct create_form *ret, struct faults *ret_faults, struct next *refused);
/* The wish that it means; adds what is wrong with it. */
void create_form_wish(const struct call *call, const struct create_form *form, struct generation_wish *ret,
                      struct faults *faults);
/* Filled with what something was made from. */
void create_form_repeat(const struct call *call, const struct again *again, struct create_form *form);

/* The field of the form that a wish's fault belongs to: "size" for image_size.width; "" for the form as a whole. */
const char *create_form_field(const char *fault_field);
