#pragma once
/* The two texts of a plan: what fal.ai gets and what our own API shows. */
#include "generations/plan.h"

/* A judged wish, every value decided; settings holds only what the endpoint takes. */
struct plan_draft {
    const struct endpoint *endpoint;
    const struct avatar_model *model;
    struct text prompt; /* the final one */
    struct settings settings;
    struct plan_size size;    /* name, or width and height; sent where image_size is taken */
    const char *aspect_ratio; /* sent where it is taken */
    bool sends_source;        /* with the strength of its endpoint, or both */
    double strength, image_prompt_strength;
    int64_t num_images;
    bool unchecked;
};

void plan_write_draft(const struct plan_draft *draft, struct json_out *out); /* without the seed */
void plan_write_parameters(const struct plan_draft *draft, struct json_out *out);
