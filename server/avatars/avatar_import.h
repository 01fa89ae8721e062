#pragma once
/* Taking over a model that was trained elsewhere: the request, and what it writes. */
#include "avatars/avatar.h"
#include "users/idempotency.h"
#include "json/json_in.h"

/* All zero before it is decoded. Absent texts are "". */
struct avatar_import {
    char name[4 * AVATAR_NAME_MAX + 1];
    const char *gender;        /* a literal; NULL: none that we know */
    const char *training_type; /* a literal; NULL: none that we know */
    char trigger_phrase[4 * AVATAR_TRIGGER_MAX + 1], trigger_word[4 * AVATAR_TRIGGER_MAX + 1];
    char diffusers_lora_file_url[AVATAR_URL_MAX + 1];
    char finetune_id[AVATAR_FINETUNE_MAX + 1];
    double default_lora_scale;
    bool has_trigger_phrase, has_trigger_word, has_lora, has_finetune, has_default_lora_scale;
};

/* For json_decode and its like; then what the fields must be together: one of the contract's three shapes. */
extern const struct json_field AVATAR_IMPORT_FIELDS[];
void avatar_import_check(const struct avatar_import *import, struct faults *faults);

/* The literal for the struct's member; NULL: we know none of that name. */
const char *avatar_import_gender(const char *name);
const char *avatar_import_type(const char *name);
/* The same for members of requests, as JSON_CUSTOM: into a const char *. */
void avatar_import_read_gender(yajl_val value, void *at, const char *field, struct faults *faults);
void avatar_import_read_type(yajl_val value, void *at, const char *field, struct faults *faults);

/* Makes the avatar, completed, with its event and the idempotency key; the main one when the user has none. A row for
   avatar_from_row; none: the key was taken, or the user has max_avatars. The texts are borrowed. */
struct query avatar_import_insert(struct uuid user, struct uuid id, const struct avatar_import *import,
                                  const struct idempotency *key, int64_t max_avatars);
