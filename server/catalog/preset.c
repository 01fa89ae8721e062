#include "catalog/preset.h"

#define WORDS(target, member)                                                                                          \
    {                                                                                                                  \
        .name = #member, .type = JSON_OBJECT, .offset = offsetof(target, member), .fields = words_fields               \
    }
#define SPAN(target, member)                                                                                           \
    {                                                                                                                  \
        .name = #member, .type = JSON_OBJECT, .offset = offsetof(target, member), .fields = span_fields                \
    }

const struct json_field words_fields[] = {
    JSON_FIELD(JSON_TEXT, struct words, ru, .min = 1, .max = 250),
    JSON_FIELD(JSON_TEXT, struct words, en, .min = 1, .max = 250),
    {0},
};

const struct json_field span_fields[] = {
    JSON_FIELD(JSON_INT64, struct span, min, .min = 1, .max = 100000),
    JSON_FIELD(JSON_INT64, struct span, max, .min = 1, .max = 100000),
    {0},
};

const struct json_field preset_fields[] = {
    JSON_FIELD(JSON_TEXT, struct preset, name, .min = 1, .max = 23),
    WORDS(struct preset, title),
    WORDS(struct preset, description),
    SPAN(struct preset, expected_seconds),
    {.name = "settings", .type = JSON_OBJECT, .offset = offsetof(struct preset, settings), .fields = settings_fields},
    JSON_FIELD(JSON_TEXT, struct preset, max_safety_tolerance, .min = 1, .max = 3),
    JSON_FIELD(JSON_TEXT, struct preset, image_size, .min = 1, .max = 23),
    JSON_FIELD(JSON_TEXT, struct preset, aspect_ratio, .min = 1, .max = 7, .optional = true),
    JSON_FIELD(JSON_INT64, struct preset, num_images, .min = 1, .max = 4, .optional = true),
    {0},
};

static const struct json_field PORTRAIT_FIELDS[] = {
    JSON_FIELD(JSON_INT64, struct portrait_training, steps, .min = 1, .max = 100000),
    JSON_FIELD(JSON_DOUBLE, struct portrait_training, learning_rate, .min = 0, .max = 1000),
    SPAN(struct portrait_training, expected_minutes),
    {0},
};

static const struct json_field STYLE_FIELDS[] = {
    JSON_FIELD(JSON_INT64, struct style_training, iterations, .min = 1, .max = 100000),
    JSON_FIELD(JSON_TEXT, struct style_training, priority, .min = 1, .max = 15),
    SPAN(struct style_training, expected_minutes),
    {0},
};

const struct json_field training_preset_fields[] = {
    JSON_FIELD(JSON_TEXT, struct training_preset, name, .min = 1, .max = 23),
    WORDS(struct training_preset, title),
    WORDS(struct training_preset, description),
    {.name = "portrait",
     .type = JSON_OBJECT,
     .offset = offsetof(struct training_preset, portrait),
     .fields = PORTRAIT_FIELDS},
    {.name = "style", .type = JSON_OBJECT, .offset = offsetof(struct training_preset, style), .fields = STYLE_FIELDS},
    {0},
};

const char *words_in(const struct words *words, enum lang lang) { return lang == LANG_EN ? words->en : words->ru; }

void words_write(struct json_out *out, const char *key, const struct words *words)
{
    json_key(out, key);
    json_object(out);
    json_key_text(out, "ru", words->ru);
    json_key_text(out, "en", words->en);
    json_end_object(out);
}

void span_write(struct json_out *out, const char *key, struct span span)
{
    json_key(out, key);
    json_object(out);
    json_key_int64(out, "min", span.min);
    json_key_int64(out, "max", span.max);
    json_end_object(out);
}
