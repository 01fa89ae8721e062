#include "generations/plan_write.h"

static bool takes(const struct plan_draft *draft, const char *name)
{
    return endpoint_parameter(draft->endpoint, name) != NULL;
}

/* One of image_size and aspect_ratio, whichever the endpoint has. */
static void write_shape(const struct plan_draft *draft, struct json_out *out)
{
    if (takes(draft, "aspect_ratio"))
        json_key_text(out, "aspect_ratio", draft->aspect_ratio);
    if (!takes(draft, "image_size"))
        return;
    json_key(out, "image_size");
    if (*draft->size.name) {
        json_text(out, text_of(draft->size.name));
        return;
    }
    json_object(out);
    json_key_int64(out, "width", draft->size.width);
    json_key_int64(out, "height", draft->size.height);
    json_end_object(out);
}

static void write_source(const struct plan_draft *draft, struct json_out *out)
{
    if (draft->sends_source && takes(draft, "strength"))
        json_key_double(out, "strength", draft->strength);
    if (draft->sends_source && takes(draft, "image_prompt_strength"))
        json_key_double(out, "image_prompt_strength", draft->image_prompt_strength);
}

static void write_model(const struct plan_draft *draft, struct json_out *out)
{
    if (takes(draft, "finetune_id")) {
        json_key_text(out, "finetune_id", draft->model->finetune_id);
        return;
    }
    json_key(out, "loras");
    json_array(out);
    json_object(out);
    json_key_text(out, "path", draft->model->lora_url);
    json_key_double(out, "scale", draft->settings.lora_scale);
    json_end_object(out);
    json_end_array(out);
}

void plan_write_draft(const struct plan_draft *draft, struct json_out *out)
{
    struct settings flat = draft->settings;

    flat.given.lora_scale = false; /* it stands inside loras; fal.ai ignores it anywhere else */
    json_object(out);
    json_key(out, "prompt");
    json_text(out, draft->prompt);
    write_model(draft, out);
    write_source(draft, out);
    write_shape(draft, out);
    settings_write(out, &flat);
    json_key_int64(out, "num_images", draft->num_images);
    if (takes(draft, "enable_safety_checker"))
        json_key_bool(out, "enable_safety_checker", !draft->unchecked);
    json_end_object(out);
}

void plan_write_parameters(const struct plan_draft *draft, struct json_out *out)
{
    json_object(out);
    write_source(draft, out);
    write_shape(draft, out);
    settings_write(out, &draft->settings);
    if (takes(draft, "enable_safety_checker"))
        json_key_bool(out, "enable_safety_checker", !draft->unchecked);
    json_end_object(out);
}
