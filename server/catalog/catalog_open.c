/* catalog_open: the three data files, their field tables, then the checks across them. */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/catalog_inside.h"
#include "catalog/data_file.h"

static void read_presets(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct preset_list *list = at;
    struct data_list into = {list->at, sizeof list->at[0], CATALOG_PRESETS_MAX, preset_fields};

    list->count = data_file_read_list(value, into, field, faults);
}

static void read_training_presets(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct training_preset_list *list = at;
    struct data_list into = {list->at, sizeof list->at[0], CATALOG_PRESETS_MAX, training_preset_fields};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field PRESETS_FILE[] = {
    JSON_FIELD(JSON_TEXT, struct catalog_presets, default_preset, .min = 1, .max = 23),
    JSON_FIELD(JSON_TEXT, struct catalog_presets, default_training_preset, .min = 1, .max = 23),
    JSON_FIELD(JSON_DOUBLE, struct catalog_presets, default_lora_scale, .min = 0, .max = 4000),
    JSON_FIELD(JSON_CUSTOM, struct catalog_presets, presets, .custom = read_presets),
    JSON_FIELD(JSON_CUSTOM, struct catalog_presets, training_presets, .custom = read_training_presets),
    {0},
};

static const struct json_field SIZE_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct image_size, name, .min = 1, .max = 23),
    JSON_FIELD(JSON_OBJECT, struct image_size, title, .fields = words_fields),
    JSON_FIELD(JSON_INT64, struct image_size, width, .min = 1, .max = 100000),
    JSON_FIELD(JSON_INT64, struct image_size, height, .min = 1, .max = 100000),
    {0},
};

static void read_sizes(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct image_size_list *list = at;
    struct data_list into = {list->at, sizeof list->at[0], CATALOG_SIZES_MAX, SIZE_FIELDS};

    list->count = data_file_read_list(value, into, field, faults);
}

static void read_ratios(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct ratio_list *list = at;

    list->count = data_file_read_texts(value, list->at[0], sizeof list->at[0], CATALOG_RATIOS_MAX, field, faults);
}

static const struct json_field SIZES_FILE[] = {
    JSON_FIELD(JSON_CUSTOM, struct catalog_sizes, image_sizes, .custom = read_sizes),
    JSON_FIELD(JSON_OBJECT, struct catalog_sizes, custom_size, .fields = span_fields),
    JSON_FIELD(JSON_CUSTOM, struct catalog_sizes, aspect_ratios, .custom = read_ratios),
    JSON_FIELD(JSON_TEXT, struct catalog_sizes, default_aspect_ratio, .min = 3, .max = 7),
    {0},
};

static const struct json_field ROUTES_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct catalog_routes, lora, .min = 3, .max = 63),
    JSON_FIELD(JSON_TEXT, struct catalog_routes, finetune, .min = 3, .max = 63),
    JSON_FIELD(JSON_TEXT, struct catalog_routes, ultra, .min = 3, .max = 63),
    JSON_FIELD(JSON_TEXT, struct catalog_routes, lora_variation, .min = 3, .max = 63),
    JSON_FIELD(JSON_TEXT, struct catalog_routes, portrait_training, .min = 3, .max = 63),
    JSON_FIELD(JSON_TEXT, struct catalog_routes, style_training, .min = 3, .max = 63),
    {0},
};

static void read_endpoints(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct endpoint_list *list = at;
    struct data_list into = {list->at, sizeof list->at[0], CATALOG_ENDPOINTS_MAX, endpoint_fields};

    list->count = data_file_read_list(value, into, field, faults);
}

static const struct json_field REGISTRY_FILE[] = {
    JSON_FIELD(JSON_OBJECT, struct catalog_registry, routes, .fields = ROUTES_FIELDS),
    JSON_FIELD(JSON_CUSTOM, struct catalog_registry, endpoints, .custom = read_endpoints),
    {0},
};

static bool read_file(const char *root, const char *name, const struct json_field *fields, void *ret,
                      struct err *reterr)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/server/catalog/data/%s", root, name) >= sizeof path)
        return err_set(reterr, ERR_INTERNAL, "data_file", "the path of %s is too long", name);
    return data_file_read(path, fields, ret, reterr);
}

/* Nobody has switched anything yet. */
static void take_shipped_states(struct catalog *catalog)
{
    for (int i = 0; i < catalog->registry.endpoints.count; i++) {
        const struct endpoint *endpoint = &catalog->registry.endpoints.at[i];
        catalog_switch(catalog, endpoint, endpoint->shipped.state,
                       catalog_endpoint(catalog, endpoint->shipped.replacement));
    }
}

struct catalog *catalog_open(const char *root, struct err *reterr)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);

    if (!catalog)
        abort();
    if (read_file(root, "presets.json", PRESETS_FILE, &catalog->presets, reterr) &&
        read_file(root, "image_sizes.json", SIZES_FILE, &catalog->sizes, reterr) &&
        read_file(root, "endpoints.json", REGISTRY_FILE, &catalog->registry, reterr) &&
        catalog_check(catalog, reterr)) {
        take_shipped_states(catalog);
        return catalog;
    }
    catalog_close(catalog);
    return NULL;
}
