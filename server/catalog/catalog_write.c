#include "catalog/catalog_write.h"

#include <string.h>

#include "catalog/catalog_offer.h"
#include "catalog/safety.h"

static void write_ratios(struct json_out *out, const struct catalog *catalog)
{
    const char *ratio;

    json_array(out);
    for (int i = 0; (ratio = catalog_aspect_ratio_at(catalog, i)); i++)
        json_text(out, text_of(ratio));
    json_end_array(out);
}

static void write_size_names(struct json_out *out, const struct catalog *catalog)
{
    const struct image_size *size;

    json_array(out);
    for (int i = 0; (size = catalog_image_size_at(catalog, i)); i++)
        json_text(out, text_of(size->name));
    json_end_array(out);
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

static void write_reason(struct json_out *out, const char *reason)
{
    struct text advice, title;

    json_key_bool(out, "supported", !reason);
    json_key_text(out, "reason", reason);
    json_key(out, "reason_text");
    if (!reason) {
        json_null(out);
        return;
    }
    json_object(out);
    for (enum lang lang = LANG_RU; lang <= LANG_EN; lang++) {
        title = message_parts(reason, lang, &advice);
        json_key(out, lang_name(lang));
        json_text(out, advice.at ? advice : title);
    }
    json_end_object(out);
}

static void write_endpoint(struct json_out *out, const struct preset_offer *offer)
{
    json_object(out);
    json_key_text(out, "id", offer->endpoint->id);
    json_key_text(out, "state", endpoint_state_word(endpoint_state(offer->endpoint)));
    json_key_text(out, "instead_of", offer->instead_of ? offer->instead_of->id : NULL);
    json_end_object(out);
}

static void write_range(struct json_out *out, const struct parameter *p, int options)
{
    json_key_text(out, "type", parameter_type_word(p->type == PARAMETER_LORAS ? PARAMETER_NUMBER : p->type));
    if (p->type == PARAMETER_INTEGER || p->type == PARAMETER_NUMBER || p->type == PARAMETER_LORAS) {
        json_key_double(out, "min", p->min);
        json_key_double(out, "max", p->max);
    }
    if (p->type != PARAMETER_ENUM)
        return;
    json_key(out, "options");
    json_array(out);
    for (int i = 0; i < options; i++)
        json_text(out, text_of(p->options.at[i]));
    json_end_array(out);
}

/* Not all that the endpoint takes is for everybody. */
static int options_of(const struct preset *preset, const struct json_field *field, const struct parameter *p)
{
    return strcmp(field->name, "safety_tolerance") == 0 ? safety_options(preset, p) : p->options.count;
}

static void write_default(struct json_out *out, const struct parameter *p)
{
    if (p->type == PARAMETER_BOOLEAN)
        json_bool(out, p->otherwise.number > 0);
    else if (p->type == PARAMETER_ENUM)
        json_text(out, text_of(p->otherwise.text));
    else
        json_double(out, p->otherwise.number);
}

/* By our names; the default is the preset's, else the endpoint's. */
static void write_overrides(struct json_out *out, const struct preset_offer *offer)
{
    json_object(out);
    for (const struct json_field *f = settings_fields; f->name; f++) {
        const struct parameter *p = settings_parameter(offer->endpoint, f);
        if (!p)
            continue;
        json_key(out, f->name);
        json_object(out);
        write_range(out, p, options_of(offer->preset, f, p));
        json_key(out, "default");
        if (settings_has(&offer->settings, f))
            settings_write_value(out, &offer->settings, f);
        else
            write_default(out, p);
        json_end_object(out);
    }
    json_end_object(out);
}

static void write_num_images(struct json_out *out, const struct preset_offer *offer)
{
    json_object(out);
    json_key_int64(out, "min", (int64_t)offer->num_images->min);
    json_key_int64(out, "max", (int64_t)offer->num_images->max);
    json_key_int64(out, "default", offer->preset->num_images ? offer->preset->num_images : 1);
    json_end_object(out);
}

/* What may be said of the shape, and what it is when nothing is. */
static void write_shape(struct json_out *out, const struct catalog *catalog, const struct preset_offer *offer)
{
    const char *ratio =
        *offer->preset->aspect_ratio ? offer->preset->aspect_ratio : catalog_default_aspect_ratio(catalog);

    json_object(out);
    json_key_text(out, "parameter", offer->aspect_ratio ? "aspect_ratio" : "image_size");
    json_key_text(out, "default", offer->aspect_ratio ? ratio : offer->preset->image_size);
    json_key(out, "options");
    if (offer->aspect_ratio)
        write_ratios(out, catalog);
    else
        write_size_names(out, catalog);
    if (!offer->aspect_ratio)
        span_write(out, "custom", catalog_custom_size(catalog));
    else
        json_key_null(out, "custom");
    json_end_object(out);
}

/* What only an endpoint tells: all of it null without one. */
static void write_offer(struct json_out *out, const struct catalog *catalog, const struct preset_offer *offer)
{
    static const char *const KEYS[] = {"endpoint", "price", "num_images", "shape", "overrides"};

    for (size_t i = 0; !offer->endpoint && i < sizeof KEYS / sizeof *KEYS; i++)
        json_key_null(out, KEYS[i]);
    if (!offer->endpoint)
        return;
    json_key(out, "endpoint");
    write_endpoint(out, offer);
    json_key_int64(out, "price", offer->price);
    json_key(out, "num_images");
    write_num_images(out, offer);
    json_key(out, "shape");
    write_shape(out, catalog, offer);
    json_key(out, "overrides");
    write_overrides(out, offer);
}

static void write_preset(struct json_out *out, const struct catalog *catalog, const struct preset_offer *offer)
{
    const struct preset *preset = offer->preset;

    json_object(out);
    json_key_text(out, "name", preset->name);
    words_write(out, "title", &preset->title);
    words_write(out, "description", &preset->description);
    span_write(out, "expected_seconds", preset->expected_seconds);
    write_parameters(out, preset);
    write_reason(out, offer->reason);
    write_offer(out, catalog, offer);
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

    json_key(out, "image_sizes");
    json_array(out);
    for (int i = 0; (size = catalog_image_size_at(catalog, i)); i++)
        write_image_size(out, size);
    json_end_array(out);
    span_write(out, "custom_size", catalog_custom_size(catalog));
    json_key(out, "aspect_ratios");
    write_ratios(out, catalog);
}

void catalog_write_presets(struct json_out *out, const struct catalog *catalog, const struct avatar_model *or_null)
{
    const struct training_preset *training;
    const struct preset *preset;

    json_object(out);
    json_key(out, "presets");
    json_array(out);
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++) {
        struct preset_offer offer = catalog_offer(catalog, preset, or_null);
        write_preset(out, catalog, &offer);
    }
    json_end_array(out);
    json_key(out, "training_presets");
    json_array(out);
    for (int i = 0; (training = catalog_training_preset_at(catalog, i)); i++)
        write_training_preset(out, training);
    json_end_array(out);
    write_sizes(out, catalog);
    json_end_object(out);
}
