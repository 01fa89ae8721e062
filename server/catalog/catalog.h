#pragma once
/* The catalogue: presets, image sizes and the endpoint registry, from the data files in {root}/server/catalog/data.
   Opened once at start; immutable afterwards but for the states of endpoints, which are atomics: all threads may read
   it while somebody switches one. What the look-ups return belongs to the catalogue and lives as long as it. */
#include "base/err.h"
#include "catalog/avatar_model.h"
#include "catalog/endpoint.h"
#include "catalog/preset.h"

struct catalog;

enum { CATALOG_ENDPOINTS_MAX = 24 };

struct image_size {
    char name[24];
    struct words title;
    int64_t width, height; /* pixels */
};

/* NULL: a fault in the data, in words with file and place (ERR_INTERNAL, "data_file"). */
struct catalog *catalog_open(const char *root, struct err *reterr);
void catalog_close(struct catalog *catalog); /* NULL is fine */

/* NULL: no such thing. */
const struct preset *catalog_preset(const struct catalog *catalog, const char *name);
const struct training_preset *catalog_training_preset(const struct catalog *catalog, const char *name);
const struct image_size *catalog_image_size(const struct catalog *catalog, const char *name);
const struct endpoint *catalog_endpoint(const struct catalog *catalog, const char *id);
/* Is that endpoint gone, by the state to which it has been switched (NULL: it has not), whatever has come here yet? */
bool catalog_has_gone(const struct catalog *catalog, const char *endpoint, const char *switched);
bool catalog_has_aspect_ratio(const struct catalog *catalog, const char *ratio);
/* For people; of a preset that is no more, its name. */
const char *catalog_preset_title(const struct catalog *catalog, const char *name, enum lang lang);

/* In the order of the files; NULL behind the last. */
const struct preset *catalog_preset_at(const struct catalog *catalog, int index);
const struct training_preset *catalog_training_preset_at(const struct catalog *catalog, int index);
const struct image_size *catalog_image_size_at(const struct catalog *catalog, int index);
const struct endpoint *catalog_endpoint_at(const struct catalog *catalog, int index);
const char *catalog_aspect_ratio_at(const struct catalog *catalog, int index);

const struct preset *catalog_default_preset(const struct catalog *catalog);
const struct training_preset *catalog_default_training_preset(const struct catalog *catalog);
const char *catalog_default_aspect_ratio(const struct catalog *catalog);
double catalog_default_lora_scale(const struct catalog *catalog); /* when neither preset nor avatar give one */
struct span catalog_custom_size(const struct catalog *catalog);   /* of either side, in pixels */

/* Which endpoint serves what. */
enum catalog_route {
    CATALOG_LORA,
    CATALOG_FINETUNE,
    CATALOG_ULTRA,
    CATALOG_LORA_VARIATION,
    CATALOG_PORTRAIT_TRAINING,
    CATALOG_STYLE_TRAINING,
    CATALOG_ROUTES
};
const char *catalog_route_word(enum catalog_route route); /* as the data file calls it */
const struct endpoint *catalog_routed(const struct catalog *catalog, enum catalog_route route);

/* Switches an endpoint of the catalogue, for this process: what holds for all stands in the table endpoint_states, from
   which endpoints/endpoint_watch brings it here. replacement NULL: none. */
void catalog_switch(struct catalog *catalog, const struct endpoint *endpoint, enum endpoint_state state,
                    const struct endpoint *replacement);

/* Can a generation be sent to this endpoint with that model? */
bool catalog_endpoint_fits(const struct endpoint *endpoint, const struct avatar_model *model);

/* Of settings whose endpoint is not known yet: adds a fault under "{prefix}{name}" for each value that no endpoint of
   pictures would take. True when there was none. */
bool catalog_check_settings(const struct catalog *catalog, const struct settings *settings, const char *prefix,
                            struct faults *faults);
/* What is used when nothing is overridden: the preset's, the rest by the avatar's model, cut to what the endpoint
   takes. */
struct settings catalog_settings_of(const struct catalog *catalog, const struct preset *preset,
                                    const struct avatar_model *model, const struct endpoint *endpoint);

/* The endpoint for a generation. One that is deprecated or gone gives way to its replacement when the model fits that;
   one that is gone and has none is an error. False, with *ret unchanged and ERR_CONFLICT: lora_missing,
   finetune_missing, endpoint_gone; or ERR_INVALID: preset_not_supported (ultra for a model that is not a finetune). */
bool catalog_choose_endpoint(const struct catalog *catalog, const struct avatar_model *model, bool ultra,
                             const struct endpoint **ret, struct err *reterr);
