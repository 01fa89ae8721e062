#pragma once
/* The catalogue as its own files see it. */
#include "catalog/catalog.h"

enum { CATALOG_PRESETS_MAX = 24, CATALOG_SIZES_MAX = 24, CATALOG_RATIOS_MAX = 16 };

struct catalog {
    struct catalog_presets { /* presets.json */
        char default_preset[24], default_training_preset[24];
        double default_lora_scale;
        struct preset_list {
            int count;
            struct preset at[CATALOG_PRESETS_MAX];
        } presets;
        struct training_preset_list {
            int count;
            struct training_preset at[CATALOG_PRESETS_MAX];
        } training_presets;
    } presets;
    struct catalog_sizes { /* image_sizes.json */
        struct image_size_list {
            int count;
            struct image_size at[CATALOG_SIZES_MAX];
        } image_sizes;
        struct span custom_size;
        struct ratio_list {
            int count;
            char at[CATALOG_RATIOS_MAX][8];
        } aspect_ratios;
        char default_aspect_ratio[8];
    } sizes;
    struct catalog_registry { /* endpoints.json */
        struct catalog_routes {
            char lora[64], finetune[64], ultra[64], lora_variation[64], portrait_training[64], style_training[64];
        } routes;
        struct endpoint_list {
            int count;
            struct endpoint at[CATALOG_ENDPOINTS_MAX];
        } endpoints;
    } registry;
};

/* What no field table can see: names that must exist, ranges that must fit. Error: "data_file". */
bool catalog_check(const struct catalog *catalog, struct err *reterr);
