#pragma once
/* The form of the page for several descriptions: what is typed, and the wish that it means. */
#include "batches/batch_create.h"
#include "http/query_string.h"

/* Of a body: fifty descriptions of a thousand characters, percent-encoded. */
enum { BATCH_FORM_BYTES = 640 * 1024 };

struct batch_form {
    char prompts[BATCH_FORM_BYTES]; /* as typed, also when it is too much */
    char split[16];                 /* "paragraph"; anything else: each line is a description */
    char mode[16];                  /* "sequential"; anything else: all at once */
    struct uuid avatar_id;          /* "": none chosen */
    char preset[40], size[40];      /* "": none chosen */
    int64_t num_images;
    char seed[40];
    char key[IDEMPOTENCY_KEY_MAX + 1];
    char check[8]; /* "1": only count and price are asked for */
};

/* A form that was sent. What is wrong is in *ret_faults, by the names of the form's fields. False: answered. */
bool batch_form_read(struct call *call, struct batch_form *ret, struct faults *ret_faults, struct next *refused);
/* The wish that it means; adds what is wrong with its fields. Each description is judged later. */
void batch_form_wish(const struct batch_form *form, struct batch_wish *ret, struct faults *faults);
/* How many descriptions it has. */
int64_t batch_form_count(const struct batch_form *form);
/* Appends one more, set off so that it is read as one again. */
void batch_form_add(struct batch_form *form, const char *prompt);
