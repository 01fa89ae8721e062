#pragma once
/* An avatar: the row, its JSON, its model. */
#include "base/messages.h"
#include "catalog/catalog.h"
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

enum {
    AVATAR_NAME_MAX = 64,    /* code points */
    AVATAR_TRIGGER_MAX = 64, /* code points */
    AVATAR_URL_MAX = 1000,
    AVATAR_FINETUNE_MAX = 100,
    AVATAR_MODEL_KEY_ROOM = 120,
};

#define AVATAR_MODEL_BUCKET "aisha-v2-models"
#define AVATAR_TRIGGER_DEFAULT "TOK" /* where its owner has not chosen one */

struct avatar {
    struct uuid id, user;
    char name[4 * AVATAR_NAME_MAX + 1];
    char gender[8]; /* "male", "female", "other" */
    enum avatar_type type;
    char status[12];                          /* "draft", "training", "completed", "error" */
    int64_t training_progress;                /* percent */
    char training_preset[12];                 /* "": none */
    char trigger[4 * AVATAR_TRIGGER_MAX + 1]; /* trigger_phrase of a portrait, trigger_word of a style; "": none */
    char lora_url[AVATAR_URL_MAX + 1];
    char finetune_id[AVATAR_FINETUNE_MAX + 1];
    bool has_default_lora_scale;
    double default_lora_scale;
    bool is_main;
    int64_t photos_count, usable_photos;
    char error_code[40]; /* "": none */
    char created_at[ROW_TIME_ROOM], updated_at[ROW_TIME_ROOM], completed_at[ROW_TIME_ROOM];
    char model_key[AVATAR_MODEL_KEY_ROOM]; /* of our own copy of the LoRA file in AVATAR_MODEL_BUCKET; "": none */
    int64_t model_bytes;                   /* of that; 0: none */
};

/* What avatar_from_row reads, of avatars or of a WITH part that returns its rows. */
#define AVATAR_COLUMNS                                                                                                 \
    "id, user_id, name, gender, training_type, status, training_progress, training_preset, trigger_text, lora_url,"    \
    " finetune_id, default_lora_scale, is_main, photos_count, usable_photos, error_code, created_at, updated_at,"      \
    " completed_at, model_key, model_bytes"

struct avatar avatar_from_row(struct row row);
bool avatar_is_completed(const struct avatar *avatar);
/* May it make pictures? Also while it learns anew, with the model that it has. */
bool avatar_is_ready(const struct avatar *avatar);
/* The contract's Avatar, as one value. */
void avatar_write(struct json_out *out, const struct avatar *avatar, const struct catalog *catalog, enum lang lang);
/* Borrows the avatar's texts. */
struct avatar_model avatar_model_of(const struct avatar *avatar);

/* Rows for avatar_from_row, never of deleted ones. */
struct query avatar_by_id(struct uuid user, struct uuid id);
struct query avatar_main(struct uuid user);
/* Newest first; after "" is the first page. */
struct query avatars_of(struct uuid user, struct uuid after, int64_t limit);
/* Also a deleted one. */
struct query avatar_even_deleted(struct uuid user, struct uuid id);
