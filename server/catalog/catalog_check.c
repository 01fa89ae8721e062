/* The checks across the data files: what they name must exist, what they give must be in range. */
#include <string.h>

#include "catalog/catalog_inside.h"
#include "catalog/safety.h"

static bool bad(struct err *reterr, const char *place, const char *name, const char *why)
{
    return err_set(reterr, ERR_INTERNAL, "data_file", "%s \"%s\": %s", place, name, why);
}

/* The name that stands twice among count names, each at the start of an item; NULL: none. */
static const char *doubled(const void *items, size_t size, int count)
{
    const char *names = items;

    for (size_t i = 0; i < (size_t)count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(names + i * size, names + j * size) == 0)
                return names + i * size;
    return NULL;
}

static bool check_names(const struct catalog *c, struct err *reterr)
{
    const struct preset_list *presets = &c->presets.presets;
    const struct training_preset_list *trainings = &c->presets.training_presets;
    const struct image_size_list *sizes = &c->sizes.image_sizes;
    const struct endpoint_list *endpoints = &c->registry.endpoints;
    const char *name;

    if ((name = doubled(presets->at, sizeof presets->at[0], presets->count)))
        return bad(reterr, "presets.json: presets", name, "stands twice");
    if ((name = doubled(trainings->at, sizeof trainings->at[0], trainings->count)))
        return bad(reterr, "presets.json: training_presets", name, "stands twice");
    if ((name = doubled(sizes->at, sizeof sizes->at[0], sizes->count)))
        return bad(reterr, "image_sizes.json: image_sizes", name, "stands twice");
    if ((name = doubled(endpoints->at, sizeof endpoints->at[0], endpoints->count)))
        return bad(reterr, "endpoints.json: endpoints", name, "stands twice");
    return true;
}

static bool check_defaults(const struct catalog *c, struct err *reterr)
{
    if (!catalog_default_preset(c))
        return bad(reterr, "presets.json: default_preset", c->presets.default_preset, "no such preset");
    if (!catalog_default_training_preset(c))
        return bad(reterr, "presets.json: default_training_preset", c->presets.default_training_preset,
                   "no such preset");
    if (!catalog_has_aspect_ratio(c, c->sizes.default_aspect_ratio))
        return bad(reterr, "image_sizes.json: default_aspect_ratio", c->sizes.default_aspect_ratio,
                   "not among aspect_ratios");
    return true;
}

static bool default_fits(const struct parameter *p)
{
    switch (p->type) {
    case PARAMETER_INTEGER:
    case PARAMETER_NUMBER: return !*p->otherwise.text && parameter_takes_number(p, p->otherwise.number);
    case PARAMETER_BOOLEAN: return !*p->otherwise.text;
    case PARAMETER_ENUM: return parameter_takes_option(p, p->otherwise.text);
    default: return false;
    }
}

static const char *fault_of_parameter(const struct parameter *p)
{
    bool ranged = p->type == PARAMETER_INTEGER || p->type == PARAMETER_NUMBER || p->type == PARAMETER_IMAGE_SIZE ||
                  p->type == PARAMETER_LORAS;

    if (ranged && (p->max <= 0 || p->min > p->max))
        return "needs min and max";
    if (!ranged && (p->min > 0 || p->max > 0))
        return "has no range";
    if ((p->type == PARAMETER_ENUM) != (p->options.count > 0))
        return "options belong to an enum, and to nothing else";
    return p->otherwise.given && !default_fits(p) ? "has a default that it would not take" : NULL;
}

static bool check_parameters(const struct endpoint *endpoint, struct err *reterr)
{
    const struct parameter_list *list = &endpoint->parameters;
    const char *name = doubled(list->at, sizeof list->at[0], list->count);

    if (name)
        return bad(reterr, "endpoints.json: parameter", name, "stands twice");
    for (int i = 0; i < list->count; i++) {
        const char *why = fault_of_parameter(&list->at[i]);
        if (why)
            return err_set(reterr, ERR_INTERNAL, "data_file", "endpoints.json: \"%s\": parameter \"%s\" %s",
                           endpoint->id, list->at[i].name, why);
    }
    return true;
}

/* What every generation relies on. */
static const char *missing_parameter(const struct endpoint *endpoint)
{
    static const char *const NEEDED[] = {"prompt", "seed", "num_images"};

    for (size_t i = 0; endpoint->kind != ENDPOINT_TRAINING && i < sizeof NEEDED / sizeof NEEDED[0]; i++)
        if (!endpoint_parameter(endpoint, NEEDED[i]))
            return NEEDED[i];
    return NULL;
}

static bool check_sizes_of(const struct catalog *c, const struct endpoint *endpoint, struct err *reterr)
{
    const struct parameter *size = endpoint_parameter(endpoint, "image_size");
    const struct parameter *ratio = endpoint_parameter(endpoint, "aspect_ratio");
    struct span custom = c->sizes.custom_size;

    if (size && (custom.min > custom.max || !parameter_takes_number(size, (double)custom.min) ||
                 !parameter_takes_number(size, (double)custom.max)))
        return bad(reterr, "image_sizes.json: custom_size: out of the range of", endpoint->id, "image_size");
    for (int i = 0; ratio && i < c->sizes.aspect_ratios.count; i++)
        if (!parameter_takes_option(ratio, c->sizes.aspect_ratios.at[i]))
            return bad(reterr, "image_sizes.json: aspect_ratios", c->sizes.aspect_ratios.at[i], "no endpoint takes it");
    return true;
}

static const char *fault_of_replacement(const struct endpoint *endpoint, const struct endpoint *replacement)
{
    if (!replacement || replacement == endpoint)
        return "no such other endpoint";
    return replacement->kind == endpoint->kind ? NULL : "is of another kind";
}

static bool check_endpoints(const struct catalog *c, struct err *reterr)
{
    const struct endpoint *e;
    const char *why;

    for (int i = 0; (e = catalog_endpoint_at(c, i)); i++) {
        if (missing_parameter(e))
            return bad(reterr, "endpoints.json: it must take prompt, seed and num_images:", e->id,
                       missing_parameter(e));
        if (*e->shipped.replacement && (why = fault_of_replacement(e, catalog_endpoint(c, e->shipped.replacement))))
            return bad(reterr, "endpoints.json: replacement of", e->id, why);
        if (!check_parameters(e, reterr) || !check_sizes_of(c, e, reterr))
            return false;
    }
    return true;
}

static bool check_routes(const struct catalog *c, struct err *reterr)
{
    static const enum endpoint_kind KINDS[CATALOG_ROUTES] = {
        [CATALOG_LORA] = ENDPOINT_GENERATION,
        [CATALOG_FINETUNE] = ENDPOINT_GENERATION,
        [CATALOG_ULTRA] = ENDPOINT_GENERATION,
        [CATALOG_LORA_VARIATION] = ENDPOINT_VARIATION,
        [CATALOG_PORTRAIT_TRAINING] = ENDPOINT_TRAINING,
        [CATALOG_STYLE_TRAINING] = ENDPOINT_TRAINING,
    };

    for (int route = 0; route < CATALOG_ROUTES; route++) {
        const struct endpoint *endpoint = catalog_routed(c, (enum catalog_route)route);
        if (!endpoint)
            return err_set(reterr, ERR_INTERNAL, "data_file", "endpoints.json: routes: entry %d names no endpoint",
                           route + 1);
        if (endpoint->kind != KINDS[route])
            return bad(reterr, "endpoints.json: routes", endpoint->id, "is of another kind");
    }
    return true;
}

static bool check_preset_on(const struct preset *preset, const struct endpoint *endpoint, struct err *reterr)
{
    struct settings settings = preset->settings;
    struct faults faults = {0};

    settings_narrow(&settings, endpoint);
    if (settings_check(&settings, endpoint, "", &faults) &&
        safety_check(preset, endpoint, settings.safety_tolerance, "max_safety_tolerance", &faults))
        return true;
    return err_set(reterr, ERR_INTERNAL, "data_file", "presets.json: preset \"%s\": %s: %s for %s", preset->name,
                   faults.items[0].field, faults.items[0].code, endpoint->id);
}

static const char *fault_of_preset(const struct catalog *c, const struct preset *preset)
{
    const struct settings_given *given = &preset->settings.given;

    if (!given->num_inference_steps || !given->guidance_scale || !given->finetune_strength || !given->safety_tolerance)
        return "needs num_inference_steps, guidance_scale, finetune_strength and safety_tolerance";
    if (!catalog_image_size(c, preset->image_size))
        return "names no image size";
    if (*preset->aspect_ratio && !catalog_has_aspect_ratio(c, preset->aspect_ratio))
        return "names no aspect ratio";
    return preset->expected_seconds.min > preset->expected_seconds.max ? "expected_seconds: min is over max" : NULL;
}

static bool check_presets(const struct catalog *c, struct err *reterr)
{
    const struct endpoint *endpoint;
    const struct preset *preset;

    for (int i = 0; (preset = catalog_preset_at(c, i)); i++) {
        const char *why = fault_of_preset(c, preset);
        if (why)
            return bad(reterr, "presets.json: preset", preset->name, why);
        for (int j = 0; (endpoint = catalog_endpoint_at(c, j)); j++)
            if (endpoint->kind != ENDPOINT_TRAINING && !check_preset_on(preset, endpoint, reterr))
                return false;
    }
    return true;
}

static bool takes(const struct endpoint *endpoint, const char *name, double value)
{
    const struct parameter *parameter = endpoint_parameter(endpoint, name);

    return !parameter || parameter_takes_number(parameter, value); /* what is not taken is not sent */
}

static bool check_training_presets(const struct catalog *c, struct err *reterr)
{
    const struct endpoint *portrait = catalog_routed(c, CATALOG_PORTRAIT_TRAINING);
    const struct endpoint *style = catalog_routed(c, CATALOG_STYLE_TRAINING);
    const struct parameter *priority = endpoint_parameter(style, "priority");
    const struct training_preset *preset;

    for (int i = 0; (preset = catalog_training_preset_at(c, i)); i++) {
        if (!takes(portrait, "steps", (double)preset->portrait.steps) ||
            !takes(portrait, "learning_rate", preset->portrait.learning_rate))
            return bad(reterr, "presets.json: training preset", preset->name, "portrait: out of range");
        if (!takes(style, "iterations", (double)preset->style.iterations) ||
            (priority && !parameter_takes_option(priority, preset->style.priority)))
            return bad(reterr, "presets.json: training preset", preset->name, "style: out of range");
    }
    return true;
}

bool catalog_check(const struct catalog *catalog, struct err *reterr)
{
    return check_names(catalog, reterr) && check_defaults(catalog, reterr) && check_endpoints(catalog, reterr) &&
           check_routes(catalog, reterr) && check_presets(catalog, reterr) && check_training_presets(catalog, reterr);
}
