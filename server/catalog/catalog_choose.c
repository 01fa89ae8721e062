/* Which endpoint a generation goes to. */
#include <assert.h>

#include "catalog/catalog_inside.h"

bool catalog_endpoint_fits(const struct endpoint *endpoint, const struct avatar_model *model)
{
    const struct parameter *finetune = endpoint_parameter(endpoint, "finetune_id");

    if (endpoint->kind != ENDPOINT_GENERATION || endpoint_state(endpoint) == ENDPOINT_GONE)
        return false;
    if (finetune && finetune->required)
        return avatar_model_has_finetune(model);
    return endpoint_parameter(endpoint, "loras") && avatar_model_has_lora(model);
}

static bool choose_route(const struct avatar_model *model, bool ultra, enum catalog_route *ret, struct err *reterr)
{
    bool lora = avatar_model_has_lora(model);

    if (ultra && (model->type == AVATAR_PORTRAIT || (lora && !avatar_model_has_finetune(model))))
        return err_set(reterr, ERR_INVALID, "preset_not_supported", "ultra needs a finetune");
    if (!lora && model->type == AVATAR_PORTRAIT)
        return err_set(reterr, ERR_CONFLICT, "lora_missing", "the portrait avatar has no LoRA file");
    if (!lora && !avatar_model_has_finetune(model))
        return err_set(reterr, ERR_CONFLICT, "finetune_missing", "the style avatar has neither finetune nor LoRA");
    *ret = ultra ? CATALOG_ULTRA : lora ? CATALOG_LORA : CATALOG_FINETUNE;
    return true;
}

static bool fits_model(const struct endpoint *endpoint, const void *model)
{
    return catalog_endpoint_fits(endpoint, model);
}

bool catalog_choose_endpoint(const struct catalog *catalog, const struct avatar_model *model, bool ultra,
                             const struct endpoint **ret, struct err *reterr)
{
    const struct endpoint *wanted, *serving;
    enum catalog_route route;

    if (!choose_route(model, ultra, &route, reterr))
        return false;
    wanted = catalog_routed(catalog, route);
    assert(wanted && "catalog_check has seen every route");
    if (!(serving = endpoint_serving(wanted, fits_model, model)))
        return err_set(reterr, ERR_CONFLICT, "endpoint_gone", "%s is gone, and nothing takes its place", wanted->id);
    *ret = serving;
    return true;
}
