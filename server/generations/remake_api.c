#include "generations/remake_api.h"

#include "generations/generation_answer.h"
#include "generations/remake.h"
#include "http/body.h"
#include "http/reply.h"

/* One field stands for several members: of the wish itself, and of how far it goes from its picture. */
#define SOURCE_FIELD(kind, member, ...)                                                                                \
    {                                                                                                                  \
        .name = #member, .type = kind, .offset = offsetof(struct generation_wish, source.member),                      \
        .size = sizeof(((struct generation_wish *)0)->source.member), .optional = true, __VA_ARGS__                    \
    }

static const struct json_field VARY_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct generation_wish, prompt, .min = 1, .max = PLAN_PROMPT_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct generation_wish, preset, .min = 1, .max = 39, .optional = true),
    JSON_FIELD(JSON_INT64, struct generation_wish, num_images, .min = 1, .max = 4, .optional = true),
    JSON_FIELD(JSON_UINT64, struct generation_wish, seed, .optional = true,
               .present = offsetof(struct generation_wish, has_seed)),
    JSON_FIELD(JSON_OBJECT, struct generation_wish, overrides, .fields = settings_fields, .optional = true),
    SOURCE_FIELD(JSON_CUSTOM, change, .custom = plan_change_decode),
    SOURCE_FIELD(JSON_DOUBLE, strength, .min = 0, .max = 1000,
                 .present = offsetof(struct generation_wish, source.has_strength)),
    SOURCE_FIELD(JSON_DOUBLE, image_prompt_strength, .min = 0, .max = 1000,
                 .present = offsetof(struct generation_wish, source.has_image_prompt_strength)),
    JSON_FIELD(JSON_BOOL, struct generation_wish, dry_run, .optional = true),
    {0},
};

/* What is made once more says nothing of its own. */
static const struct json_field SAME_FIELDS[] = {
    JSON_FIELD(JSON_BOOL, struct generation_wish, dry_run, .optional = true),
    {0},
};

/* A wish for the same may come without a body. */
static bool read_body(struct call *call, const struct json_field *fields, struct generation_wish *ret,
                      struct next *refused)
{
    struct faults faults = {0};

    if (!call_body(call).len)
        return true;
    if (!body_json_faults(call, fields, ret, &faults, refused))
        return false;
    if (faults.count)
        *refused = reply_faults(call, &faults);
    return faults.count == 0;
}

static struct next begin(struct call *call, enum remake_kind kind, const struct json_field *fields)
{
    struct remake *state = call_state_make(call, sizeof *state);
    struct generation_create *create = &state->create;
    struct next refused;
    struct err err;

    if (!generation_create_is_on(call, &err))
        return reply_err(call, &err);
    if (!body_only_id(call, &state->id, &refused) || !idempotency_read(call, &create->steps.key, &refused) ||
        !read_body(call, fields, &create->wish, &refused))
        return refused;
    create->answers = generation_answers_for(&create->wish);
    return remake_begin(call, kind);
}

struct next remake_vary(struct call *call) { return begin(call, REMAKE_VARIATION, VARY_FIELDS); }
struct next remake_repeat(struct call *call) { return begin(call, REMAKE_REPEAT, SAME_FIELDS); }
struct next remake_retry(struct call *call) { return begin(call, REMAKE_RETRY, SAME_FIELDS); }
