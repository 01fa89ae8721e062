#include "trainings/training_offer.h"

#include <assert.h>
#include <string.h>

#include "json/json_out.h"

enum { LORA_RANK = 32 };

static bool trains(const struct endpoint *endpoint, const void *nothing)
{
    (void)nothing;
    return endpoint->kind == ENDPOINT_TRAINING;
}

/* The one that is asked for, or what takes its place. */
static const struct endpoint *choose(const struct catalog *catalog, enum avatar_type type, struct err *reterr)
{
    const struct endpoint *wanted =
        catalog_routed(catalog, type == AVATAR_STYLE ? CATALOG_STYLE_TRAINING : CATALOG_PORTRAIT_TRAINING);
    const struct endpoint *serving;

    assert(wanted && "catalog_check has seen every route");
    if (!(serving = endpoint_serving(wanted, trains, NULL)))
        (void)err_set(reterr, ERR_CONFLICT, "endpoint_gone", "%s is gone, and nothing takes its place", wanted->id);
    return serving;
}

bool training_offer_make(const struct catalog *catalog, enum avatar_type type, const struct training_preset *preset,
                         struct training_offer *ret, struct err *reterr)
{
    const struct endpoint *endpoint = choose(catalog, type, reterr);

    if (!endpoint)
        return false;
    *ret = (struct training_offer){
        .type = type,
        .preset = preset,
        .endpoint = endpoint,
        .cost = endpoint->price,
        .expected_minutes = type == AVATAR_STYLE ? preset->style.expected_minutes : preset->portrait.expected_minutes,
    };
    return true;
}

static bool takes(const struct training_offer *offer, const char *name)
{
    return endpoint_parameter(offer->endpoint, name) != NULL;
}

static void write_text(const struct training_offer *offer, struct json_out *out, const char *name, const char *value)
{
    if (takes(offer, name))
        json_key_text(out, name, value);
}

static void write_int64(const struct training_offer *offer, struct json_out *out, const char *name, int64_t value)
{
    if (takes(offer, name))
        json_key_int64(out, name, value);
}

static void write_bool(const struct training_offer *offer, struct json_out *out, const char *name, bool value)
{
    if (takes(offer, name))
        json_key_bool(out, name, value);
}

/* What the finetune's trainer and the style LoRA's have in common is said in each one's words. */
static void write_style(const struct training_offer *offer, const char *trigger, struct json_out *out)
{
    write_text(offer, out, "trigger_word", trigger);
    write_bool(offer, out, "is_style", true);
    write_bool(offer, out, "create_masks", false);
    if (takes(offer, "steps"))
        write_int64(offer, out, "steps", offer->preset->portrait.steps);
    write_text(offer, out, "finetune_comment", "aisha style avatar");
    write_text(offer, out, "mode", "style");
    write_int64(offer, out, "iterations", offer->preset->style.iterations);
    write_text(offer, out, "priority", offer->preset->style.priority);
    write_bool(offer, out, "captioning", true);
    write_int64(offer, out, "lora_rank", LORA_RANK);
    write_text(offer, out, "finetune_type", "full");
}

static void write_portrait(const struct training_offer *offer, const char *trigger, struct json_out *out)
{
    write_text(offer, out, "trigger_phrase", trigger);
    write_int64(offer, out, "steps", offer->preset->portrait.steps);
    if (takes(offer, "learning_rate"))
        json_key_double(out, "learning_rate", offer->preset->portrait.learning_rate);
    write_bool(offer, out, "multiresolution_training", true);
    write_bool(offer, out, "subject_crop", true);
    write_bool(offer, out, "create_masks", false);
}

void training_offer_write_input(const struct training_offer *offer, const char *trigger, struct buf *to)
{
    struct json_out out = json_out_begin(to);

    json_object(&out);
    if (offer->type == AVATAR_STYLE)
        write_style(offer, trigger, &out);
    else
        write_portrait(offer, trigger, &out);
    write_text(offer, &out, "data_archive_format", "zip");
    json_end_object(&out);
}

void training_offer_write_sent(const char *endpoint, struct text input, const char *archive_url, struct buf *to)
{
    struct json_out out = json_out_begin(to);

    while (input.len && input.at[input.len - 1] != '}')
        input.len--;
    assert(input.len > 2 && "an input has members, and is one object");
    json_raw(&out, (struct text){input.at, input.len - 1}); /* the object is open now, with a member before */
    json_key_text(&out, strcmp(endpoint, "fal-ai/flux-pro-trainer") == 0 ? "data_url" : "images_data_url", archive_url);
    json_end_object(&out);
}
