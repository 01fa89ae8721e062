#pragma once
/* From a wish for images to exactly what is sent to fal.ai: endpoint, final prompt, parameters, price. Pure: no I/O,
   so it is made when a request is judged and may be made again, with the same result, by a worker.
   The seed is no part of a plan: without one from the user every attempt has its own. */
#include "base/buf.h"
#include "base/faults.h"
#include "catalog/catalog.h"
#include "json/json_out.h"

enum { PLAN_PROMPT_MAX = 1000 /* code points */ };

/* One of: nothing; a name; width and height in pixels. */
struct plan_size {
    char name[164];
    int64_t width, height;
};

/* A json_custom_fn for a struct plan_size: "square_hd" or {"width": 640, "height": 800}. */
void plan_size_decode(yajl_val value, void *at, const char *field, struct faults *faults);

/* What is borrowed need only live during plan_make. */
struct plan_request {
    const struct avatar_model *model;
    struct text prompt;        /* valid UTF-8 */
    const char *preset;        /* NULL or "": the default one */
    const char *aspect_ratio;  /* NULL or "": none */
    struct plan_size size;     /* all zero: none */
    int64_t num_images;        /* 0: the preset's, else 1 */
    struct settings overrides; /* decoded with settings_fields */
};

struct plan {
    const struct endpoint *endpoint; /* of the catalogue */
    const struct preset *preset;     /* of the catalogue */
    struct buf final_prompt;
    struct buf input;      /* one JSON object for fal.ai, all but the seed; contains the LoRA's URL */
    struct buf parameters; /* one JSON object for our own API: settings and size, no prompt, no URL */
    int64_t num_images;
    int64_t price;                /* credits, for all images */
    struct span expected_seconds; /* usual time from submission to result */
};

/* Fills *ret, which the caller ends with plan_done. On false *ret is empty and either reterr->kind is set
   (ERR_CONFLICT: lora_missing, finetune_missing, endpoint_gone), or it is ERR_NONE and faults has entries, under the
   names of a request's fields: prompt, preset, num_images, image_size[.width|.height], aspect_ratio, overrides.x. */
bool plan_make(const struct catalog *catalog, const struct plan_request *request, struct plan *ret,
               struct faults *faults, struct err *reterr);
void plan_done(struct plan *plan);

/* The body of the submission. */
void plan_write_input(const struct plan *plan, uint64_t seed, struct json_out *out);
/* The same from plan.input as it was kept in a row. */
void plan_write_kept_input(struct text input, uint64_t seed, struct json_out *out);
