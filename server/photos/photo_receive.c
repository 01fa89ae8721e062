#include "photos/photo_receive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/await_rows.h"
#include "http/await_work.h"
#include "http/reply.h"
#include "local.h"
#include "photos/photo_add.h"
#include "photos/photo_album.h"
#include "photos/photo_upload.h"

enum { MAX_ROWS_BYTES = 512 * 1024 };

static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next got_body(struct call *call, const struct upload *upload);
static struct next got_uploads(struct call *call, const PGresult *rows);
static struct next got_known(struct call *call, const PGresult *rows);
static struct next judged(struct call *call, void *work);
static struct next added(struct call *call, const PGresult *rows);
static struct next got_all(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, const struct err *err)
{
    const struct photo_receive *state = call->state;

    return state->answers->refused(call, err);
}

static struct next refuse_with(struct call *call, enum err_kind kind, const char *code, const char *why)
{
    struct err err;

    (void)err_set(&err, kind, code, "%s", why);
    return refuse(call, &err);
}

static bool is_type(struct text content_type, struct text type)
{
    struct text rest = content_type, name = text_trim(text_cut(&rest, ';'));

    return text_equal_ignoring_case(name, type);
}

static bool is_picture(struct text type)
{
    return is_type(type, TEXT("application/octet-stream")) ||
           (type.len > 6 && text_equal_ignoring_case((struct text){type.at, 6}, TEXT("image/")));
}

/* What kind of body it is, by its Content-Type alone. */
static bool read_type(const struct call *call, struct photo_receive *state, struct err *reterr)
{
    struct text type = call_header(call, "content-type"), boundary;

    state->kind = PHOTO_BODY_FORM;
    if (!state->form_only && is_picture(type))
        state->kind = PHOTO_BODY_RAW;
    else if (!state->form_only && is_type(type, TEXT("application/json")))
        state->kind = PHOTO_BODY_UPLOADS;
    if (state->kind != PHOTO_BODY_FORM)
        return true;
    return multipart_boundary(type, &boundary, reterr) &&
           (text_copy(state->boundary, sizeof state->boundary, boundary) ||
            err_set(reterr, ERR_BAD_REQUEST, "multipart_no_boundary", "a boundary of %zu bytes", boundary.len));
}

struct next photo_receive_begin(struct call *call)
{
    struct photo_receive *state = call->state;
    struct err err;

    if (!read_type(call, state, &err))
        return refuse(call, &err);
    return await_rows(call, avatar_by_id(call->who.user, state->avatar_id), got_avatar);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct photo_receive *state = call->state;

    if (rows_count(rows) == 0)
        return refuse_with(call, ERR_NOT_FOUND, "not_found", "no such avatar");
    state->avatar = avatar_from_row(rows_at(rows, 0));
    if (strcmp(state->avatar.status, "training") == 0)
        return refuse_with(call, ERR_CONFLICT, "avatar_training", "it is being trained");
    return await_upload(call, got_body);
}

static struct next load_known(struct call *call)
{
    const struct photo_receive *state = call->state;

    return await_rows(call, photos_of(call->who.user, state->avatar_id), got_known);
}

static struct next got_body(struct call *call, const struct upload *upload)
{
    struct photo_receive *state = call->state;
    struct faults faults = {0};
    struct err err;

    state->upload = *upload;
    if (state->kind != PHOTO_BODY_UPLOADS)
        return load_known(call);
    state->uploads = call_alloc(call, MULTIPART_MAX_PARTS * sizeof *state->uploads);
    if (!upload_ids_read(upload, state->uploads, &state->uploads_count, &faults, &err))
        return faults.count ? state->answers->faulty(call, &faults) : refuse(call, &err);
    return await_rows(call, uploads_of(call->who.user, state->avatar_id), got_uploads);
}

static struct next got_uploads(struct call *call, const PGresult *rows)
{
    const struct photo_receive *state = call->state;
    struct faults faults = {0};

    upload_ids_find(rows, state->uploads, state->uploads_count, &faults);
    return faults.count ? state->answers->faulty(call, &faults) : load_known(call);
}

static void mark_known(struct photo_judge *judge, const PGresult *rows)
{
    for (int i = 0; i < rows_count(rows) && judge->marks_count < PHOTOS_MOST; i++) {
        struct photo photo = photo_from_row(rows_at(rows, i));
        struct photo_mark *mark = &judge->marks[judge->marks_count++];
        memcpy(mark->file_hash, photo.file_hash, sizeof mark->file_hash);
        mark->look = photo.look;
    }
}

static struct photo_intake *make_intake(struct call *call, const struct photo_receive *state)
{
    const struct local *local = local_of(call);
    struct photo_intake *intake = photo_intake_make();

    intake->kind = state->kind;
    intake->bytes = state->upload.bytes;
    memcpy(intake->boundary, state->boundary, sizeof intake->boundary);
    memcpy(intake->csrf_token, state->csrf_token, sizeof intake->csrf_token);
    memcpy(intake->file_name, state->file_name, sizeof intake->file_name);
    intake->uploads_count = state->uploads_count;
    for (int i = 0; i < state->uploads_count; i++)
        intake->uploads[i] = state->uploads[i];
    intake->judge.config = local->config;
    intake->judge.decoder = local->decoder;
    intake->judge.avatar = state->avatar_id;
    intake->judge.portrait = state->avatar.type == AVATAR_PORTRAIT;
    return intake;
}

static struct next got_known(struct call *call, const PGresult *rows)
{
    const struct photo_receive *state = call->state;
    struct photo_intake *intake = make_intake(call, state);

    mark_known(&intake->judge, rows);
    if (state->upload.bytes > 0 && (intake->fd = fcntl(state->upload.fd, F_DUPFD_CLOEXEC, 3)) < 0) {
        photo_intake_done(intake);
        return refuse_with(call, ERR_INTERNAL, "internal", strerror(errno));
    }
    return await_work(call, intake, photo_intake_run, photo_intake_done, judged);
}

static struct next load_all(struct call *call)
{
    const struct photo_receive *state = call->state;

    return await_rows(call, photos_of(call->who.user, state->avatar_id), got_all);
}

static int count_taken(const struct photo_intake *intake)
{
    int taken = 0;

    for (int i = 0; i < intake->count; i++)
        taken += *intake->verdicts[i].photo.id.text != '\0';
    return taken;
}

static struct next judged(struct call *call, void *work)
{
    struct photo_receive *state = call->state;
    struct photo_intake *intake = call_alloc(call, sizeof *intake);
    CLEANUP(buf_done) struct buf rows = buf_make(MAX_ROWS_BYTES);
    struct query q;

    memcpy(intake, work, sizeof *intake);
    intake->fd = -1;
    state->intake = intake;
    if (intake->faults.count)
        return state->answers->faulty(call, &intake->faults);
    if (intake->err.kind != ERR_NONE)
        return refuse(call, &intake->err);
    if (!count_taken(intake) && !intake->uploads_count)
        return load_all(call);
    q = photo_add(call->who.user, intake, &rows);
    return await_rows(call, q, added);
}

static struct next added(struct call *call, const PGresult *rows)
{
    const struct photo_receive *state = call->state;
    struct err err;

    return photo_add_apply(rows, state->intake, &err) ? load_all(call) : refuse(call, &err);
}

static struct next got_all(struct call *call, const PGresult *rows)
{
    struct photo_receive *state = call->state;

    state->set = photo_album_of(call, rows, &state->avatar).set;
    state->verdicts = state->intake->verdicts;
    state->verdicts_count = state->intake->count;
    return state->answers->taken(call);
}
