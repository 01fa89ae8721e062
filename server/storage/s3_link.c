#include "storage/s3_link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"
#include "storage/s3_endpoint.h"
#include "storage/sigv4_frame.h"
#include "storage/store.h"

struct s3_links {
    struct s3_endpoint endpoint;
    struct sigv4 *sigv4;
    struct sigv4_frame frame; /* of the latest link */
};

struct s3_links *s3_links_open(const struct config *config)
{
    struct s3_links *links = calloc(1, sizeof *links);
    struct err err;

    if (!links)
        abort();
    if (!s3_endpoint_read(config->s3_public_endpoint, config->s3_path_style, &links->endpoint, &err))
        assert(false && "the configuration was checked");
    links->sigv4 = sigv4_open(config->s3_access_key, config->s3_secret_key, config->s3_region);
    return links;
}

void s3_links_close(struct s3_links *links)
{
    if (!links)
        return;
    sigv4_close(links->sigv4);
    free(links);
}

static void find(const struct s3_links *links, struct text bucket, struct text key, struct s3_place *ret)
{
    bool found = store_bucket_ok(bucket) && store_key_ok(key) && s3_endpoint_place(&links->endpoint, bucket, key, ret);

    assert(found && "our own names");
    (void)found;
}

static size_t presign(struct s3_links *links, const struct sigv4_request *request, int64_t ttl_s,
                      char to[OBJECT_LINK_ROOM])
{
    size_t len = sigv4_presign(links->sigv4, request, links->endpoint.scheme, ttl_s, to, OBJECT_LINK_ROOM);

    assert(len && "OBJECT_LINK_ROOM holds the longest of names, keys and endpoints");
    return len;
}

size_t s3_link_get(struct s3_links *links, struct text bucket, struct text key, int64_t from_s, int64_t ttl_s,
                   char to[OBJECT_LINK_ROOM])
{
    struct s3_place place;
    size_t len;

    find(links, bucket, key, &place);
    len = sigv4_frame_set(&links->frame, links->sigv4, links->endpoint.scheme, text_of(place.host), from_s, ttl_s)
              ? sigv4_frame_write(&links->frame, links->sigv4, text_of(place.path), to, OBJECT_LINK_ROOM)
              : 0;
    assert(len && "OBJECT_LINK_ROOM holds the longest of names, keys and endpoints");
    return len;
}

size_t s3_link_save(struct s3_links *links, struct text bucket, struct text key, struct text file_name, int64_t from_s,
                    int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    char disposition[STORE_KEY_MAX + 40];
    struct sigv4_pair saved = {TEXT("response-content-disposition"), {disposition, 0}};
    struct s3_place place;

    find(links, bucket, key, &place);
    saved.value.len = (size_t)snprintf(disposition, sizeof disposition, "attachment; filename=\"%.*s\"",
                                       (int)file_name.len, file_name.at);
    return presign(links,
                   &(struct sigv4_request){.method = "GET",
                                           .host = text_of(place.host),
                                           .path = text_of(place.path),
                                           .query = &saved,
                                           .query_count = 1,
                                           .now_s = from_s},
                   ttl_s, to);
}

size_t s3_link_put(struct s3_links *links, struct text bucket, struct text key, struct text content_type, int64_t bytes,
                   int64_t from_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    char length[24];
    struct sigv4_pair headers[] = {{TEXT("content-length"), {length, 0}}, {TEXT("content-type"), content_type}};
    struct s3_place place;

    find(links, bucket, key, &place);
    headers[0].value.len = (size_t)snprintf(length, sizeof length, "%lld", (long long)bytes);
    return presign(links,
                   &(struct sigv4_request){.method = "PUT",
                                           .host = text_of(place.host),
                                           .path = text_of(place.path),
                                           .headers = headers,
                                           .header_count = 2,
                                           .now_s = from_s},
                   ttl_s, to);
}

void s3_link_origin(const struct s3_links *links, struct text bucket, struct buf *to)
{
    struct s3_place place;

    find(links, bucket, TEXT("any"), &place);
    (void)buf_add_format(to, "%s://%s", links->endpoint.scheme, place.host);
}
