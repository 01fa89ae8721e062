#include "catalog/endpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "catalog/data_file.h"

static const char *const KINDS[] = {"generation", "variation", "training", NULL};
static const char *const STATES[] = {"active", "deprecated", "gone", NULL};
static const char *const TYPES[] = {"text",    "url",  "integer",    "uint64", "number",
                                    "boolean", "enum", "image_size", "loras",  NULL};

static void read_kind(yajl_val value, void *at, const char *field, struct faults *faults)
{
    data_file_read_word(value, KINDS, at, field, faults);
}

static void read_state(yajl_val value, void *at, const char *field, struct faults *faults)
{
    data_file_read_word(value, STATES, at, field, faults);
}

static void read_type(yajl_val value, void *at, const char *field, struct faults *faults)
{
    data_file_read_word(value, TYPES, at, field, faults);
}

static void read_options(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct parameter_options *options = at;

    options->count =
        data_file_read_texts(value, options->at[0], sizeof options->at[0], PARAMETER_OPTIONS_MAX, field, faults);
}

enum {
    LIMIT_THOUSANDTHS = 1000000000,
    ENDPOINT_CHAIN_MAX = 24 /* replacements of replacements, should there be a circle */
};

static void read_default(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct parameter_default *otherwise = at;

    otherwise->given = true;
    if (YAJL_IS_NUMBER(value))
        otherwise->number = YAJL_GET_DOUBLE(value);
    else if (YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value))
        otherwise->number = YAJL_IS_TRUE(value) ? 1 : 0;
    else if (!YAJL_IS_STRING(value) ||
             !text_copy(otherwise->text, sizeof otherwise->text, text_of(YAJL_GET_STRING(value))))
        (void)faults_add(faults, field, "bad_item");
}

static const struct json_field PARAMETER_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct parameter, name, .min = 1, .max = 39),
    JSON_FIELD(JSON_CUSTOM, struct parameter, type, .custom = read_type),
    JSON_FIELD(JSON_BOOL, struct parameter, required, .optional = true),
    JSON_FIELD(JSON_DOUBLE, struct parameter, min, .min = 0, .max = LIMIT_THOUSANDTHS, .optional = true),
    JSON_FIELD(JSON_DOUBLE, struct parameter, max, .min = 0, .max = LIMIT_THOUSANDTHS, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct parameter, options, .custom = read_options, .optional = true),
    {.name = "default",
     .type = JSON_CUSTOM,
     .offset = offsetof(struct parameter, otherwise),
     .custom = read_default,
     .optional = true},
    {0},
};

static void read_parameters(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct parameter_list *list = at;
    struct data_list into = {list->at, sizeof list->at[0], ENDPOINT_PARAMETERS_MAX, PARAMETER_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

#define SHIPPED(kind, member, ...)                                                                                     \
    {                                                                                                                  \
        .name = #member, .type = kind, .offset = offsetof(struct endpoint, shipped.member),                            \
        .size = sizeof(((struct endpoint_shipped *)0)->member), __VA_ARGS__                                            \
    }

const struct json_field endpoint_fields[] = {
    JSON_FIELD(JSON_TEXT, struct endpoint, id, .min = 3, .max = 63),
    JSON_FIELD(JSON_CUSTOM, struct endpoint, kind, .custom = read_kind),
    SHIPPED(JSON_CUSTOM, state, .custom = read_state),
    SHIPPED(JSON_TEXT, replacement, .min = 3, .max = 63, .nullable = true),
    JSON_FIELD(JSON_INT64, struct endpoint, price, .min = 0, .max = 1000000),
    JSON_FIELD(JSON_CUSTOM, struct endpoint, parameters, .custom = read_parameters),
    {0},
};

enum endpoint_state endpoint_state(const struct endpoint *endpoint)
{
    return (enum endpoint_state)atomic_load(&endpoint->state);
}

const struct endpoint *endpoint_replacement(const struct endpoint *endpoint) { return atomic_load(&endpoint->instead); }

const struct endpoint *endpoint_serving(const struct endpoint *wanted, endpoint_fits_fn fits, const void *what)
{
    const struct endpoint *otherwise = NULL, *endpoint = wanted;

    for (int steps = 0; endpoint && steps < ENDPOINT_CHAIN_MAX; endpoint = endpoint_replacement(endpoint), steps++) {
        enum endpoint_state state = endpoint_state(endpoint);
        if (state == ENDPOINT_GONE || !fits(endpoint, what))
            continue;
        if (state == ENDPOINT_ACTIVE)
            return endpoint;
        if (!otherwise)
            otherwise = endpoint;
    }
    return otherwise;
}

const char *endpoint_state_word(enum endpoint_state state) { return STATES[state]; }
const char *endpoint_kind_word(enum endpoint_kind kind) { return KINDS[kind]; }
const char *parameter_type_word(enum parameter_type type) { return TYPES[type]; }

bool endpoint_state_read(const char *word, enum endpoint_state *ret)
{
    for (int i = 0; STATES[i]; i++)
        if (strcmp(STATES[i], word) == 0) {
            *ret = (enum endpoint_state)i;
            return true;
        }
    return false;
}

const struct parameter *endpoint_parameter(const struct endpoint *endpoint, const char *name)
{
    for (int i = 0; i < endpoint->parameters.count; i++)
        if (strcmp(endpoint->parameters.at[i].name, name) == 0)
            return &endpoint->parameters.at[i];
    return NULL;
}

bool parameter_takes_number(const struct parameter *parameter, double value)
{
    return value >= parameter->min && value <= parameter->max;
}

bool parameter_takes_option(const struct parameter *parameter, const char *value)
{
    for (int i = 0; i < parameter->options.count; i++)
        if (strcmp(parameter->options.at[i], value) == 0)
            return true;
    return false;
}

void parameter_write_options(const struct parameter *parameter, char *to, size_t room)
{
    size_t used = 0;

    to[0] = '\0';
    for (int i = 0; i < parameter->options.count && used < room; i++)
        used += (size_t)snprintf(to + used, room - used, "%s%s", i ? ", " : "", parameter->options.at[i]);
}

bool parameter_check_number(const struct parameter *parameter, double value, const char *field, struct faults *faults)
{
    if (parameter_takes_number(parameter, value))
        return true;
    if (parameter->type == PARAMETER_INTEGER || parameter->type == PARAMETER_IMAGE_SIZE)
        return faults_add_range(faults, field, "out_of_range", (int64_t)parameter->min, (int64_t)parameter->max);
    return faults_add_range(faults, field, "out_of_range_thousandths", llround(parameter->min * 1000),
                            llround(parameter->max * 1000));
}

bool parameter_check_option(const struct parameter *parameter, const char *value, const char *field,
                            struct faults *faults)
{
    char options[sizeof faults->items[0].what];

    if (parameter_takes_option(parameter, value))
        return true;
    parameter_write_options(parameter, options, sizeof options);
    return faults_add_what(faults, field, "not_one_of", text_of(options));
}
