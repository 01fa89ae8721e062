#include "storage/s3_request.h"

#include <stdio.h>

#include "base/digest.h"

bool s3_request_hash(struct s3_request *made, const struct s3_call *call, struct err *reterr)
{
    unsigned char hash[DIGEST_BYTES_MAX];
    struct digest *md5;

    if (call->body_bytes > 0) {
        if (!digest_file(DIGEST_SHA256, call->body_fd, call->body_from, call->body_bytes, hash))
            return err_set(reterr, ERR_INTERNAL, "storage_failed", "the file to be stored is shorter, or unreadable");
    } else {
        crypto_sha256(call->body.at ? call->body : TEXT(""), hash);
    }
    hex_write(hash, SHA256_BYTES, made->payload);
    if (call->with_md5) {
        md5 = digest_open(DIGEST_MD5);
        digest_add(md5, call->body);
        base64_write(hash, digest_done(md5, hash), made->md5);
    }
    return true;
}

const char *s3_request_method(enum fetch_method method)
{
    static const char *const NAMES[] = {[FETCH_GET] = "GET",
                                        [FETCH_POST] = "POST",
                                        [FETCH_PUT] = "PUT",
                                        [FETCH_HEAD] = "HEAD",
                                        [FETCH_DELETE] = "DELETE"};

    return NAMES[method];
}

/* Headers that the call asks for: as pairs to be signed, and as lines. Returns how many. */
static int write_headers(struct s3_request *made, const struct s3_call *call, struct sigv4_pair pairs[3])
{
    const char *const names[] = {"cache-control", "content-md5", "content-type"};
    const char *const values[] = {call->cache_control, call->with_md5 ? made->md5 : NULL, call->content_type};
    int used = 0;

    for (int i = 0; i < 3; i++)
        if (values[i]) {
            pairs[used] = (struct sigv4_pair){text_of(names[i]), text_of(values[i])};
            (void)snprintf(made->headers[used], sizeof made->headers[used], "%s: %s", names[i], values[i]);
            used++;
        }
    return used;
}

static bool write_url(struct s3_request *made, const char *scheme, const struct sigv4_request *request,
                      struct sigv4 *sigv4)
{
    int used = snprintf(made->url, sizeof made->url, "%s://%.*s", scheme, (int)request->host.len, request->host.at);

    return sigv4_target(sigv4, request, made->url + used, sizeof made->url - (size_t)used) > 0;
}

bool s3_request_sign(struct s3_request *made, const struct s3_call *call, const struct s3_endpoint *endpoint,
                     struct sigv4 *sigv4, int64_t now_s, struct fetch_request *ret)
{
    char authorization[SIGV4_AUTHORIZATION_ROOM], date[SIGV4_DATE_ROOM];
    struct sigv4_pair pairs[3];
    struct sigv4_request request = {.method = s3_request_method(call->method),
                                    .query = call->query,
                                    .query_count = call->query_count,
                                    .headers = pairs,
                                    .header_count = write_headers(made, call, pairs),
                                    .payload = made->payload,
                                    .now_s = now_s};
    struct s3_place place;
    int used = request.header_count;

    if (!s3_endpoint_place(endpoint, call->bucket, call->key, &place))
        return false;
    request.host = text_of(place.host), request.path = text_of(place.path);
    if (!write_url(made, endpoint->scheme, &request, sigv4) || !sigv4_authorize(sigv4, &request, authorization))
        return false;
    sigv4_date(now_s, date);
    (void)snprintf(made->headers[used++], sizeof *made->headers, "x-amz-date: %s", date);
    (void)snprintf(made->headers[used++], sizeof *made->headers, "x-amz-content-sha256: %s", made->payload);
    (void)snprintf(made->authorization, sizeof made->authorization, "Authorization: %s", authorization);
    ret->url = made->url;
    for (int i = 0; i < used; i++)
        ret->headers[i] = made->headers[i];
    ret->headers[used] = made->authorization;
    return true;
}
