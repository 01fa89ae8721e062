#include "photos/photo_add.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/crypto.h"

/* bytea, in the form that PostgreSQL reads */
static void write_bytes(struct json_out *out, const char *key, const unsigned char *bytes, size_t len)
{
    char hex[2 + HEX_ROOM(64)] = "\\x";

    hex_write(bytes, len > 64 ? 64 : len, hex + 2);
    json_key_text(out, key, hex);
}

static void write_measures(struct json_out *out, const struct photo *p)
{
    json_key_double(out, "sharpness", p->sharpness);
    json_key_double(out, "brightness", p->brightness);
    json_key_double(out, "quality", p->quality);
    if (p->face_count < 0)
        json_key_null(out, "face_count");
    else
        json_key_int64(out, "face_count", p->face_count);
    if (p->face_count > 0)
        json_key_double(out, "face_share", p->face_share);
    else
        json_key_null(out, "face_share");
}

static void write_row(struct json_out *out, const struct photo *p)
{
    json_object(out);
    json_key_text(out, "id", p->id.text);
    json_key_text(out, "status", *p->code ? "warning" : "valid");
    json_key_text(out, "code", *p->code ? p->code : NULL);
    json_key_text(out, "file_name", p->file_name);
    write_bytes(out, "file_hash", p->file_hash, sizeof p->file_hash);
    json_key_int64(out, "file_size", p->file_size);
    json_key_int64(out, "look", (int64_t)p->look);
    json_key_int64(out, "width", p->width);
    json_key_int64(out, "height", p->height);
    json_key_text(out, "object_key", p->object_key);
    json_key_int64(out, "bytes", p->bytes);
    write_bytes(out, "placeholder", p->placeholder, p->placeholder_len);
    write_measures(out, p);
    json_end_object(out);
}

static size_t write_rows(const struct photo_intake *intake, struct buf *buf)
{
    struct json_out out = json_out_begin(buf);

    json_array(&out);
    for (int i = 0; i < intake->count; i++)
        if (*intake->verdicts[i].photo.id.text)
            write_row(&out, &intake->verdicts[i].photo);
    json_end_array(&out);
    (void)buf_add(buf, "", 1);
    return buf->len;
}

/* A text[] literal of ids. */
static void write_spent(const struct photo_intake *intake, struct buf *buf)
{
    (void)buf_add_text(buf, "{");
    for (int i = 0; i < intake->uploads_count; i++)
        (void)buf_add_format(buf, "%s%s", i ? "," : "", intake->uploads[i].id.text);
    (void)buf_add_text(buf, "}");
}

struct query photo_add(struct uuid user, const struct photo_intake *intake, struct buf *buf)
{
    struct query q = query_write("SELECT photo, outcome FROM photos_add($1, $2, $3, $4, $5)");
    size_t spent = write_rows(intake, buf);

    write_spent(intake, buf);
    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, intake->judge.avatar);
    query_add_text(&q, buf->bytes);
    query_add_int64(&q, intake->judge.config->avatar_max_photos);
    query_add_text(&q, buf->bytes + spent);
    return q;
}

static struct photo_verdict *verdict_of(struct photo_intake *intake, struct uuid id)
{
    for (int i = 0; i < intake->count; i++)
        if (strcmp(intake->verdicts[i].photo.id.text, id.text) == 0)
            return &intake->verdicts[i];
    return NULL;
}

bool photo_add_apply(const PGresult *rows, struct photo_intake *intake, struct err *reterr)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        struct photo_verdict *verdict = verdict_of(intake, row_uuid(&row));
        const char *outcome = row_text(&row);
        if (strcmp(outcome, "gone") == 0)
            return err_set(reterr, ERR_NOT_FOUND, "not_found", "the avatar was deleted meanwhile");
        if (strcmp(outcome, "training") == 0)
            return err_set(reterr, ERR_CONFLICT, "avatar_training", "its training began meanwhile");
        if (verdict && strcmp(outcome, "added") != 0)
            photo_verdict_reject(verdict, outcome);
    }
    return true;
}
