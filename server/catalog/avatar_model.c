#include "catalog/avatar_model.h"

bool avatar_model_has_lora(const struct avatar_model *model) { return model->lora_url && *model->lora_url; }

bool avatar_model_has_finetune(const struct avatar_model *model)
{
    return model->type == AVATAR_STYLE && model->finetune_id && *model->finetune_id;
}
