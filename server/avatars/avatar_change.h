#pragma once
/* Changing and deleting avatars: the statements behind PATCH and DELETE. */
#include "avatars/avatar.h"
#include "json/json_in.h"

/* All zero before it is decoded. What is not given stays as it is. */
struct avatar_change {
    char name[4 * AVATAR_NAME_MAX + 1];
    bool is_main; /* true: becomes the main one */
    double default_lora_scale;
    bool has_name, has_is_main, has_default_lora_scale, no_default_lora_scale;
};

/* For json_decode and its like; then what JSON's types do not say. */
extern const struct json_field AVATAR_CHANGE_FIELDS[];
void avatar_change_check(const struct avatar_change *change, struct faults *faults);

/* A row for avatar_from_row; none: there is no such avatar or (is_main) it is not completed. Texts are borrowed. */
struct query avatar_change_update(struct uuid user, struct uuid id, const struct avatar_change *change);
/* One row; none: there is no such avatar, or it has unfinished generations. The newest completed one of the others
   takes the place of a main one. */
struct query avatar_change_delete(struct uuid user, struct uuid id);
