#include "photos/photo_api.h"

#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "photos/photo_album.h"
#include "photos/photo_links.h"
#include "photos/photo_receive.h"

static struct next reply_conflict(struct call *call, const char *code)
{
    struct err err;

    (void)err_set(&err, ERR_CONFLICT, code, "of photos");
    return reply_err(call, &err);
}

/* GET /api/v1/avatars/{id}/photos */

struct list_state {
    struct uuid id;
    struct avatar avatar;
};

static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next got_photos(struct call *call, const PGresult *rows);

struct next photo_list(struct call *call)
{
    struct list_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_only_id(call, &state->id, &refused))
        return refused;
    return await_rows(call, avatar_by_id(call->who.user, state->id), got_avatar);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct list_state *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    state->avatar = avatar_from_row(rows_at(rows, 0));
    return await_rows(call, photos_of(call->who.user, state->id), got_photos);
}

static struct next got_photos(struct call *call, const PGresult *rows)
{
    const struct list_state *state = call->state;
    const struct photo_links links = photo_links_of(call);
    const struct photo_album album = photo_album_of(call, rows, &state->avatar);
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < album.set.usable; i++)
        photo_write(&out, &album.photos[i], local_of(call)->config, &links, call->lang);
    json_end_array(&out);
    json_key(&out, "set");
    photo_set_write(&out, &album.set, call->lang);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* POST /api/v1/avatars/{id}/photos */

static struct next taken(struct call *call)
{
    const struct photo_receive *state = call->state;
    const struct photo_links links = photo_links_of(call);
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < state->verdicts_count; i++)
        photo_verdict_write(&out, &state->verdicts[i], local_of(call)->config, &links, call->lang);
    json_end_array(&out);
    json_key(&out, "set");
    photo_set_write(&out, &state->set, call->lang);
    json_key_int64(&out, "photos_count", state->set.usable);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

struct send_query {
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
};

static const struct query_field SEND_FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct send_query, file_name, .max = PHOTO_FILE_NAME_MAX), {0}};

struct next photo_send(struct call *call)
{
    static const struct photo_answers ANSWERS = {taken, reply_faults, reply_err};
    struct photo_receive *state = call_state_make(call, sizeof *state);
    struct send_query query = {""};
    struct next refused;

    if (!body_query(call, SEND_FIELDS, &query, &refused))
        return refused;
    if (!call_param_uuid(call, 0, &state->avatar_id))
        return reply_not_found(call);
    state->answers = &ANSWERS;
    photo_file_name(text_of(query.file_name), state->file_name);
    return photo_receive_begin(call);
}

/* GET /api/v1/avatars/{id}/photos/{photo_id} */

static bool read_ids(struct call *call, struct uuid *avatar, struct uuid *photo, struct next *refused)
{
    if (!body_no_query(call, refused))
        return false;
    if (call_param_uuid(call, 0, avatar) && call_param_uuid(call, 1, photo))
        return true;
    *refused = reply_not_found(call);
    return false;
}

static struct next got_photo(struct call *call, const PGresult *rows);

struct next photo_show(struct call *call)
{
    struct uuid avatar, photo;
    struct next refused;

    if (!read_ids(call, &avatar, &photo, &refused))
        return refused;
    return await_rows(call, photo_by_id(call->who.user, avatar, photo), got_photo);
}

static struct next got_photo(struct call *call, const PGresult *rows)
{
    const struct photo_links links = photo_links_of(call);
    struct json_out out;
    struct photo photo;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    out = reply_json_begin(call);
    photo = photo_from_row(rows_at(rows, 0));
    photo_write(&out, &photo, local_of(call)->config, &links, call->lang);
    return reply_json(call, 200, &out);
}

/* DELETE /api/v1/avatars/{id}/photos/{photo_id} */

static struct next removed(struct call *call, const PGresult *rows);

struct next photo_delete(struct call *call)
{
    struct uuid avatar, photo;
    struct next refused;

    if (!read_ids(call, &avatar, &photo, &refused))
        return refused;
    return await_rows(call, photo_remove(call->who.user, avatar, photo), removed);
}

static struct next removed(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);
    const char *outcome = row_text(&row);

    if (strcmp(outcome, "training") == 0)
        return reply_conflict(call, "avatar_training");
    return strcmp(outcome, "removed") == 0 ? reply_no_content(call) : reply_not_found(call);
}
