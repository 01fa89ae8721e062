#pragma once
/* What each endpoint takes, and fal.ai's words when an input is something else. Like the models themselves (pydantic),
   unknown members are ignored, numbers may come as text, and every fault is reported at once. */
#include <stdbool.h>
#include <yajl/yajl_tree.h>

#include "base/buf.h"
#include "base/text.h"

enum sim_model {
    MODEL_FLUX_LORA,
    MODEL_FLUX_LORA_VARIATION, /* image to image */
    MODEL_FLUX_PRO,            /* with a finetune */
    MODEL_FLUX_ULTRA,
    MODEL_PORTRAIT_TRAINER,
    MODEL_FAST_TRAINER,
    MODEL_PRO_TRAINER,
};

struct sim_endpoint {
    const char *id;
    enum sim_model model;
    const struct sim_field *fields;
};

const struct sim_endpoint *sim_endpoint_named(struct text id);
/* Is owner/alias the beginning of a known endpoint, so that a submission to it is taken? */
bool sim_app_exists(struct text app);
bool sim_model_trains(enum sim_model model);

/* True: the input is fine. False: *detail has got the elements of the array "detail" of a 422 answer, without its
   brackets. */
bool sim_schema_check(const struct sim_endpoint *endpoint, yajl_val input, struct buf *detail);

/* One element of "detail"; ctx is a JSON object or NULL. For faults that are found behind the schema. */
void sim_schema_add(struct buf *detail, const char *field, const char *type, const char *message, const char *ctx);

/* The value as the model would take it: of the input, else the default. */
double sim_number(yajl_val input, const char *name, double otherwise);
bool sim_bool(yajl_val input, const char *name, bool otherwise);
const char *sim_text(yajl_val input, const char *name, const char *otherwise);
/* Pixels of a preset or an object; false when image_size is absent. */
bool sim_image_size(yajl_val input, int *retwidth, int *retheight);
