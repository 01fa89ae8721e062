#pragma once
/* A batch as its page shows it: templates/batch/show.mustache. */
#include "batches/batch.h"
#include "http/call.h"
#include "view/value.h"

struct batch_view;
extern const struct view_type batch_view_type;

/* items of batch_items, images of batch_images. All of it lives as long as the call, as its rows must. */
const struct batch_view *batch_view_make(struct call *call, const struct batch_shown *shown, const PGresult *items,
                                         const PGresult *images);
