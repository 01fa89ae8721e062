#include "web/create_form.h"

#include <stdio.h>
#include <string.h>

#include "generations/shape.h"
#include "local.h"
#include "web/form.h"

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct create_form, prompt, .max = CREATE_FORM_BYTES),
    QUERY_FIELD(QUERY_UUID, struct create_form, avatar_id),
    QUERY_FIELD(QUERY_TEXT, struct create_form, preset, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct create_form, size, .max = 39),
    QUERY_FIELD(QUERY_INT64, struct create_form, num_images, .min = 1, .max = CREATE_IMAGES_MAX),
    QUERY_FIELD(QUERY_TEXT, struct create_form, seed, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct create_form, key, .max = IDEMPOTENCY_KEY_MAX),
    {0},
};

bool create_form_read(struct call *call, struct create_form *ret, struct faults *ret_faults, struct next *refused)
{
    ret->num_images = 1;
    return form_read(call, FIELDS, ret, ret_faults, refused);
}

static void read_seed(const char *typed, struct generation_wish *ret, struct faults *faults)
{
    struct text digits = text_trim(text_of(typed));

    ret->has_seed = digits.len > 0;
    if (ret->has_seed && !text_uint64(digits, &ret->seed))
        (void)faults_add(faults, "seed", "not_uint64");
}

void create_form_wish(const struct call *call, const struct create_form *form, struct generation_wish *ret,
                      struct faults *faults)
{
    if (!text_copy(ret->prompt, sizeof ret->prompt, text_of(form->prompt)))
        (void)faults_add_range(faults, "prompt", "too_long", 1, PLAN_PROMPT_MAX);
    ret->avatar_id = form->avatar_id;
    (void)snprintf(ret->preset, sizeof ret->preset, "%s", form->preset);
    (void)shape_read(text_of(form->size), &ret->image_size, ret->aspect_ratio);
    ret->num_images = form->num_images;
    read_seed(form->seed, ret, faults);
    generation_wish_check(call, ret, faults);
}

/* The preset's own size is left to the preset, which may be changed. */
void create_form_repeat(const struct call *call, const struct again *again, struct create_form *form)
{
    const struct catalog *catalog = local_of(call)->catalog;
    const struct preset *preset = catalog_preset(catalog, again->preset);
    struct shape shape = shape_of(catalog, again->parameters), usual = shape;

    (void)snprintf(form->prompt, sizeof form->prompt, "%s", again->prompt);
    form->avatar_id = again->avatar;
    form->num_images = again->num_images;
    if (!preset)
        return;
    (void)snprintf(form->preset, sizeof form->preset, "%s", preset->name);
    usual = shape_of_preset(catalog, preset);
    if (strcmp(shape.size, usual.size) != 0)
        (void)snprintf(form->size, sizeof form->size, "%s", shape.size);
}

const char *create_form_field(const char *fault_field)
{
    static const char *const NAMES[] = {"prompt", "prompts", "avatar_id", "preset", "size", "num_images", "seed"};

    if (strcmp(fault_field, "aspect_ratio") == 0 || strncmp(fault_field, "image_size", 10) == 0)
        return "size";
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(fault_field, NAMES[i]) == 0)
            return NAMES[i];
    return "";
}
