#pragma once
/* An avatar of one's own, to be trained on photos: the request, and what it writes. */
#include "avatars/avatar.h"
#include "users/idempotency.h"
#include "json/json_in.h"

#define AVATAR_TRIGGER_DEFAULT "TOK"

/* All zero before it is decoded. Absent texts are "". */
struct avatar_create {
    char name[4 * AVATAR_NAME_MAX + 1];
    const char *gender;        /* a literal (avatar_import_gender); NULL: none that we know */
    const char *training_type; /* a literal (avatar_import_type); NULL: none that we know */
    char trigger_phrase[4 * AVATAR_TRIGGER_MAX + 1], trigger_word[4 * AVATAR_TRIGGER_MAX + 1];
    bool has_trigger_phrase, has_trigger_word;
};

/* For json_decode and its like; then what the fields must be together. */
extern const struct json_field AVATAR_CREATE_FIELDS[];
void avatar_create_check(const struct avatar_create *create, struct faults *faults);

/* Makes the avatar, a draft, with its event and the idempotency key. A row for avatar_from_row; none: the key was
   taken, or the user has max_avatars. The texts are borrowed. */
struct query avatar_create_insert(struct uuid user, struct uuid id, const struct avatar_create *create,
                                  const struct idempotency *key, int64_t max_avatars);
