#pragma once
/* The single parameters of a generation that a preset gives and a request may override. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/endpoint.h"
#include "json/json_in.h"
#include "json/json_out.h"

struct settings {
    int64_t num_inference_steps;
    double guidance_scale, lora_scale, finetune_strength;
    char safety_tolerance[40], output_format[40],
        acceleration[40]; /* room for anything within the length limit of the decoder */
    bool raw, enhance_prompt, use_ultra;
    struct settings_given { /* which of them are there; the others are to be ignored */
        bool num_inference_steps, guidance_scale, lora_scale, finetune_strength, safety_tolerance, output_format,
            acceleration, raw, enhance_prompt, use_ultra;
    } given;
};

/* For json_decode, also of a request's "overrides". Types alone are judged here: ranges are the registry's, looked at
   by settings_check once the endpoint is known, and by catalog_check_settings before. */
extern const struct json_field settings_fields[];

/* By one entry of settings_fields. */
bool settings_has(const struct settings *settings, const struct json_field *field);
/* Copies the members that from has over those of *to. */
void settings_merge(struct settings *to, const struct settings *from);

/* The endpoint's name for a setting: "loras" for lora_scale, NULL for use_ultra, which no endpoint takes. */
const char *settings_wire_name(const struct json_field *field);

/* The endpoint's parameter for a setting; NULL: it has none. */
const struct parameter *settings_parameter(const struct endpoint *endpoint, const struct json_field *field);

/* Adds the fault that the setting has for that parameter under name, and returns false. */
bool settings_check_value(const struct settings *settings, const struct json_field *field,
                          const struct parameter *parameter, const char *name, struct faults *faults);

/* Adds a fault under "{prefix}{name}" for every setting that the endpoint has no parameter for (not_accepted_here) or
   whose value it would refuse. True when there was none. */
bool settings_check(const struct settings *settings, const struct endpoint *endpoint, const char *prefix,
                    struct faults *faults);

/* Removes those that the endpoint has no parameter for. */
void settings_narrow(struct settings *settings, const struct endpoint *endpoint);

void settings_write_value(struct json_out *out, const struct settings *settings, const struct json_field *field);
/* The members that are there, under our names and without use_ultra, into an open object. */
void settings_write(struct json_out *out, const struct settings *settings);
