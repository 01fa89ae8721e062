#include "catalog/settings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SETTING(kind, member, ...)                                                                                     \
    JSON_FIELD(kind, struct settings, member, .optional = true, .present = offsetof(struct settings, given.member),    \
               __VA_ARGS__)

enum { WORD_MAX = 9 };
#define ANY_NUMBER .min = INT64_MIN, .max = INT64_MAX

const struct json_field settings_fields[] = {
    SETTING(JSON_INT64, num_inference_steps, ANY_NUMBER),
    SETTING(JSON_DOUBLE, guidance_scale, ANY_NUMBER),
    SETTING(JSON_DOUBLE, lora_scale, ANY_NUMBER),
    SETTING(JSON_DOUBLE, finetune_strength, ANY_NUMBER),
    SETTING(JSON_TEXT, safety_tolerance, .min = 1, .max = WORD_MAX),
    SETTING(JSON_TEXT, output_format, .min = 1, .max = WORD_MAX),
    SETTING(JSON_TEXT, acceleration, .min = 1, .max = WORD_MAX),
    SETTING(JSON_BOOL, raw, .min = 0),
    SETTING(JSON_BOOL, enhance_prompt, .min = 0),
    SETTING(JSON_BOOL, use_ultra, .min = 0),
    {0},
};

bool settings_has(const struct settings *settings, const struct json_field *field)
{
    return *((const bool *)((const char *)settings + field->present));
}

void settings_merge(struct settings *to, const struct settings *from)
{
    for (const struct json_field *f = settings_fields; f->name; f++)
        if (settings_has(from, f)) {
            memcpy((char *)to + f->offset, (const char *)from + f->offset, f->size);
            *((bool *)((char *)to + f->present)) = true;
        }
}

const char *settings_wire_name(const struct json_field *field)
{
    if (strcmp(field->name, "lora_scale") == 0)
        return "loras";
    return strcmp(field->name, "use_ultra") == 0 ? NULL : field->name;
}

static const void *value_of(const struct settings *settings, const struct json_field *field)
{
    return (const char *)settings + field->offset;
}

const struct parameter *settings_parameter(const struct endpoint *endpoint, const struct json_field *field)
{
    const char *name = settings_wire_name(field);

    return name ? endpoint_parameter(endpoint, name) : NULL;
}

bool settings_check_value(const struct settings *settings, const struct json_field *field,
                          const struct parameter *parameter, const char *name, struct faults *faults)
{
    const void *value = value_of(settings, field);

    switch (field->type) {
    case JSON_INT64: return parameter_check_number(parameter, (double)*(const int64_t *)value, name, faults);
    case JSON_DOUBLE: return parameter_check_number(parameter, *(const double *)value, name, faults);
    case JSON_TEXT: return parameter_check_option(parameter, value, name, faults);
    default: assert(field->type == JSON_BOOL); return true;
    }
}

bool settings_check(const struct settings *settings, const struct endpoint *endpoint, const char *prefix,
                    struct faults *faults)
{
    int before = faults->count;

    for (const struct json_field *f = settings_fields; f->name; f++) {
        const struct parameter *parameter = settings_parameter(endpoint, f);
        char name[sizeof faults->items[0].field];
        if (!settings_has(settings, f) || !settings_wire_name(f))
            continue;
        (void)snprintf(name, sizeof name, "%s%s", prefix, f->name);
        if (!parameter)
            (void)faults_add_what(faults, name, "not_accepted_here", text_of(endpoint->id));
        else
            (void)settings_check_value(settings, f, parameter, name, faults);
    }
    return faults->count == before;
}

void settings_narrow(struct settings *settings, const struct endpoint *endpoint)
{
    for (const struct json_field *f = settings_fields; f->name; f++)
        if (!settings_parameter(endpoint, f))
            *((bool *)((char *)settings + f->present)) = false;
}

static void write_value(struct json_out *out, const struct json_field *field, const void *value)
{
    switch (field->type) {
    case JSON_INT64: json_int64(out, *(const int64_t *)value); return;
    case JSON_DOUBLE: json_double(out, *(const double *)value); return;
    case JSON_TEXT: json_text(out, text_of(value)); return;
    default: json_bool(out, *(const bool *)value);
    }
}

void settings_write_value(struct json_out *out, const struct settings *settings, const struct json_field *field)
{
    write_value(out, field, value_of(settings, field));
}

void settings_write(struct json_out *out, const struct settings *settings)
{
    for (const struct json_field *f = settings_fields; f->name; f++)
        if (settings_has(settings, f) && settings_wire_name(f)) {
            json_key(out, f->name);
            write_value(out, f, value_of(settings, f));
        }
}
