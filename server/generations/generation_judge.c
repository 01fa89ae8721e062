#include "generations/generation_judge.h"

#include "base/clock.h"
#include "catalog/catalog.h"
#include "generations/plan_check.h"
#include "generations/wish_prompt.h"
#include "local.h"
#include "users/access.h"

enum {
    MODEL_LINK_S = 48 * 3600, /* a generation waits for its turn for a day at most */
    PROMPT_MAX_BYTES = 8 * 1024,
};

/* What the wish says, else its style, else the user, else the catalogue. */
static const char *preset_of(const struct call *call, const struct generation_wish *wish)
{
    const char *of_style = wish_prompt_preset(call, wish);

    if (*wish->preset)
        return wish->preset;
    return of_style ? of_style : call->who.default_preset;
}

/* model NULL, and a prompt whose at is NULL: not known yet. */
static struct plan_request plan_request_of(const struct call *call, const struct generation_wish *wish,
                                           struct text prompt, const struct avatar_model *model)
{
    return (struct plan_request){.model = model,
                                 .prompt = prompt,
                                 .preset = preset_of(call, wish),
                                 .aspect_ratio = wish->aspect_ratio,
                                 .size = wish->image_size,
                                 .num_images = wish->num_images,
                                 .overrides = wish->overrides,
                                 .unchecked = !local_of(call)->config->safety_checker,
                                 .kept = wish->has_kept ? &wish->kept : NULL,
                                 .source = *wish->source_image.text ? &wish->source : NULL,
                                 .endpoint = wish->endpoint};
}

void generation_wish_check(const struct call *call, const struct generation_wish *wish, struct faults *faults)
{
    struct text prompt = *wish->prompt ? text_of(wish->prompt) : (struct text){0};
    const struct plan_request request = plan_request_of(call, wish, prompt, NULL);
    struct faults more = {0};

    wish_prompt_check(call, wish, faults);
    (void)plan_check_request(local_of(call)->catalog, &request, &more);
    for (int i = 0; i < more.count; i++)
        if (!faults_have(faults, more.items[i].field) && faults->count < FAULTS_MAX)
            faults->items[faults->count++] = more.items[i];
}

/* Of a model that is ours the provider gets an address that ends; the one that it gave us itself may be gone. */
static struct avatar_model model_for(const struct call *call, const struct avatar *avatar, char url[OBJECT_LINK_ROOM])
{
    struct object_links *links = local_of(call)->links;
    struct avatar_model model = avatar_model_of(avatar);

    if (!*avatar->model_key || !object_links_are_public(links))
        return model;
    (void)object_link_get(links, text_of(local_of(call)->config->public_url), TEXT(AVATAR_MODEL_BUCKET),
                          text_of(avatar->model_key), clock_wall_s(), MODEL_LINK_S, url);
    model.lora_url = url;
    return model;
}

bool generation_judge(const struct call *call, const struct generation_wish *wish, const struct avatar *avatar,
                      struct generation_judged *ret, struct faults *faults, struct err *reterr)
{
    struct plan_request request;
    struct avatar_model model;
    struct text sent; /* moderation reads the trigger as well, for it is a user's words */

    *ret = (struct generation_judged){.prompt = buf_make(PROMPT_MAX_BYTES)};
    reterr->kind = ERR_NONE;
    if (!avatar_is_ready(avatar))
        return err_set(reterr, ERR_CONFLICT, "avatar_not_ready", "%s", avatar->status);
    model = model_for(call, avatar, ret->model_url);
    if (!wish_prompt_write(call, wish, avatar, &ret->prompt, &ret->variant, faults))
        return false;
    request = plan_request_of(call, wish, (struct text){ret->prompt.bytes, ret->prompt.len}, &model);
    if (!plan_make(local_of(call)->catalog, &request, &ret->plan, faults, reterr))
        return false;
    sent = (struct text){ret->plan.final_prompt.bytes, ret->plan.final_prompt.len};
    ret->is_blocked = !moderation_passes(local_of(call)->moderation, sent, &ret->verdict);
    return !ret->is_blocked || err_set(reterr, ERR_INVALID, "moderation_blocked", "%s", ret->verdict.category);
}

void generation_judged_done(struct generation_judged *judged)
{
    buf_done(&judged->prompt);
    plan_done(&judged->plan);
}

struct generation_new generation_judged_new(const struct call *call, const struct generation_wish *wish,
                                            const struct avatar *avatar, const struct generation_judged *judged,
                                            const struct idempotency *key)
{
    const struct plan *plan = &judged->plan;

    return (struct generation_new){
        .id = uuid_make(),
        .user = call->who.user,
        .avatar = avatar->id,
        .key = key,
        .prompt = judged->prompt.bytes,
        .final_prompt = plan->final_prompt.bytes,
        .preset = plan->preset->name,
        .endpoint = plan->endpoint->id,
        .parameters = plan->parameters.bytes,
        .input = plan->input.bytes,
        .source = access_source(call),
        .num_images = plan->num_images,
        .cost = plan->price,
        .expected_seconds = plan->expected_seconds.max,
        .batch = wish->batch,
        .has_seed = wish->has_seed,
        .seed = wish->seed,
        .template_id = *wish->template_id  ? wish->template_id
                       : *wish->kept_style ? wish->kept_style
                                           : NULL,
        .template_variant = judged->variant       ? judged->variant
                            : *wish->kept_variant ? wish->kept_variant
                                                  : NULL,
        .parent_image = wish->parent_image,
        .retry_of = wish->retry_of,
        .source_image = plan->sends_source ? wish->source_image : (struct uuid){""},
    };
}
