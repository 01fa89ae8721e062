/* POST /api/v1/generations: a wish as JSON. */
#include "generations/generation_create.h"

#include <string.h>

#include "generations/generation_answer.h"
#include "generations/generation_api.h"
#include "http/body.h"
#include "http/reply.h"

static void read_priority(yajl_val value, void *at, const char *field, struct faults *faults)
{
    const char *name = YAJL_GET_STRING(value);

    if (!name)
        (void)faults_add(faults, field, "not_a_string");
    else if (strcmp(name, "batch") != 0 && strcmp(name, "interactive") != 0)
        (void)faults_add_what(faults, field, "not_one_of", TEXT("interactive, batch"));
    else
        *(bool *)at = *name == 'b';
}

static const struct json_field WISH_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct generation_wish, prompt, .min = 1, .max = PLAN_PROMPT_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct generation_wish, template_id, .min = 1, .max = STYLE_ID_ROOM - 1, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct generation_wish, choices, .custom = style_chosen_read, .optional = true),
    JSON_FIELD(JSON_UUID, struct generation_wish, avatar_id, .optional = true),
    JSON_FIELD(JSON_TEXT, struct generation_wish, preset, .min = 1, .max = 39, .optional = true),
    JSON_FIELD(JSON_TEXT, struct generation_wish, aspect_ratio, .min = 1, .max = 39, .optional = true),
    JSON_FIELD(JSON_INT64, struct generation_wish, num_images, .min = 1, .max = 4, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct generation_wish, image_size, .custom = plan_size_decode, .optional = true),
    JSON_FIELD(JSON_UINT64, struct generation_wish, seed, .optional = true,
               .present = offsetof(struct generation_wish, has_seed)),
    JSON_FIELD(JSON_OBJECT, struct generation_wish, overrides, .fields = settings_fields, .optional = true),
    {.name = "priority",
     .type = JSON_CUSTOM,
     .offset = offsetof(struct generation_wish, batch),
     .custom = read_priority,
     .optional = true},
    JSON_FIELD(JSON_BOOL, struct generation_wish, dry_run, .optional = true),
    {0},
};

static bool read_wish(struct call *call, struct generation_wish *ret, struct next *reply)
{
    struct faults faults = {0};

    if (!body_json_faults(call, WISH_FIELDS, ret, &faults, reply))
        return false;
    generation_wish_check(call, ret, &faults);
    if (faults.count)
        *reply = reply_faults(call, &faults);
    return faults.count == 0;
}

struct next generation_create(struct call *call)
{
    struct generation_create *state = call_state_make(call, sizeof *state);
    struct next reply;
    struct err err;

    if (!generation_create_is_on(call, &err))
        return reply_err(call, &err);
    if (!body_no_query(call, &reply) || !idempotency_read(call, &state->steps.key, &reply) ||
        !read_wish(call, &state->wish, &reply))
        return reply;
    state->answers = generation_answers_for(&state->wish);
    return generation_create_begin(call);
}
