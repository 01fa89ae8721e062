#pragma once
/* Named parameters: of generations and of trainings. */
#include <stdbool.h>
#include <stdint.h>

#include "base/messages.h"
#include "catalog/settings.h"
#include "json/json_in.h"
#include "json/json_out.h"

/* A text for people in both languages. */
struct words {
    char ru[512], en[512];
};

struct span {
    int64_t min, max;
};

struct preset {
    char name[24];
    struct words title, description;
    struct span expected_seconds;
    struct settings settings;      /* use_ultra: it needs the ultra endpoint */
    char max_safety_tolerance[16]; /* the most lenient that a request may ask for */
    char image_size[24];
    char aspect_ratio[8]; /* "": none */
    int64_t num_images;   /* 0: none */
};

struct training_preset {
    char name[24];
    struct words title, description;
    struct portrait_training {
        int64_t steps;
        double learning_rate;
        struct span expected_minutes;
    } portrait;
    struct style_training {
        int64_t iterations;
        char priority[16];
        struct span expected_minutes;
    } style;
};

extern const struct json_field words_fields[], span_fields[];
extern const struct json_field preset_fields[], training_preset_fields[];

const char *words_in(const struct words *words, enum lang lang);
void words_write(struct json_out *out, const char *key, const struct words *words);
void span_write(struct json_out *out, const char *key, struct span span);
