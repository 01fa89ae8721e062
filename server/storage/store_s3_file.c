/* Files: small ones by one PUT, large ones in parts, so that a broken connection does not cost the whole of it. */
#include <stdio.h>
#include <string.h>

#include "storage/s3_xml.h"
#include "storage/store_s3_inside.h"

enum { ONE_PUT_MAX = 64 * 1024 * 1024, PART_BYTES = 16 * 1024 * 1024, PARTS_MAX = 10000, UPLOAD_ROOM = 1024 };

struct upload {
    struct store *store;
    const char *path;
    struct s3_call call;  /* bucket, key, type */
    char id[UPLOAD_ROOM]; /* of the server's */
    struct buf parts;     /* the list that ends it */
};

static bool begin(struct upload *upload, struct err *reterr)
{
    struct s3_call call = upload->call;
    const struct sigv4_pair query = {TEXT("uploads"), TEXT("")};
    struct s3_answer answer;
    bool ok;

    call.method = FETCH_POST;
    call.query = &query, call.query_count = 1;
    ok = s3_call(s3_client_of(upload->store), &call, &answer, reterr);
    if (ok && !s3_answer_ok(&answer))
        ok = store_s3_cannot_write(&answer, "begin to write", upload->path, reterr);
    if (ok && !s3_xml_value((struct text){answer.response.body.bytes, answer.response.body.len},
                            "InitiateMultipartUploadResult", "UploadId", upload->id, sizeof upload->id))
        ok = err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot begin to write %s: no upload came", upload->path);
    s3_answer_done(&answer);
    return ok;
}

static bool note_part(struct upload *upload, int number, const char *etag, struct err *reterr)
{
    if (!etag[0] || strpbrk(etag, "<>&"))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot write %s: a part without a tag", upload->path);
    return buf_add_format(&upload->parts, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, etag) ||
           err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot write %s: too many parts", upload->path);
}

static bool send_part(struct upload *upload, int number, int fd, int64_t from, int64_t bytes, struct err *reterr)
{
    char text[16];
    const struct sigv4_pair query[] = {{TEXT("partNumber"), {text, (size_t)snprintf(text, sizeof text, "%d", number)}},
                                       {TEXT("uploadId"), text_of(upload->id)}};
    struct s3_call call = {.method = FETCH_PUT,
                           .bucket = upload->call.bucket,
                           .key = upload->call.key,
                           .query = query,
                           .query_count = 2,
                           .content_type = "application/octet-stream",
                           .body_fd = fd,
                           .body_from = from,
                           .body_bytes = bytes};
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(upload->store), &call, &answer, reterr) &&
              (s3_answer_ok(&answer) || store_s3_cannot_write(&answer, "write a part of", upload->path, reterr)) &&
              note_part(upload, number, answer.response.etag, reterr);

    s3_answer_done(&answer);
    return ok;
}

static bool send_parts(struct upload *upload, int fd, int64_t bytes, struct err *reterr)
{
    int number = 0;

    for (int64_t from = 0; from < bytes; from += PART_BYTES) {
        int64_t part = bytes - from < PART_BYTES ? bytes - from : PART_BYTES;
        if (!send_part(upload, ++number, fd, from, part, reterr))
            return false;
    }
    return true;
}

/* An end whose answer was lost has ended the upload: the second one, also of those that libcurl sends by itself, finds
   none, but the object. */
static bool was_ended(struct upload *upload, const struct s3_answer *answer, int64_t bytes)
{
    struct err err;
    int64_t there;

    return strcmp(answer->code, "NoSuchUpload") == 0 && store_s3_size(upload->store, upload->path, &there, &err) &&
           there == bytes;
}

static bool end(struct upload *upload, int64_t bytes, struct err *reterr)
{
    const struct sigv4_pair query = {TEXT("uploadId"), text_of(upload->id)};
    struct s3_call call = {.method = FETCH_POST,
                           .bucket = upload->call.bucket,
                           .key = upload->call.key,
                           .query = &query,
                           .query_count = 1,
                           .content_type = "application/xml"};
    struct s3_answer answer;
    bool ok;

    if (!buf_add_text(&upload->parts, "</CompleteMultipartUpload>"))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot write %s: too many parts", upload->path);
    call.body = (struct text){upload->parts.bytes, upload->parts.len};
    ok = s3_call(s3_client_of(upload->store), &call, &answer, reterr) &&
         (s3_answer_ok(&answer) || was_ended(upload, &answer, bytes) ||
          store_s3_cannot_write(&answer, "end writing", upload->path, reterr));
    s3_answer_done(&answer);
    return ok;
}

/* Its parts would stay, and be paid for. */
static void give_up(struct upload *upload)
{
    const struct sigv4_pair query = {TEXT("uploadId"), text_of(upload->id)};
    struct s3_call call = {.method = FETCH_DELETE,
                           .bucket = upload->call.bucket,
                           .key = upload->call.key,
                           .query = &query,
                           .query_count = 1};
    struct s3_answer answer;
    struct err err;

    (void)s3_call(s3_client_of(upload->store), &call, &answer, &err);
    s3_answer_done(&answer);
}

static bool put_in_parts(struct upload *upload, int fd, int64_t bytes, struct err *reterr)
{
    if (!begin(upload, reterr))
        return false;
    if (send_parts(upload, fd, bytes, reterr) && end(upload, bytes, reterr))
        return true;
    give_up(upload);
    return false;
}

bool store_s3_put_file(struct store *store, const char *path, int fd, int64_t bytes, struct err *reterr)
{
    struct upload upload = {.store = store, .path = path, .call = store_s3_put_call(path)};
    struct s3_call call = upload.call;
    bool ok;

    call.body_fd = fd, call.body_bytes = bytes;
    if (bytes <= ONE_PUT_MAX)
        return store_s3_do(store, &call, "write", path, reterr);
    if (bytes > (int64_t)PARTS_MAX * PART_BYTES)
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "%s has %lld bytes: too many", path, (long long)bytes);
    upload.parts = buf_make(PARTS_MAX * 160);
    ok = buf_add_text(&upload.parts, "<CompleteMultipartUpload>") && put_in_parts(&upload, fd, bytes, reterr);
    buf_done(&upload.parts);
    return ok;
}
