#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/catalog_inside.h"

const struct preset *catalog_preset(const struct catalog *catalog, const char *name)
{
    for (int i = 0; i < catalog->presets.presets.count; i++)
        if (strcmp(catalog->presets.presets.at[i].name, name) == 0)
            return &catalog->presets.presets.at[i];
    return NULL;
}

const char *catalog_preset_title(const struct catalog *catalog, const char *name, enum lang lang)
{
    const struct preset *preset = catalog_preset(catalog, name);

    return preset ? words_in(&preset->title, lang) : name;
}

const struct training_preset *catalog_training_preset(const struct catalog *catalog, const char *name)
{
    for (int i = 0; i < catalog->presets.training_presets.count; i++)
        if (strcmp(catalog->presets.training_presets.at[i].name, name) == 0)
            return &catalog->presets.training_presets.at[i];
    return NULL;
}

const struct image_size *catalog_image_size(const struct catalog *catalog, const char *name)
{
    for (int i = 0; i < catalog->sizes.image_sizes.count; i++)
        if (strcmp(catalog->sizes.image_sizes.at[i].name, name) == 0)
            return &catalog->sizes.image_sizes.at[i];
    return NULL;
}

const struct endpoint *catalog_endpoint(const struct catalog *catalog, const char *id)
{
    for (int i = 0; i < catalog->registry.endpoints.count; i++)
        if (strcmp(catalog->registry.endpoints.at[i].id, id) == 0)
            return &catalog->registry.endpoints.at[i];
    return NULL;
}

bool catalog_has_gone(const struct catalog *catalog, const char *endpoint, const char *switched)
{
    const struct endpoint *known = catalog_endpoint(catalog, endpoint);
    enum endpoint_state state = known ? known->shipped.state : ENDPOINT_ACTIVE;

    return (!switched || endpoint_state_read(switched, &state)) && state == ENDPOINT_GONE;
}

bool catalog_has_aspect_ratio(const struct catalog *catalog, const char *ratio)
{
    for (int i = 0; i < catalog->sizes.aspect_ratios.count; i++)
        if (strcmp(catalog->sizes.aspect_ratios.at[i], ratio) == 0)
            return true;
    return false;
}

const struct preset *catalog_preset_at(const struct catalog *catalog, int index)
{
    return index < catalog->presets.presets.count ? &catalog->presets.presets.at[index] : NULL;
}

const struct training_preset *catalog_training_preset_at(const struct catalog *catalog, int index)
{
    return index < catalog->presets.training_presets.count ? &catalog->presets.training_presets.at[index] : NULL;
}

const struct image_size *catalog_image_size_at(const struct catalog *catalog, int index)
{
    return index < catalog->sizes.image_sizes.count ? &catalog->sizes.image_sizes.at[index] : NULL;
}

const struct endpoint *catalog_endpoint_at(const struct catalog *catalog, int index)
{
    return index < catalog->registry.endpoints.count ? &catalog->registry.endpoints.at[index] : NULL;
}

const char *catalog_aspect_ratio_at(const struct catalog *catalog, int index)
{
    return index < catalog->sizes.aspect_ratios.count ? catalog->sizes.aspect_ratios.at[index] : NULL;
}

const struct preset *catalog_default_preset(const struct catalog *catalog)
{
    return catalog_preset(catalog, catalog->presets.default_preset);
}

const struct training_preset *catalog_default_training_preset(const struct catalog *catalog)
{
    return catalog_training_preset(catalog, catalog->presets.default_training_preset);
}

const char *catalog_default_aspect_ratio(const struct catalog *catalog) { return catalog->sizes.default_aspect_ratio; }

double catalog_default_lora_scale(const struct catalog *catalog) { return catalog->presets.default_lora_scale; }

struct span catalog_custom_size(const struct catalog *catalog) { return catalog->sizes.custom_size; }

const struct endpoint *catalog_routed(const struct catalog *catalog, enum catalog_route route)
{
    const struct catalog_routes *routes = &catalog->registry.routes;
    const char *const IDS[CATALOG_ROUTES] = {
        [CATALOG_LORA] = routes->lora,
        [CATALOG_FINETUNE] = routes->finetune,
        [CATALOG_ULTRA] = routes->ultra,
        [CATALOG_LORA_VARIATION] = routes->lora_variation,
        [CATALOG_PORTRAIT_TRAINING] = routes->portrait_training,
        [CATALOG_STYLE_TRAINING] = routes->style_training,
    };

    return catalog_endpoint(catalog, IDS[route]);
}

const char *catalog_route_word(enum catalog_route route)
{
    static const char *const WORDS[CATALOG_ROUTES] = {
        [CATALOG_LORA] = "lora",
        [CATALOG_FINETUNE] = "finetune",
        [CATALOG_ULTRA] = "ultra",
        [CATALOG_LORA_VARIATION] = "lora_variation",
        [CATALOG_PORTRAIT_TRAINING] = "portrait_training",
        [CATALOG_STYLE_TRAINING] = "style_training",
    };

    return WORDS[route];
}

void catalog_switch(struct catalog *catalog, const struct endpoint *endpoint, enum endpoint_state state,
                    const struct endpoint *replacement)
{
    struct endpoint *own = &catalog->registry.endpoints.at[endpoint - catalog->registry.endpoints.at];

    atomic_store(&own->instead, replacement);
    atomic_store(&own->state, (int)state);
}

void catalog_close(struct catalog *catalog) { free(catalog); }
