#include "storage/object_link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/crypto.h"

/* On a page the files of a picture stand together, and one signature is good for all of them. */
struct latest {
    struct signed_url url;
    char bucket[STORE_BUCKET_MAX + 1], stem[STORE_KEY_MAX + 1];
    int64_t expires_s;
};

struct object_links {
    const struct config *config;
    struct mac *mac;
    struct latest latest;
};

struct object_links *object_links_open(const struct config *config)
{
    struct object_links *links = calloc(1, sizeof *links);
    unsigned char key[SHA256_BYTES];

    if (!links)
        abort();
    mac_derive_key(text_of(config->secret_key), "url", key);
    links->config = config;
    links->mac = mac_open(key, sizeof key);
    return links;
}

void object_links_close(struct object_links *links)
{
    if (!links)
        return;
    mac_close(links->mac);
    free(links);
}

static const struct signed_url *sign(struct object_links *links, struct text bucket, struct text key, int64_t now_s,
                                     int64_t ttl_s)
{
    struct latest *latest = &links->latest;
    struct text stem = signed_url_stem(key);
    int64_t expires_s = signed_url_expiry(now_s, ttl_s);

    if (latest->expires_s == expires_s && text_equal(stem, text_of(latest->stem)) &&
        text_equal(bucket, text_of(latest->bucket)))
        return &latest->url;
    latest->url = signed_url_make(links->mac, bucket, key, now_s, ttl_s);
    latest->expires_s = expires_s;
    (void)text_copy(latest->stem, sizeof latest->stem, stem);
    (void)text_copy(latest->bucket, sizeof latest->bucket, bucket);
    return &latest->url;
}

size_t object_link_get(struct object_links *links, struct text base, struct text bucket, struct text key, int64_t now_s,
                       int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    assert(ttl_s > 0 && ttl_s <= OBJECT_LINK_TTL_MAX_S);
    static_assert((int)OBJECT_LINK_ROOM >= (int)SIGNED_URL_ROOM + 20, "the longest of both kinds");
    return signed_url_write(sign(links, bucket, key, now_s, ttl_s), base, bucket, key, to);
}

size_t object_link_save(struct object_links *links, struct text base, struct text bucket, struct text key,
                        int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    static const char SAVE[] = "&download=1"; /* http/files.c */
    size_t len = object_link_get(links, base, bucket, key, now_s, ttl_s, to);

    memcpy(to + len, SAVE, sizeof SAVE);
    return len + sizeof SAVE - 1;
}

size_t object_link_put(struct object_links *links, struct text bucket, struct text key, struct text content_type,
                       int64_t bytes, int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    (void)links, (void)bucket, (void)key, (void)content_type, (void)bytes, (void)now_s, (void)ttl_s;
    *to = '\0';
    return 0;
}

enum signed_url_verdict object_link_check(struct object_links *links, struct text path, struct text query,
                                          int64_t now_s, struct text *bucket, struct text *key)
{
    return signed_url_check(links->mac, path, query, now_s, bucket, key);
}

bool object_links_are_public(const struct object_links *links) { return links->config->storage_public; }
