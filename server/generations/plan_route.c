#include "generations/plan_route.h"

static bool takes(const struct endpoint *endpoint, const char *name) { return endpoint_parameter(endpoint, name); }

bool plan_route_takes_source(const struct endpoint *endpoint) { return takes(endpoint, "image_url"); }

static bool fits(const struct endpoint *endpoint, const struct avatar_model *model)
{
    return takes(endpoint, "finetune_id") ? avatar_model_has_finetune(model)
                                          : takes(endpoint, "loras") && avatar_model_has_lora(model);
}

static bool varies(const struct endpoint *endpoint, const void *model)
{
    return plan_route_takes_source(endpoint) && fits(endpoint, model);
}

/* The endpoint of the route, or what has taken its place; NULL: neither lives. */
static const struct endpoint *living(const struct catalog *catalog, enum catalog_route route,
                                     const struct avatar_model *model)
{
    return endpoint_serving(catalog_routed(catalog, route), varies, model);
}

/* As generations do, one with a LoRA goes there, also when there is a finetune besides. */
const struct endpoint *plan_route_of_variation(const struct catalog *catalog, const struct avatar_model *model)
{
    if (avatar_model_has_lora(model))
        return living(catalog, CATALOG_LORA_VARIATION, model);
    return avatar_model_has_finetune(model) ? living(catalog, CATALOG_ULTRA, model) : NULL;
}

static bool wants_ultra(const struct plan_request *request, const struct preset *preset)
{
    return preset->settings.use_ultra || (request->overrides.given.use_ultra && request->overrides.use_ultra);
}

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

static const struct endpoint *this_one(const struct catalog *catalog, const struct plan_request *request,
                                       struct err *reterr)
{
    const struct endpoint *endpoint = catalog_endpoint(catalog, request->endpoint);

    if (!endpoint || endpoint_state(endpoint) == ENDPOINT_GONE)
        (void)err_set(reterr, ERR_CONFLICT, "endpoint_gone", "%s is gone", request->endpoint);
    else if (!request->source && plan_route_takes_source(endpoint) &&
             endpoint_parameter(endpoint, "image_url")->required)
        (void)err_set(reterr, ERR_CONFLICT, "source_missing", "%s needs a picture", endpoint->id);
    else if (fits(endpoint, request->model))
        return endpoint;
    else if (takes(endpoint, "finetune_id"))
        (void)err_set(reterr, ERR_CONFLICT, "finetune_missing", "%s needs a finetune", endpoint->id);
    else
        (void)err_set(reterr, ERR_CONFLICT, "lora_missing", "%s needs a LoRA file", endpoint->id);
    return NULL;
}

const struct endpoint *plan_route(const struct catalog *catalog, const struct plan_request *request,
                                  const struct preset *preset, struct faults *faults, struct err *reterr)
{
    const struct endpoint *endpoint;

    if (request->endpoint && *request->endpoint)
        return this_one(catalog, request, reterr);
    if (request->source && (endpoint = plan_route_of_variation(catalog, request->model)))
        return endpoint;
    return choose(catalog, request, preset, faults, reterr);
}
