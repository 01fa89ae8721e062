/* Single parameters, as all the endpoints together see them. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog_inside.h"

static void widen(struct parameter *widest, const struct parameter *by)
{
    if (!*widest->name)
        *widest = *by;
    widest->min = by->min < widest->min ? by->min : widest->min;
    widest->max = by->max > widest->max ? by->max : widest->max;
    for (int i = 0; i < by->options.count && widest->options.count < PARAMETER_OPTIONS_MAX; i++)
        if (!parameter_takes_option(widest, by->options.at[i]))
            memcpy(widest->options.at[widest->options.count++], by->options.at[i], sizeof by->options.at[i]);
}

bool catalog_check_settings(const struct catalog *catalog, const struct settings *settings, const char *prefix,
                            struct faults *faults)
{
    int before = faults->count;

    for (const struct json_field *f = settings_fields; f->name; f++) {
        const struct endpoint *endpoint;
        const struct parameter *parameter;
        struct parameter widest = {0};
        char name[sizeof faults->items[0].field];
        for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++)
            if (endpoint->kind != ENDPOINT_TRAINING && (parameter = settings_parameter(endpoint, f)))
                widen(&widest, parameter);
        (void)snprintf(name, sizeof name, "%s%s", prefix, f->name);
        if (*widest.name && settings_has(settings, f))
            (void)settings_check_value(settings, f, &widest, name, faults);
    }
    return faults->count == before;
}

struct settings catalog_settings_of(const struct catalog *catalog, const struct preset *preset,
                                    const struct avatar_model *model, const struct endpoint *endpoint)
{
    struct settings settings = preset->settings;

    if (!settings.given.lora_scale)
        settings.lora_scale =
            model->has_default_lora_scale ? model->default_lora_scale : catalog_default_lora_scale(catalog);
    settings.given.lora_scale = true;
    settings_narrow(&settings, endpoint);
    return settings;
}
