/* POST /api/v1/avatars/{id}/photos/uploads: an address of the bucket that takes one photo. */
#include <stdio.h>
#include <string.h>

#include "avatars/avatar.h"
#include "base/clock.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "photos/photo_api.h"
#include "photos/photo_upload.h"
#include "photos/photo_verdict.h"
#include "storage/object_link.h"

enum { TTL_S = 3600, TYPE_MAX = 100 };

struct upload_wish {
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
    char content_type[4 * TYPE_MAX + 1];
    int64_t file_size;
};

struct upload_state {
    struct upload_wish wish;
    struct uuid avatar, id;
    int64_t now_s;
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
    char url[OBJECT_LINK_ROOM];
};

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct upload_wish, file_name, .min = 0, .max = PHOTO_FILE_NAME_MAX, .optional = true),
    JSON_FIELD(JSON_TEXT, struct upload_wish, content_type, .min = 1, .max = TYPE_MAX),
    JSON_FIELD(JSON_INT64, struct upload_wish, file_size, .min = 1, .max = INT32_MAX),
    {0},
};

static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next opened(struct call *call, const PGresult *rows);

/* image/…: which one it is, its bytes say. It is signed as it stands, so it must be what a browser sends unchanged. */
static bool is_picture_type(const char *type)
{
    return strncmp(type, "image/", 6) == 0 && type[6] &&
           type[strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789/.+-")] == '\0' && !strchr(type + 6, '/');
}

static struct next refuse(struct call *call, const char *code)
{
    struct err err;

    (void)err_set(&err, strcmp(code, "not_found") == 0 ? ERR_NOT_FOUND : ERR_CONFLICT, code, "of uploads");
    return reply_err(call, &err);
}

static bool make_link(struct call *call, struct upload_state *state)
{
    char key[PHOTO_KEY_ROOM];
    size_t len = photo_upload_key(state->avatar, state->id, key);

    state->now_s = clock_wall_s();
    return object_link_put(local_of(call)->links, TEXT(PHOTO_BUCKET), (struct text){key, len},
                           text_of(state->wish.content_type), state->wish.file_size, state->now_s, TTL_S,
                           state->url) > 0;
}

struct next photo_upload_open(struct call *call)
{
    struct upload_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    if (!call_param_uuid(call, 0, &state->avatar))
        return reply_not_found(call);
    if (!body_json_faults(call, FIELDS, &state->wish, &faults, &refused))
        return refused;
    if (*state->wish.content_type && !is_picture_type(state->wish.content_type))
        (void)faults_add_what(&faults, "content_type", "not_one_of", TEXT("image/jpeg, image/png, image/webp"));
    if (state->wish.file_size > local_of(call)->config->photo_max_size && !faults_have(&faults, "file_size"))
        (void)faults_add_range(&faults, "file_size", "out_of_range", 1, local_of(call)->config->photo_max_size);
    if (faults.count)
        return reply_faults(call, &faults);
    state->id = uuid_make();
    photo_file_name(text_of(state->wish.file_name), state->file_name);
    if (!make_link(call, state))
        return await_rows(call, avatar_by_id(call->who.user, state->avatar), got_avatar);
    return await_rows(call, upload_insert(call->who.user, state->avatar, state->id, state->file_name), opened);
}

/* Somebody else's is not there, wherever objects lie. */
static struct next got_avatar(struct call *call, const PGresult *rows)
{
    return refuse(call, rows_count(rows) ? "upload_not_offered" : "not_found");
}

static struct next opened(struct call *call, const PGresult *rows)
{
    const struct upload_state *state = call->state;
    struct row row = rows_at(rows, 0);
    const char *outcome = row_text(&row);
    char expires_at[CLOCK_RFC3339_ROOM];
    struct json_out out;

    if (strcmp(outcome, "open") != 0)
        return refuse(call, strcmp(outcome, "full") == 0       ? "uploads_open"
                            : strcmp(outcome, "training") == 0 ? "avatar_training"
                                                               : "not_found");
    out = reply_json_begin(call);
    json_object(&out);
    json_key_text(&out, "upload_id", state->id.text);
    json_key_text(&out, "url", state->url);
    json_key_text(&out, "method", "PUT");
    json_key(&out, "headers");
    json_object(&out);
    json_key_text(&out, "Content-Type", state->wish.content_type);
    json_end_object(&out);
    clock_rfc3339((state->now_s + TTL_S) * 1000000, expires_at);
    json_key_text(&out, "expires_at", expires_at);
    json_end_object(&out);
    return reply_json(call, 201, &out);
}
