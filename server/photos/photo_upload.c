#include "photos/photo_upload.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json/json_in.h"

struct ids {
    struct photo_upload *uploads;
    int count;
};

static bool is_repeated(const struct ids *ids, struct uuid id)
{
    for (int i = 0; i < ids->count; i++)
        if (strcmp(ids->uploads[i].id.text, id.text) == 0)
            return true;
    return false;
}

static void read_id(struct ids *ids, yajl_val value, const char *field, size_t at, struct faults *faults)
{
    const char *text = YAJL_GET_STRING(value);
    char path[64];
    struct uuid id;

    (void)snprintf(path, sizeof path, "%.40s[%zu]", field, at);
    if (!text || !uuid_read(text_of(text), &id))
        (void)faults_add(faults, path, "not_a_uuid");
    else if (is_repeated(ids, id))
        (void)faults_add(faults, path, "repeated");
    else
        ids->uploads[ids->count++] = (struct photo_upload){.id = id};
}

static void read_ids(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct ids *ids;

    memcpy(&ids, at, sizeof ids);
    if (!YAJL_IS_ARRAY(value)) {
        (void)faults_add(faults, field, "not_an_array");
        return;
    }
    if (value->u.array.len == 0)
        (void)faults_add(faults, field, "empty");
    else if (value->u.array.len > UPLOADS_MOST)
        (void)faults_add_range(faults, field, "too_many_items", 0, UPLOADS_MOST);
    else
        for (size_t i = 0; i < value->u.array.len; i++)
            read_id(ids, value->u.array.values[i], field, i, faults);
}

struct ids_body {
    struct ids *upload_ids;
};

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_CUSTOM, struct ids_body, upload_ids, .custom = read_ids),
    {0},
};

static bool read_body(const struct upload *body, struct buf *ret, struct err *reterr)
{
    ssize_t got;

    if (body->bytes > UPLOAD_IDS_BODY)
        return err_set(reterr, ERR_TOO_LARGE, "body_too_large", "%lld bytes", (long long)body->bytes);
    if (body->bytes == 0)
        return true;
    got = pread(body->fd, buf_reserve(ret, (size_t)body->bytes), (size_t)body->bytes, 0);
    if (got != body->bytes)
        return err_set(reterr, ERR_INTERNAL, "internal", "an upload cannot be read: %s", strerror(errno));
    ret->len += (size_t)got;
    return true;
}

bool upload_ids_read(const struct upload *body, struct photo_upload *ret, int *ret_count, struct faults *faults,
                     struct err *reterr)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(UPLOAD_IDS_BODY + 1);
    struct ids ids = {.uploads = ret};
    struct ids_body decoded = {.upload_ids = &ids};

    if (!read_body(body, &bytes, reterr) ||
        !json_decode_body((struct text){bytes.bytes ? bytes.bytes : "", bytes.len}, FIELDS, &decoded, faults, reterr))
        return false;
    *ret_count = ids.count;
    return true;
}

struct query uploads_of(struct uuid user, struct uuid avatar)
{
    struct query q = query_read("SELECT u.id, u.file_name FROM photo_uploads u JOIN avatars a ON a.id = u.avatar_id"
                                " WHERE a.user_id = $1 AND u.avatar_id = $2 ORDER BY u.id LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    query_add_int64(&q, UPLOADS_MOST);
    return q;
}

static bool find(const PGresult *rows, struct photo_upload *upload)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        if (strcmp(row_text(&row), upload->id.text) == 0)
            return text_copy(upload->file_name, sizeof upload->file_name, row_piece(&row));
    }
    return false;
}

void upload_ids_find(const PGresult *rows, struct photo_upload *uploads, int count, struct faults *faults)
{
    char path[64];

    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "upload_ids[%d]", i);
        if (!find(rows, &uploads[i]))
            (void)faults_add(faults, path, "upload_unknown");
    }
}

struct query upload_insert(struct uuid user, struct uuid avatar, struct uuid id, const char *file_name)
{
    struct query q = query_write("SELECT photo_upload_open($1, $2, $3, $4, $5)");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    query_add_uuid(&q, id);
    query_add_text(&q, file_name);
    query_add_int64(&q, UPLOADS_MOST);
    return q;
}
