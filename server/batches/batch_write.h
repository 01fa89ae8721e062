#pragma once
/* A batch as its readers get it. */
#include "batches/batch.h"
#include "http/call.h"
#include "json/json_out.h"

/* The members of the contract's Batch but for its items, into an open object. */
void batch_write(struct json_out *out, const struct batch *batch, enum lang lang);
/* "items", of rows of batch_items, with their pictures out of rows of batch_images. */
void batch_write_items(struct json_out *out, const struct call *call, const PGresult *items, const PGresult *images);

/* Both as they were when it was created, however it has gone on: what every request with its key is answered. */
void batch_write_created(struct json_out *out, const struct batch *batch, const struct call *call,
                         const PGresult *items);

/* What is said about a refused prompt; appends to out. Returns the part that says what it is, *ret_advice what to do
   (at is NULL: nothing). */
struct text batch_refusal_words(const struct batch_item *item, enum lang lang, struct buf *out,
                                struct text *ret_advice);
