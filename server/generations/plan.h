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

/* How far a variation goes from its picture, for who does not know the endpoint's own number. */
enum plan_change { PLAN_CHANGE_NONE, PLAN_CHANGE_LITTLE, PLAN_CHANGE_MEDIUM, PLAN_CHANGE_MUCH };
/* "little", "medium", "much"; the second is a json_custom_fn. */
bool plan_change_read(const char *word, enum plan_change *ret); /* false: none of these */
void plan_change_decode(yajl_val value, void *at, const char *field, struct faults *faults);

/* The picture that a variation starts from, and how. The numbers are given for themselves only; without any of them,
   and without a change, each endpoint has its usual one. */
struct plan_source {
    int64_t width, height; /* pixels */
    enum plan_change change;
    bool has_strength, has_image_prompt_strength;
    double strength;              /* of image to image: 0.01 keeps nearly everything, 1 nothing */
    double image_prompt_strength; /* of a finetune with a picture beside its prompt: 0 keeps nothing, 1 the most */
    bool is_kept;                 /* it is made anew: a number that the endpoint does not take is left out */
};

/* What is borrowed need only live during plan_make. */
struct plan_request {
    const struct avatar_model *model;
    struct text prompt;        /* valid UTF-8; at is NULL: not known yet */
    const char *preset;        /* NULL or "": the default one */
    const char *aspect_ratio;  /* NULL or "": none */
    struct plan_size size;     /* all zero: none */
    int64_t num_images;        /* 0: the preset's, else 1 */
    struct settings overrides; /* decoded with settings_fields */
    bool unchecked;            /* the operator's wish: the provider does not look for indecency */
    /* Of what is made anew; all NULL for what is wished for the first time. */
    const struct settings *kept;      /* in place of the preset's; what the endpoint does not take is left out, and a
                                         size that it does not take becomes the ratio nearest to it, and back */
    const struct plan_source *source; /* the picture to start from, where the model has an endpoint for that */
    const char *endpoint;             /* this one and no other */
};

struct plan {
    const struct endpoint *endpoint; /* of the catalogue */
    const struct preset *preset;     /* of the catalogue */
    struct buf final_prompt;
    struct buf input;      /* one JSON object for fal.ai, all but the seed; contains the LoRA's URL */
    struct buf parameters; /* one JSON object for our own API: settings and size, no prompt, no URL */
    int64_t num_images;
    bool sends_source;            /* the provider needs the address of the request's source, as "image_url" */
    int64_t price;                /* credits, for all images */
    struct span expected_seconds; /* usual time from submission to result */
};

/* Fills *ret, which the caller ends with plan_done. On false *ret is empty and either reterr->kind is set
   (ERR_CONFLICT: lora_missing, finetune_missing, endpoint_gone, source_missing), or it is ERR_NONE and faults has
   entries, under the names of a request's fields: prompt, preset, num_images, image_size[.width|.height], aspect_ratio,
   overrides.x, strength, image_prompt_strength, change. */
bool plan_make(const struct catalog *catalog, const struct plan_request *request, struct plan *ret,
               struct faults *faults, struct err *reterr);
void plan_done(struct plan *plan);

/* The body of the submission, from plan.input as it was kept in a row. source_url: of the picture; NULL: none. */
void plan_write_sent(struct text input, const char *source_url, uint64_t seed, struct json_out *out);
/* The same without the seed: what attempts of the same wish have in common. */
void plan_write_sent_seedless(struct text input, const char *source_url, struct json_out *out);
