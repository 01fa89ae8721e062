#include "generations/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generations/plan_check.h"
#include "generations/plan_write.h"
#include "generations/prompt.h"

enum { PROMPT_MAX_BYTES = 16 * 1024, INPUT_MAX_BYTES = 64 * 1024, PARAMETERS_MAX_BYTES = 4 * 1024 };

static bool given(const char *text) { return text && *text; }

/* The parameters as they will be: the request's over the preset's, cut to what the endpoint takes. */
static struct plan_draft settle(const struct catalog *catalog, const struct plan_request *request,
                                const struct preset *preset, const struct endpoint *endpoint)
{
    const struct avatar_model *model = request->model;
    struct plan_draft draft = {
        .endpoint = endpoint,
        .model = model,
        .settings = preset->settings,
        .size = request->size,
        .num_images = request->num_images  ? request->num_images
                      : preset->num_images ? preset->num_images
                                           : 1,
    };

    if (!draft.settings.given.lora_scale)
        draft.settings.lora_scale =
            model->has_default_lora_scale ? model->default_lora_scale : catalog_default_lora_scale(catalog);
    draft.settings.given.lora_scale = true;
    settings_merge(&draft.settings, &request->overrides);
    settings_narrow(&draft.settings, endpoint);
    if (!*draft.size.name && !draft.size.width)
        (void)snprintf(draft.size.name, sizeof draft.size.name, "%s", preset->image_size);
    draft.aspect_ratio = given(request->aspect_ratio) ? request->aspect_ratio
                         : *preset->aspect_ratio      ? preset->aspect_ratio
                                                      : catalog_default_aspect_ratio(catalog);
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
        .price = draft->endpoint->price * draft->num_images,
    };
    if (!prompt_write(request->prompt, text_of(trigger), &plan->final_prompt))
        return err_set(reterr, ERR_INTERNAL, "internal", "the trigger is too long");
    draft->prompt = (struct text){plan->final_prompt.bytes, plan->final_prompt.len};
    return write_texts(draft, plan, reterr);
}

static bool wants_ultra(const struct plan_request *request, const struct preset *preset)
{
    return preset->settings.use_ultra || (request->overrides.given.use_ultra && request->overrides.use_ultra);
}

/* The ultra endpoint takes its own time, whichever preset it is used with. */
static struct span expected_seconds(const struct catalog *catalog, const struct plan_request *request,
                                    const struct preset *preset)
{
    const struct preset *other;

    if (wants_ultra(request, preset) && !preset->settings.use_ultra)
        for (int i = 0; (other = catalog_preset_at(catalog, i)); i++)
            if (other->settings.use_ultra)
                return other->expected_seconds;
    return preset->expected_seconds;
}

/* NULL: a fault, or reterr->kind is set. */
static const struct endpoint *choose(const struct catalog *catalog, const struct plan_request *request,
                                     const struct preset *preset, struct faults *faults, struct err *reterr)
{
    const struct endpoint *endpoint = NULL;

    if (catalog_choose_endpoint(catalog, request->model, wants_ultra(request, preset), &endpoint, reterr))
        return endpoint;
    if (reterr->kind == ERR_INVALID) {
        (void)faults_add(faults, preset->settings.use_ultra ? "preset" : "overrides.use_ultra", reterr->code);
        reterr->kind = ERR_NONE;
    }
    return NULL;
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
    if (!preset || !(endpoint = choose(catalog, request, preset, faults, reterr)) ||
        !plan_check_endpoint(request, endpoint, faults) || faults->count > before)
        return false;
    draft = settle(catalog, request, preset, endpoint);
    if (!write_plan(&draft, request, ret, reterr)) {
        plan_done(ret);
        return false;
    }
    ret->preset = preset;
    ret->expected_seconds = expected_seconds(catalog, request, preset);
    return true;
}

void plan_done(struct plan *plan)
{
    buf_done(&plan->final_prompt);
    buf_done(&plan->input);
    buf_done(&plan->parameters);
    *plan = (struct plan){0};
}

void plan_write_kept_input(struct text input, uint64_t seed, struct json_out *out)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, seed);

    while (input.len && input.at[input.len - 1] != '}')
        input.len--;
    assert(input.len > 2 && "a plan's input has members, and is one object");
    json_raw(out, (struct text){input.at, input.len - 1}); /* the object is open now, with a member before */
    json_key_raw(out, "seed", (struct text){digits, (size_t)len});
    json_end_object(out);
}

void plan_write_input(const struct plan *plan, uint64_t seed, struct json_out *out)
{
    plan_write_kept_input((struct text){plan->input.bytes, plan->input.len}, seed, out);
}
