#pragma once
/* What somebody asks for, before anything of it is judged. */
#include "base/uuid.h"
#include "catalog/settings.h"
#include "generations/plan.h"
#include "styles/style.h"

struct generation_wish {
    char prompt[4 * PLAN_PROMPT_MAX + 1]; /* "": a style's; of an own style its text is put here */
    char template_id[STYLE_ID_ROOM];      /* a style; "": none */
    struct style_chosen choices;          /* for the style */
    struct uuid avatar_id;                /* "": the main one */
    char preset[40];                      /* "": the user's own, else the catalogue's */
    char aspect_ratio[40];                /* "": none */
    int64_t num_images;                   /* 0: the preset's */
    struct plan_size image_size;          /* all zero: none */
    bool has_seed;
    uint64_t seed;
    struct settings overrides;
    bool batch;   /* after everything that somebody waits for */
    bool dry_run; /* it is only shown what would be made */
    /* What it comes from, set by routes and never by a body */
    struct uuid parent_image, retry_of; /* "": none */
    struct uuid source_image;           /* the picture to start from, where the model has an endpoint for that */
    struct plan_source source;          /* of that picture, and how far to go from it */
    char source_key[80];                /* of its object */
    bool has_kept;
    struct settings kept; /* of what is made anew: in place of the preset's */
    char kept_style[STYLE_ID_ROOM],
        kept_variant[STYLE_NAME_ROOM]; /* where its words came from; "": from nowhere else */
    char endpoint[64];                 /* this one and no other; "": chosen */
};
