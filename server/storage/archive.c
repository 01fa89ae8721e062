#include "storage/archive.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/file.h"

/* The archive itself: libzip writes through this into a file without a name. */
struct target {
    int fd;
    int64_t bytes, read_at, write_at;
    zip_error_t error;
};

/* One of its files: loaded when it is its turn, let go behind it. */
struct member {
    const struct archive_file *file;
    archive_load_fn load;
    void *owner;
    int index;
    struct buf bytes;
    size_t at;
    struct err *err; /* shared by all: the first that went wrong */
    zip_error_t error;
};

static zip_int64_t put(struct target *target, const void *data, zip_uint64_t len)
{
    if (!file_write_at(target->fd, (struct text){data, len}, target->write_at)) {
        zip_error_set(&target->error, ZIP_ER_WRITE, errno);
        return -1;
    }
    target->write_at += (int64_t)len;
    if (target->bytes < target->write_at)
        target->bytes = target->write_at;
    return (zip_int64_t)len;
}

static zip_int64_t get(struct target *target, void *data, zip_uint64_t len)
{
    ssize_t done = pread(target->fd, data, len, target->read_at);

    if (done < 0)
        zip_error_set(&target->error, ZIP_ER_READ, errno);
    else
        target->read_at += done;
    return done;
}

static zip_int64_t seek(struct target *target, int64_t *at, void *data, zip_uint64_t len)
{
    zip_int64_t to =
        zip_source_seek_compute_offset((zip_uint64_t)*at, (zip_uint64_t)target->bytes, data, len, &target->error);

    if (to < 0)
        return -1;
    *at = to;
    return 0;
}

static zip_int64_t tell_size(void *data, zip_uint64_t len, int64_t bytes, zip_error_t *error)
{
    zip_stat_t *stat = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, len, error);

    if (!stat)
        return -1;
    zip_stat_init(stat);
    stat->size = (zip_uint64_t)bytes;
    stat->valid |= ZIP_STAT_SIZE;
    return sizeof *stat;
}

static zip_int64_t on_target(void *state, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct target *target = state;

    switch (command) {
    case ZIP_SOURCE_WRITE: return put(target, data, len);
    case ZIP_SOURCE_SEEK_WRITE: return seek(target, &target->write_at, data, len);
    case ZIP_SOURCE_TELL_WRITE: return target->write_at;
    case ZIP_SOURCE_OPEN: target->read_at = 0; return 0;
    case ZIP_SOURCE_READ: return get(target, data, len);
    case ZIP_SOURCE_SEEK: return seek(target, &target->read_at, data, len);
    case ZIP_SOURCE_TELL: return target->read_at;
    case ZIP_SOURCE_STAT: return tell_size(data, len, target->bytes, &target->error);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&target->error, data, len);
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE:
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
                                              ZIP_SOURCE_SUPPORTS, ZIP_SOURCE_BEGIN_WRITE, ZIP_SOURCE_COMMIT_WRITE,
                                              ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_WRITE, ZIP_SOURCE_SEEK_WRITE,
                                              ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
    default: zip_error_set(&target->error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

static zip_int64_t open_member(struct member *member)
{
    size_t wanted = (size_t)member->file->bytes;

    member->bytes = buf_make(wanted + 1);
    member->at = 0;
    if (!member->load(member->owner, member->index, &member->bytes, member->err) ||
        (member->bytes.len != wanted &&
         !err_set(member->err, ERR_INTERNAL, "archive_failed", "%s has %zu bytes instead of %zu", member->file->name,
                  member->bytes.len, wanted))) {
        zip_error_set(&member->error, ZIP_ER_READ, EIO);
        return -1;
    }
    return 0;
}

static zip_int64_t on_member(void *state, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct member *member = state;
    size_t left = member->bytes.len - member->at, piece = len < left ? (size_t)len : left;

    switch (command) {
    case ZIP_SOURCE_OPEN: return open_member(member);
    case ZIP_SOURCE_READ:
        if (piece)
            memcpy(data, member->bytes.bytes + member->at, piece);
        member->at += piece;
        return (zip_int64_t)piece;
    case ZIP_SOURCE_CLOSE: buf_done(&member->bytes); return 0;
    case ZIP_SOURCE_STAT: return tell_size(data, len, member->file->bytes, &member->error);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&member->error, data, len);
    case ZIP_SOURCE_FREE: buf_done(&member->bytes); return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default: zip_error_set(&member->error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

static bool failed(const zip_error_t *error, struct err *reterr)
{
    bool full = error && zip_error_code_system(error) == ENOSPC;

    if (reterr->kind == ERR_NONE) /* else a member has said why */
        (void)err_set(reterr, full ? ERR_BUSY : ERR_INTERNAL, full ? "archive_full" : "archive_failed", "libzip: %d",
                      error ? zip_error_code_zip(error) : 0);
    return false;
}

static bool add(zip_t *zip, struct member *member, struct err *reterr)
{
    zip_source_t *source = zip_source_function(zip, on_member, member);
    zip_int64_t index = source ? zip_file_add(zip, member->file->name, source, ZIP_FL_ENC_GUESS) : -1;

    if (index < 0) {
        zip_source_free(source);
        return failed(zip_get_error(zip), reterr);
    }
    return (zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
            zip_file_set_dostime(zip, (zip_uint64_t)index, 0, 0x21 /* 1980-01-01 */, 0) == 0) ||
           failed(zip_get_error(zip), reterr);
}

static bool fill(zip_t *zip, struct member *members, int count, struct err *reterr)
{
    for (int i = 0; i < count; i++)
        if (!add(zip, &members[i], reterr)) {
            zip_discard(zip);
            return false;
        }
    if (zip_close(zip) == 0)
        return true;
    (void)failed(zip_get_error(zip), reterr);
    zip_discard(zip);
    return false;
}

bool archive_write(int fd, const struct archive_file *files, int count, archive_load_fn load, void *owner,
                   int64_t *ret_bytes, struct err *reterr)
{
    struct target target = {.fd = fd};
    struct member *members = calloc((size_t)count, sizeof *members);
    zip_source_t *source;
    zip_error_t error;
    bool ok = false;
    zip_t *zip;

    assert(count > 0);
    if (!members)
        abort();
    *reterr = (struct err){0};
    zip_error_init(&target.error);
    zip_error_init(&error);
    for (int i = 0; i < count; i++)
        members[i] = (struct member){.file = &files[i], .load = load, .owner = owner, .index = i, .err = reterr};
    source = zip_source_function_create(on_target, &target, &error);
    if (source && (zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error)))
        ok = fill(zip, members, count, reterr);
    else {
        zip_source_free(source);
        (void)failed(&error, reterr);
    }
    zip_error_fini(&error);
    zip_error_fini(&target.error);
    free(members);
    *ret_bytes = target.bytes;
    return ok;
}
