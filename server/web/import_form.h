#pragma once
/* The form for taking over a model that was trained elsewhere: what is typed, and the request that it means. */
#include "avatars/avatar_import.h"
#include "http/call.h"

struct import_form {
    char name[4 * AVATAR_NAME_MAX + 1], gender[8], training_type[10];
    char trigger[4 * AVATAR_TRIGGER_MAX + 1]; /* trigger_phrase or trigger_word */
    char diffusers_lora_file_url[AVATAR_URL_MAX + 1], finetune_id[AVATAR_FINETUNE_MAX + 1];
    char default_lora_scale[12]; /* as typed; "": none */
    char key[40];
};

/* A form that was sent, by the API's rules: the request, and what is wrong, by the names of the form's fields. False:
   answered. */
bool import_form_read(struct call *call, struct import_form *ret_form, struct avatar_import *ret_import,
                      struct faults *ret_faults, struct next *refused);
