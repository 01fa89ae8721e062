#pragma once
/* What a preset would be with an avatar: where it goes, what it costs, what may be changed about it. Pages and the API
   build their forms from it. */
#include "base/messages.h"
#include "catalog/catalog.h"

struct preset_offer {
    const struct preset *preset;
    const char *reason;                /* why it cannot be had, a code of the messages; NULL: it can */
    const struct endpoint *endpoint;   /* NULL: not known, for there is no model yet, or it cannot be had */
    const struct endpoint *instead_of; /* the one whose place that has taken; NULL: it is the usual one */
    /* With an endpoint: */
    int64_t price;                        /* credits a picture */
    struct settings settings;             /* what is used when nothing is overridden */
    const struct parameter *num_images;   /* its range */
    const struct parameter *image_size;   /* NULL: it takes none */
    const struct parameter *aspect_ratio; /* NULL: it takes none */
};

/* model NULL, or one that is not trained yet, rules out only what such an avatar can never have. */
struct preset_offer catalog_offer(const struct catalog *catalog, const struct preset *preset,
                                  const struct avatar_model *model);

/* What works when something is gone: presets of this avatar, and types of avatars. */
struct catalog_suggestion {
    int count;
    const struct preset *presets[24];
    bool portrait, style;
};
struct catalog_suggestion catalog_suggest(const struct catalog *catalog, const struct avatar_model *model);
/* In a sentence or two. */
void catalog_suggestion_say(const struct catalog_suggestion *suggestion, enum lang lang, char *to, size_t room);
/* An object {presets, avatar_types}. */
void catalog_suggestion_write(struct json_out *out, const struct catalog_suggestion *suggestion);
