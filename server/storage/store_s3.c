#include "storage/store_s3.h"

#include <stdlib.h>
#include <string.h>

#include "storage/store_s3_inside.h"

/* Browsers and the provider are told what an object is by the store, which knows its key alone. */
static const char *type_of(struct text key)
{
    static const struct {
        struct text end;
        const char *type;
    } TYPES[] = {
        {{".jpg", 4}, "image/jpeg"}, {{".jpeg", 5}, "image/jpeg"},     {{".webp", 5}, "image/webp"},
        {{".png", 4}, "image/png"},  {{".zip", 4}, "application/zip"}, {{".json", 5}, "application/json"},
    };

    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct text end = TYPES[i].end;
        if (key.len > end.len && memcmp(key.at + key.len - end.len, end.at, end.len) == 0)
            return TYPES[i].type;
    }
    return "application/octet-stream";
}

static struct s3_call call_of(enum fetch_method method, const char *path)
{
    struct text key = text_of(path), bucket = text_cut(&key, '/');

    return (struct s3_call){.method = method, .bucket = bucket, .key = key};
}

struct s3_call store_s3_put_call(const char *path)
{
    struct s3_call call = call_of(FETCH_PUT, path);

    call.content_type = type_of(call.key);
    call.cache_control =
        "private, max-age=86400, immutable"; /* as our own addresses have it: keys are not used twice */
    return call;
}

bool store_s3_cannot_write(const struct s3_answer *answer, const char *doing, const char *path, struct err *reterr)
{
    if (answer->response.status == 404)
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot %s %s: %.40s", doing, path, answer->code);
    return s3_failed(answer, doing, path, reterr);
}

bool store_s3_do(struct store *store, const struct s3_call *call, const char *doing, const char *path,
                 struct err *reterr)
{
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(store), call, &answer, reterr) &&
              (s3_answer_ok(&answer) || store_s3_cannot_write(&answer, doing, path, reterr));

    s3_answer_done(&answer);
    return ok;
}

static bool put(struct store *store, const char *path, struct text bytes, struct err *reterr)
{
    struct s3_call call = store_s3_put_call(path);

    if (bytes.len > S3_BODY_MAX)
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "%s has %zu bytes: too many at once", path, bytes.len);
    call.body = bytes;
    return store_s3_do(store, &call, "write", path, reterr);
}

static bool get(struct store *store, const char *path, struct buf *ret, struct err *reterr)
{
    struct s3_call call = call_of(FETCH_GET, path);
    struct s3_answer answer;
    const struct buf *body = &answer.response.body;
    bool ok;

    call.max_bytes = ret->limit - ret->len > 4096 ? ret->limit - ret->len : 4096; /* room for an error's words */
    ok = s3_call(s3_client_of(store), &call, &answer, reterr) &&
         (s3_answer_ok(&answer) || s3_failed(&answer, "read", path, reterr)) &&
         (buf_add(ret, body->bytes ? body->bytes : "", body->len) ||
          err_set(reterr, ERR_TOO_LARGE, "storage_too_large", "%s has %zu bytes", path, body->len));
    s3_answer_done(&answer);
    return ok;
}

static bool remove_object(struct store *store, const char *path, struct err *reterr)
{
    struct s3_call call = call_of(FETCH_DELETE, path);
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(store), &call, &answer, reterr) &&
              (s3_answer_ok(&answer) || answer.response.status == 404 || s3_failed(&answer, "delete", path, reterr));

    s3_answer_done(&answer);
    return ok;
}

bool store_s3_size(struct store *store, const char *path, int64_t *ret, struct err *reterr)
{
    struct s3_call call = call_of(FETCH_HEAD, path);
    struct s3_answer answer;
    bool ok = s3_call(s3_client_of(store), &call, &answer, reterr) &&
              (s3_answer_ok(&answer) || s3_failed(&answer, "look at", path, reterr)) &&
              (answer.response.length >= 0 ||
               err_set(reterr, ERR_INTERNAL, "storage_failed", "%s: no length was given", path));

    if (ok)
        *ret = answer.response.length;
    s3_answer_done(&answer);
    return ok;
}

static void close_s3(struct store *store)
{
    s3_client_close(s3_client_of(store));
    free(store);
}

struct store *store_s3_open(const struct s3_config *config, struct err *reterr)
{
    static const struct store_driver DRIVER = {.close = close_s3,
                                               .put = put,
                                               .put_file = store_s3_put_file,
                                               .get = get,
                                               .remove = remove_object,
                                               .size = store_s3_size,
                                               .list = store_s3_list};
    struct s3_client *client = s3_client_open(config, reterr);
    struct store_s3 *s3 = client ? malloc(sizeof *s3) : NULL;

    if (!client)
        return NULL;
    if (!s3)
        abort();
    *s3 = (struct store_s3){.store.driver = &DRIVER, .client = client};
    return &s3->store;
}
