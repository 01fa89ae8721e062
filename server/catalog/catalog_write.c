#include "catalog/catalog_write.h"

#include <string.h>

/* NULL: nothing speaks against it. */
static const char *reason_against(const struct catalog *catalog, const struct preset *preset,
                                  const struct avatar_model *or_null)
{
    const struct endpoint *endpoint;
    struct err err;

    if (!or_null || catalog_choose_endpoint(catalog, or_null, preset->settings.use_ultra, &endpoint, &err))
        return NULL;
    if (strcmp(err.code, "endpoint_gone") == 0)
        return "endpoint_gone";
    return strcmp(err.code, "preset_not_supported") == 0 ? "preset_not_supported" : NULL;
}

static void write_parameters(struct json_out *out, const struct preset *preset)
{
    json_key(out, "parameters");
    json_object(out);
    json_key_text(out, "image_size", preset->image_size);
    if (*preset->aspect_ratio)
        json_key_text(out, "aspect_ratio", preset->aspect_ratio);
    if (preset->num_images)
        json_key_int64(out, "num_images", preset->num_images);
    settings_write(out, &preset->settings);
    json_end_object(out);
}

static void write_preset(struct json_out *out, const struct preset *preset, const char *reason)
{
    json_object(out);
    json_key_text(out, "name", preset->name);
    words_write(out, "title", &preset->title);
    words_write(out, "description", &preset->description);
    span_write(out, "expected_seconds", preset->expected_seconds);
    write_parameters(out, preset);
    json_key_bool(out, "supported", !reason);
    json_key_text(out, "reason", reason);
    json_end_object(out);
}

static void write_training_preset(struct json_out *out, const struct training_preset *preset)
{
    json_object(out);
    json_key_text(out, "name", preset->name);
    words_write(out, "title", &preset->title);
    words_write(out, "description", &preset->description);
    json_key(out, "portrait");
    json_object(out);
    json_key_int64(out, "steps", preset->portrait.steps);
    json_key_double(out, "learning_rate", preset->portrait.learning_rate);
    span_write(out, "expected_minutes", preset->portrait.expected_minutes);
    json_end_object(out);
    json_key(out, "style");
    json_object(out);
    json_key_int64(out, "iterations", preset->style.iterations);
    json_key_text(out, "priority", preset->style.priority);
    span_write(out, "expected_minutes", preset->style.expected_minutes);
    json_end_object(out);
    json_end_object(out);
}

static void write_image_size(struct json_out *out, const struct image_size *size)
{
    json_object(out);
    json_key_text(out, "name", size->name);
    words_write(out, "title", &size->title);
    json_key_int64(out, "width", size->width);
    json_key_int64(out, "height", size->height);
    json_end_object(out);
}

static void write_sizes(struct json_out *out, const struct catalog *catalog)
{
    const struct image_size *size;
    const char *ratio;

    json_key(out, "image_sizes");
    json_array(out);
    for (int i = 0; (size = catalog_image_size_at(catalog, i)); i++)
        write_image_size(out, size);
    json_end_array(out);
    span_write(out, "custom_size", catalog_custom_size(catalog));
    json_key(out, "aspect_ratios");
    json_array(out);
    for (int i = 0; (ratio = catalog_aspect_ratio_at(catalog, i)); i++)
        json_text(out, text_of(ratio));
    json_end_array(out);
}

void catalog_write_presets(struct json_out *out, const struct catalog *catalog, const struct avatar_model *or_null)
{
    const struct training_preset *training;
    const struct preset *preset;

    json_object(out);
    json_key(out, "presets");
    json_array(out);
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        write_preset(out, preset, reason_against(catalog, preset, or_null));
    json_end_array(out);
    json_key(out, "training_presets");
    json_array(out);
    for (int i = 0; (training = catalog_training_preset_at(catalog, i)); i++)
        write_training_preset(out, training);
    json_end_array(out);
    write_sizes(out, catalog);
    json_end_object(out);
}
