#include "s3_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "storage/s3_endpoint.h"

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        fail_msg("%s is not set: run this within scripts/with-s3", name);
    return value;
}

struct s3_config s3_bucket_config(const char *endpoint)
{
    return (struct s3_config){.endpoint = endpoint ? endpoint : setting("S3_ENDPOINT"),
                              .region = setting("S3_REGION"),
                              .access_key = setting("S3_ACCESS_KEY"),
                              .secret_key = setting("S3_SECRET_KEY"),
                              .path_style = true};
}

int s3_bucket_open(void **state)
{
    struct s3_bucket *bucket = calloc(1, sizeof *bucket);
    struct s3_config config = s3_bucket_config(NULL);
    struct s3_bucket_report report;

    if (!bucket)
        abort();
    (void)snprintf(bucket->name_room, sizeof bucket->name_room, "test-%s", uuid_make().text);
    bucket->name = text_of(bucket->name_room);
    *state = bucket;
    bucket->store = store_s3_open(&config, &bucket->err);
    if (bucket->store &&
        store_s3_make_bucket(bucket->store, bucket->name, "https://aisha.example", &report, &bucket->err))
        return 0;
    print_error("%s: %s\n", bucket->err.code, bucket->err.detail);
    return -1;
}

int s3_bucket_close(void **state)
{
    struct s3_bucket *bucket = *state;

    store_close(bucket->store);
    free(bucket);
    return 0;
}

void s3_bucket_must(struct s3_bucket *bucket, bool ok)
{
    if (!ok)
        fail_msg("%s: %s", bucket->err.code, bucket->err.detail);
}

void s3_bucket_put(struct s3_bucket *bucket, const char *key, const char *bytes)
{
    s3_bucket_must(bucket, store_put(bucket->store, bucket->name, text_of(key), text_of(bytes), &bucket->err));
}

const char *s3_bucket_path(const struct s3_bucket *bucket, const char *key)
{
    static char path[2000];

    (void)snprintf(path, sizeof path, "%s/%s", bucket->name_room, key);
    return path;
}

const char *s3_bucket_url(const struct s3_bucket *bucket, const char *method, const char *key,
                          const struct sigv4_pair *headers, int header_count, int64_t from_s, int64_t ttl_s)
{
    static char url[8000];
    struct s3_config config = s3_bucket_config(NULL);
    struct sigv4 *sigv4 = sigv4_open(config.access_key, config.secret_key, config.region);
    struct s3_endpoint endpoint;
    struct s3_place place;
    struct err err;

    assert_true(s3_endpoint_read(config.endpoint, true, &endpoint, &err));
    assert_true(s3_endpoint_place(&endpoint, bucket->name, text_of(key), &place));
    assert_true(sigv4_presign(sigv4,
                              &(struct sigv4_request){.method = method,
                                                      .host = text_of(place.host),
                                                      .path = text_of(place.path),
                                                      .headers = headers,
                                                      .header_count = header_count,
                                                      .now_s = from_s},
                              endpoint.scheme, ttl_s, url, sizeof url) > 0);
    sigv4_close(sigv4);
    return url;
}

struct fetch_response s3_bucket_ask(const char *url, const char *type, struct text body)
{
    struct err err;
    struct fetch *fetch = fetch_open(&(struct fetch_config){.storage = setting("S3_ENDPOINT")}, &err);
    struct fetch_request request = {.trust = FETCH_STORAGE,
                                    .method = type ? FETCH_PUT : FETCH_GET,
                                    .url = url,
                                    .body = body,
                                    .connect_timeout_ms = 2000,
                                    .timeout_ms = 20000,
                                    .max_bytes = 1 << 20};
    struct fetch_response response;
    char header[100];

    if (type) {
        (void)snprintf(header, sizeof header, "Content-Type: %s", type);
        request.headers[0] = header;
    }
    if (fetch_do(fetch, &request, &response, &err) != FETCH_OK)
        fail_msg("%s: %s", err.code, err.detail);
    fetch_close(fetch);
    return response;
}

struct fetch_response s3_bucket_get(const struct s3_bucket *bucket, const char *key)
{
    return s3_bucket_ask(s3_bucket_url(bucket, "GET", key, NULL, 0, clock_wall_s(), 60), NULL, TEXT(""));
}
