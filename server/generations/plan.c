#include "generations/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/safety.h"
#include "generations/plan_check.h"
#include "generations/plan_route.h"
#include "generations/plan_shape.h"
#include "generations/plan_source.h"
#include "generations/plan_write.h"
#include "generations/prompt.h"

enum { PROMPT_MAX_BYTES = 16 * 1024, INPUT_MAX_BYTES = 64 * 1024, PARAMETERS_MAX_BYTES = 4 * 1024 };

/* The parameters as they will be: the request's over the preset's, cut to what the endpoint takes. */
static struct plan_draft settle(const struct catalog *catalog, const struct plan_request *request,
                                const struct preset *preset, const struct endpoint *endpoint)
{
    const struct avatar_model *model = request->model;
    struct plan_draft draft = {
        .endpoint = endpoint,
        .model = model,
        .unchecked = request->unchecked,
        .settings = catalog_settings_of(catalog, preset, model, endpoint),
        .num_images = request->num_images  ? request->num_images
                      : preset->num_images ? preset->num_images
                                           : 1,
    };

    if (request->kept)
        settings_merge(&draft.settings, request->kept);
    safety_tighten(preset, endpoint, &draft.settings);
    settings_merge(&draft.settings, &request->overrides);
    settings_narrow(&draft.settings, endpoint);
    plan_shape(catalog, request, preset, &draft);
    plan_source_settle(request->source, &draft);
    return draft;
}

static bool write_texts(const struct plan_draft *draft, struct plan *plan, struct err *reterr)
{
    struct json_out input = json_out_begin(&plan->input), parameters = json_out_begin(&plan->parameters);

    plan_write_draft(draft, &input);
    plan_write_parameters(draft, &parameters);
    return (!input.overflow && !parameters.overflow) ||
           err_set(reterr, ERR_INTERNAL, "internal", "the input for %s is too long", draft->endpoint->id);
}

static bool write_plan(struct plan_draft *draft, const struct plan_request *request, struct plan *plan,
                       struct err *reterr)
{
    const char *trigger = draft->model->trigger ? draft->model->trigger : "";

    *plan = (struct plan){
        .endpoint = draft->endpoint,
        .final_prompt = buf_make(PROMPT_MAX_BYTES),
        .input = buf_make(INPUT_MAX_BYTES),
        .parameters = buf_make(PARAMETERS_MAX_BYTES),
        .num_images = draft->num_images,
        .sends_source = draft->sends_source,
        .price = draft->endpoint->price * draft->num_images,
    };
    if (!prompt_write(request->prompt, text_of(trigger), &plan->final_prompt))
        return err_set(reterr, ERR_INTERNAL, "internal", "the trigger is too long");
    draft->prompt = (struct text){plan->final_prompt.bytes, plan->final_prompt.len};
    return write_texts(draft, plan, reterr);
}

/* The ultra endpoint takes its own time, whichever preset it is used with. */
static struct span expected_seconds(const struct catalog *catalog, const struct endpoint *endpoint,
                                    const struct preset *preset)
{
    const struct preset *other;

    if (endpoint == catalog_routed(catalog, CATALOG_ULTRA) && !preset->settings.use_ultra)
        for (int i = 0; (other = catalog_preset_at(catalog, i)); i++)
            if (other->settings.use_ultra)
                return other->expected_seconds;
    return preset->expected_seconds;
}

bool plan_make(const struct catalog *catalog, const struct plan_request *request, struct plan *ret,
               struct faults *faults, struct err *reterr)
{
    int before = faults->count;
    const struct preset *preset = plan_check_request(catalog, request, faults);
    const struct endpoint *endpoint;
    struct plan_draft draft;

    *ret = (struct plan){0};
    reterr->kind = ERR_NONE;
    if (!preset || !(endpoint = plan_route(catalog, request, preset, faults, reterr)) ||
        !plan_check_endpoint(request, preset, endpoint, faults) || faults->count > before)
        return false;
    draft = settle(catalog, request, preset, endpoint);
    if (!write_plan(&draft, request, ret, reterr)) {
        plan_done(ret);
        return false;
    }
    ret->preset = preset;
    ret->expected_seconds = expected_seconds(catalog, endpoint, preset);
    return true;
}

void plan_done(struct plan *plan)
{
    buf_done(&plan->final_prompt);
    buf_done(&plan->input);
    buf_done(&plan->parameters);
    *plan = (struct plan){0};
}

/* Leaves the object open, with a member before. */
static void reopen(struct text input, const char *source_url, struct json_out *out)
{
    while (input.len && input.at[input.len - 1] != '}')
        input.len--;
    assert(input.len > 2 && "a plan's input has members, and is one object");
    json_raw(out, (struct text){input.at, input.len - 1});
    if (source_url)
        json_key_text(out, "image_url", source_url);
}

void plan_write_sent_seedless(struct text input, const char *source_url, struct json_out *out)
{
    reopen(input, source_url, out);
    json_end_object(out);
}

void plan_write_sent(struct text input, const char *source_url, uint64_t seed, struct json_out *out)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, seed);

    reopen(input, source_url, out);
    json_key_raw(out, "seed", (struct text){digits, (size_t)len});
    json_end_object(out);
}
