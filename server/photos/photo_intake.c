#include "photos/photo_intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "http/upload.h"
#include "storage/store_config.h"

struct photo_intake *photo_intake_make(void)
{
    struct photo_intake *intake = calloc(1, sizeof *intake);

    if (!intake)
        abort();
    intake->fd = -1;
    return intake;
}

void photo_intake_done(void *memory)
{
    struct photo_intake *intake = memory;

    if (intake->fd >= 0)
        (void)close(intake->fd);
    free(intake);
}

size_t photo_upload_key(struct uuid avatar, struct uuid upload, char to[PHOTO_KEY_ROOM])
{
    return (size_t)snprintf(to, PHOTO_KEY_ROOM, "incoming/%s/%s.bin", avatar.text, upload.text);
}

/* False: the photo cannot be judged now, or nobody waits for it any more. */
static bool judge(struct photo_intake *intake, int fd, const struct photo_part *part, const atomic_bool *gone)
{
    if (atomic_load(gone))
        return err_set(&intake->err, ERR_TIMEOUT, "timeout", "the client has gone");
    if (!photo_judge_part(&intake->judge, fd, part, &intake->verdicts[intake->count], &intake->err))
        return false;
    intake->count++;
    return true;
}

static bool judge_form(struct photo_intake *intake, const atomic_bool *gone)
{
    struct photo_parts *parts = calloc(1, sizeof *parts);
    bool ok;

    if (!parts)
        abort();
    ok = photo_parts_read(intake->fd, intake->bytes, text_of(intake->boundary), *intake->csrf_token, parts,
                          &intake->faults, &intake->err);
    if (ok && *intake->csrf_token && !crypto_equal(text_of(intake->csrf_token), text_of(parts->csrf_token)))
        ok = err_set(&intake->err, ERR_FORBIDDEN, "csrf_failed", "the form has another token");
    for (int i = 0; ok && i < parts->count; i++)
        ok = judge(intake, intake->fd, &parts->items[i], gone);
    free(parts);
    return ok;
}

static bool judge_raw(struct photo_intake *intake, const atomic_bool *gone)
{
    struct photo_part part = {.len = intake->bytes};

    (void)text_copy(part.file_name, sizeof part.file_name, text_of(intake->file_name));
    return judge(intake, intake->fd, &part, gone);
}

static int into_file(struct photo_intake *intake, const struct buf *bytes, struct err *reterr)
{
    int fd = file_unnamed(intake->judge.config->temp_dir, reterr);

    if (fd >= 0 && !file_write(fd, (struct text){bytes->bytes, bytes->len})) {
        (void)file_failed("an upload's file", reterr);
        (void)close(fd);
        fd = -1;
    }
    if (fd < 0)
        (void)upload_file_failed(reterr);
    return fd;
}

/* From the bucket into a file; -1: *reterr. */
static int fetch(struct photo_intake *intake, const struct photo_upload *upload, int64_t *ret_bytes, struct err *reterr)
{
    CLEANUP(buf_done) struct buf bytes = buf_make((size_t)intake->judge.config->photo_max_size);
    char key[PHOTO_KEY_ROOM];

    (void)photo_upload_key(intake->judge.avatar, upload->id, key);
    if (!store_get(intake->judge.store, TEXT(PHOTO_BUCKET), text_of(key), &bytes, reterr))
        return -1;
    *ret_bytes = (int64_t)bytes.len;
    return into_file(intake, &bytes, reterr);
}

/* What never arrived, or is too large to be fetched, is a verdict. */
static bool refuse_unfetched(struct photo_intake *intake, const struct photo_upload *upload)
{
    struct photo_verdict *verdict = &intake->verdicts[intake->count];
    const char *code = intake->err.kind == ERR_NOT_FOUND ? "corrupt" : "too_large";

    if (intake->err.kind == ERR_DISK)
        return false;
    if (intake->err.kind != ERR_NOT_FOUND && intake->err.kind != ERR_TOO_LARGE)
        return err_set(&intake->err, ERR_BUSY, "storage", "the storage did not deliver an upload");
    *verdict = (struct photo_verdict){.photo = {.face_count = -1}};
    (void)text_copy(verdict->photo.file_name, sizeof verdict->photo.file_name, text_of(upload->file_name));
    photo_verdict_reject(verdict, code);
    intake->count++;
    return true;
}

static bool judge_upload(struct photo_intake *intake, const struct photo_upload *upload, const atomic_bool *gone)
{
    struct photo_part part = {0};
    int fd = fetch(intake, upload, &part.len, &intake->err);
    bool ok;

    if (fd < 0)
        return refuse_unfetched(intake, upload);
    (void)text_copy(part.file_name, sizeof part.file_name, text_of(upload->file_name));
    ok = judge(intake, fd, &part, gone);
    (void)close(fd);
    return ok;
}

static bool judge_all(struct photo_intake *intake, const atomic_bool *gone)
{
    bool ok = true;

    if (intake->kind == PHOTO_BODY_FORM)
        return judge_form(intake, gone);
    if (intake->kind == PHOTO_BODY_RAW)
        return judge_raw(intake, gone);
    for (int i = 0; ok && i < intake->uploads_count; i++)
        ok = judge_upload(intake, &intake->uploads[i], gone);
    return ok;
}

static void undo_all(struct photo_intake *intake)
{
    for (int i = 0; i < intake->count; i++)
        photo_judge_undo(&intake->judge, &intake->verdicts[i]);
    intake->count = 0;
}

void photo_intake_run(void *memory, const atomic_bool *gone)
{
    struct photo_intake *intake = memory;

    intake->judge.store = store_open_configured(intake->judge.config, NULL, &intake->err);
    if (!intake->judge.store)
        return;
    if (judge_all(intake, gone) && !atomic_load(gone))
        intake->err = (struct err){.kind = ERR_NONE}; /* what a photo was refused for is in its verdict */
    else
        undo_all(intake);
    store_close(intake->judge.store);
    intake->judge.store = NULL;
}
