/* fal.ai's own storage: ask for a place, then PUT the bytes there without our key; large files in parts. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fal/fal_call.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum {
    WHOLE_MAX = 90 << 20,
    PART_BYTES = 10 << 20,
    PARTS_MAX = 1000,
    PART_TRIES = 3,
    PAUSE_MS = 500,
    INITIATE_MS = 30000,
    WHOLE_MS = 900000,
    PART_MS = 180000,
    ANSWER_BYTES_MAX = 64 * 1024,
    PLACE_ROOM = 4096, /* of a signed address */
    ETAG_ROOM = 200,
};

struct place {
    char url[PLACE_ROOM];
};

struct file {
    int fd;
    int64_t bytes;
    const char *content_type, *name;
    int lifetime_s;
};

static bool failed(const struct fetch_response *response, const char *what, struct err *reterr)
{
    return err_set(reterr, ERR_UPSTREAM, "fal_upload_failed", "%s: HTTP %d", what, response->status);
}

static bool read_place(const struct fetch_response *response, struct place *ret, char ret_file_url[FAL_URL_ROOM],
                       struct err *reterr)
{
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    const char *upload = json_get_text(body, "upload_url"), *file = json_get_text(body, "file_url");

    if (response->status != 200 && response->status != 201)
        return failed(response, "initiate", reterr);
    return (upload && file && *file && text_copy(ret->url, sizeof ret->url, text_of(upload)) &&
            text_copy(ret_file_url, FAL_URL_ROOM, text_of(file))) ||
           err_set(reterr, ERR_UPSTREAM, "fal_upload_failed", "initiate: no usable addresses");
}

static bool initiate(struct fal *fal, const struct file *file, struct place *ret, char ret_file_url[FAL_URL_ROOM],
                     struct err *reterr)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    CLEANUP(fetch_response_done) struct fetch_response response = {0};
    struct json_out out = json_out_begin(&body);
    char url[400], lifetime[100];
    struct fal_call call = {
        .method = FETCH_POST, .url = url, .header = lifetime, .timeout_ms = INITIATE_MS, .max_bytes = ANSWER_BYTES_MAX};

    json_object(&out);
    json_key_text(&out, "content_type", file->content_type);
    json_key_text(&out, "file_name", file->name);
    json_end_object(&out);
    assert(!out.overflow);
    (void)snprintf(url, sizeof url, "%s/storage/upload/initiate%s?storage_type=fal-cdn-v3", fal->rest_url,
                   file->bytes > WHOLE_MAX ? "-multipart" : "");
    (void)snprintf(lifetime, sizeof lifetime, "X-Fal-Object-Lifecycle: {\"expiration_duration_seconds\":%d}",
                   file->lifetime_s);
    call.body = (struct text){body.bytes, body.len};
    return fal_call(fal, &call, &response, reterr) == FETCH_OK && read_place(&response, ret, ret_file_url, reterr);
}

/* The place's address with further segments of a path: in front of its query. */
static bool under(const struct place *place, const char *end, char to[PLACE_ROOM], struct err *reterr)
{
    int path = (int)strcspn(place->url, "?");

    return snprintf(to, PLACE_ROOM, "%.*s/%s%s", path, place->url, end, place->url + path) < PLACE_ROOM ||
           err_set(reterr, ERR_UPSTREAM, "fal_upload_failed", "an address that is too long");
}

static bool put_whole(struct fal *fal, const struct file *file, const struct place *place, struct err *reterr)
{
    CLEANUP(fetch_response_done) struct fetch_response response = {0};
    char type[160];
    struct fetch_request request = {.trust = FETCH_MEDIA,
                                    .method = FETCH_PUT,
                                    .url = place->url,
                                    .headers = {type},
                                    .body_fd = file->fd,
                                    .body_bytes = file->bytes,
                                    .connect_timeout_ms = FAL_CONNECT_MS,
                                    .timeout_ms = WHOLE_MS,
                                    .max_bytes = ANSWER_BYTES_MAX};

    (void)snprintf(type, sizeof type, "Content-Type: %s", file->content_type);
    if (fetch_do(fal->fetch, &request, &response, reterr) != FETCH_OK)
        return false;
    return (response.status >= 200 && response.status < 300) || failed(&response, "put", reterr);
}

/* One try. *ret_again: another one may go better. */
static bool try_part(struct fal *fal, const struct fetch_request *request, char ret_etag[ETAG_ROOM], bool *ret_again,
                     struct err *reterr)
{
    CLEANUP(fetch_response_done) struct fetch_response response = {0};
    enum fetch_outcome outcome = fetch_do(fal->fetch, request, &response, reterr);
    const char *etag;

    *ret_again = outcome != FETCH_OK || response.status == 408 || response.status == 429 || response.status >= 500;
    if (outcome != FETCH_OK) {
        *ret_again = reterr->kind == ERR_UPSTREAM || reterr->kind == ERR_TIMEOUT;
        return false;
    }
    if (response.status < 200 || response.status >= 300)
        return failed(&response, "part", reterr);
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(&response);
    etag = json_get_text(body, "etag");
    return (etag && *etag && text_copy(ret_etag, ETAG_ROOM, text_of(etag))) ||
           err_set(reterr, ERR_UPSTREAM, "fal_upload_failed", "part: no usable etag");
}

static bool put_part(struct fal *fal, const struct file *file, const struct place *place, int number,
                     char ret_etag[ETAG_ROOM], struct err *reterr)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    int64_t from = (int64_t)(number - 1) * PART_BYTES, left = file->bytes - from;
    char url[PLACE_ROOM], end[16];
    struct fetch_request request = {.trust = FETCH_MEDIA,
                                    .method = FETCH_PUT,
                                    .url = url,
                                    .body_fd = file->fd,
                                    .body_from = from,
                                    .body_bytes = left < PART_BYTES ? left : PART_BYTES,
                                    .connect_timeout_ms = FAL_CONNECT_MS,
                                    .timeout_ms = PART_MS,
                                    .max_bytes = ANSWER_BYTES_MAX};
    bool again = true;

    (void)snprintf(end, sizeof end, "%d", number);
    if (!under(place, end, url, reterr))
        return false;
    for (int tries = 0; again && tries < PART_TRIES; tries++) {
        if (tries)
            (void)nanosleep(&pause, NULL);
        if (try_part(fal, &request, ret_etag, &again, reterr))
            return true;
    }
    return false;
}

static bool complete(struct fal *fal, const struct place *place, struct text parts, struct err *reterr)
{
    CLEANUP(fetch_response_done) struct fetch_response response = {0};
    char url[PLACE_ROOM];
    struct fetch_request request = {.trust = FETCH_MEDIA,
                                    .method = FETCH_POST,
                                    .url = url,
                                    .headers = {"Content-Type: application/json"},
                                    .body = parts,
                                    .connect_timeout_ms = FAL_CONNECT_MS,
                                    .timeout_ms = PART_MS,
                                    .max_bytes = ANSWER_BYTES_MAX};

    if (!under(place, "complete", url, reterr) || fetch_do(fal->fetch, &request, &response, reterr) != FETCH_OK)
        return false;
    return (response.status >= 200 && response.status < 300) || failed(&response, "complete", reterr);
}

static bool put_parts(struct fal *fal, const struct file *file, const struct place *place, struct err *reterr)
{
    CLEANUP(buf_done) struct buf body = buf_make((size_t)PARTS_MAX * (2 * ETAG_ROOM + 40) + 40);
    struct json_out out = json_out_begin(&body);
    char etag[ETAG_ROOM];

    json_object(&out);
    json_key(&out, "parts");
    json_array(&out);
    for (int number = 1; (int64_t)(number - 1) * PART_BYTES < file->bytes; number++) {
        if (!put_part(fal, file, place, number, etag, reterr))
            return false;
        json_object(&out);
        json_key_int64(&out, "partNumber", number);
        json_key_text(&out, "etag", etag);
        json_end_object(&out);
    }
    json_end_array(&out);
    json_end_object(&out);
    return out.overflow ? err_set(reterr, ERR_UPSTREAM, "fal_upload_failed", "etags that are too long")
                        : complete(fal, place, (struct text){body.bytes, body.len}, reterr);
}

bool fal_upload(struct fal *fal, int fd, int64_t bytes, const char *content_type, const char *file_name, int lifetime_s,
                char ret[FAL_URL_ROOM], struct err *reterr)
{
    const struct file file = {fd, bytes, content_type, file_name, lifetime_s};
    struct place place;

    if (bytes <= 0 || bytes > (int64_t)PARTS_MAX * PART_BYTES)
        return err_set(reterr, ERR_INVALID, "fal_upload_failed", "%" PRId64 " bytes", bytes);
    if (!initiate(fal, &file, &place, ret, reterr))
        return false;
    return bytes > WHOLE_MAX ? put_parts(fal, &file, &place, reterr) : put_whole(fal, &file, &place, reterr);
}
