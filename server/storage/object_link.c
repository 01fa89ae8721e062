#include "storage/object_link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/crypto.h"
#include "storage/s3_link.h"

enum { HOUR_S = 3600 };

/* On a page the files of a picture stand together, and one signature is good for all of them. */
struct latest {
    struct signed_url url;
    char bucket[STORE_BUCKET_MAX + 1], stem[STORE_KEY_MAX + 1];
    int64_t expires_s;
};

struct object_links {
    const struct config *config;
    struct s3_links *s3; /* NULL: objects lie on local disk */
    struct mac *mac;     /* of /files/ */
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
    if (config->s3_endpoint)
        links->s3 = s3_links_open(config);
    return links;
}

void object_links_close(struct object_links *links)
{
    if (!links)
        return;
    s3_links_close(links->s3);
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
    static_assert((int)OBJECT_LINK_ROOM >= (int)SIGNED_URL_ROOM + 20, "the longest of both kinds");
    assert(ttl_s > 0 && ttl_s <= OBJECT_LINK_TTL_MAX_S);
    if (links->s3)
        return s3_link_get(links->s3, bucket, key, now_s - now_s % HOUR_S, ttl_s + HOUR_S, to);
    return signed_url_write(sign(links, bucket, key, now_s, ttl_s), base, bucket, key, to);
}

/* The name is the same that http/files.c gives: nothing in a key could end its quotes. */
static struct text name_of(struct text key, char room[STORE_KEY_MAX + 8])
{
    const char *slash = memrchr(key.at, '/', key.len);
    const char *name = slash ? slash + 1 : key.at;
    int len = snprintf(room, STORE_KEY_MAX + 8, "aisha-%.*s", (int)(key.at + key.len - name), name);

    return (struct text){room, (size_t)len};
}

size_t object_link_save(struct object_links *links, struct text base, struct text bucket, struct text key,
                        int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    static const char SAVE[] = "&download=1"; /* http/files.c */
    char room[STORE_KEY_MAX + 8];
    size_t len;

    if (links->s3)
        return s3_link_save(links->s3, bucket, key, name_of(key, room), now_s - now_s % HOUR_S, ttl_s + HOUR_S, to);
    len = object_link_get(links, base, bucket, key, now_s, ttl_s, to);
    memcpy(to + len, SAVE, sizeof SAVE);
    return len + sizeof SAVE - 1;
}

size_t object_link_put(struct object_links *links, struct text bucket, struct text key, struct text content_type,
                       int64_t bytes, int64_t now_s, int64_t ttl_s, char to[OBJECT_LINK_ROOM])
{
    *to = '\0';
    return links->s3 ? s3_link_put(links->s3, bucket, key, content_type, bytes, now_s, ttl_s, to) : 0;
}

void object_link_origins(const struct object_links *links, const char *const *buckets, struct buf *to)
{
    CLEANUP(buf_done) struct buf origin = buf_make(CONFIG_URL_MAX + STORE_BUCKET_MAX + 2);

    for (; links->s3 && *buckets; buckets++) {
        buf_clear(&origin);
        s3_link_origin(links->s3, text_of(*buckets), &origin);
        if (!to->len || !strstr(to->bytes, origin.bytes))
            (void)buf_add_format(to, "%s%s", to->len ? " " : "", origin.bytes);
    }
}

enum signed_url_verdict object_link_check(struct object_links *links, struct text path, struct text query,
                                          int64_t now_s, struct text *bucket, struct text *key)
{
    return signed_url_check(links->mac, path, query, now_s, bucket, key);
}

bool object_links_are_public(const struct object_links *links) { return links->config->storage_public; }
