#pragma once
/* What generation needs to know of an avatar: its type and the trained model it owns. Strings are borrowed; NULL and
   "" both mean that there is none. */
#include <stdbool.h>

enum avatar_type { AVATAR_PORTRAIT, AVATAR_STYLE };

struct avatar_model {
    enum avatar_type type;
    const char *lora_url;    /* where fal.ai can fetch the LoRA file */
    const char *finetune_id; /* style avatars only */
    const char *trigger;     /* phrase or word that calls the model up in a prompt */
    bool has_default_lora_scale;
    double default_lora_scale; /* 0..4 */
};

bool avatar_model_has_lora(const struct avatar_model *model);
bool avatar_model_has_finetune(const struct avatar_model *model);
