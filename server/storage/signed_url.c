#include "storage/signed_url.h"

#include <assert.h>
#include <string.h>

enum {
    HOUR_S = 3600,
    SIGNATURE_BYTES = 16,
    SIGNATURE_CHARS = 22,
    MESSAGE_ROOM = STORE_BUCKET_MAX + STORE_KEY_MAX + 24
};

#define EXPIRES_MAX INT64_C(99999999999) /* eleven digits: the year 5138 */

static char *append(char *to, struct text t)
{
    memcpy(to, t.at, t.len);
    return to + t.len;
}

/* A page of pictures makes many of these: printf would cost as much as the signature itself. */
static struct text write_number(int64_t value, char room[24])
{
    char *at = room + 24;

    for (; value; value /= 10)
        *--at = (char)('0' + value % 10);
    return (struct text){at, (size_t)(room + 24 - at)};
}

struct text signed_url_stem(struct text key)
{
    size_t start = key.len, end;

    while (start && key.at[start - 1] != '/')
        start--;
    for (end = start; end < key.len && key.at[end] != '.' && key.at[end] != '_'; end++)
        ;
    return (struct text){key.at, end > start ? end : 0};
}

static void sign(struct mac *mac, struct text bucket, struct text stem, struct text expires,
                 char ret[BASE64URL_ROOM(SIGNATURE_BYTES)])
{
    unsigned char digest[SHA256_BYTES];
    char message[MESSAGE_ROOM], *end = message;

    end = append(end, bucket);
    *end++ = '/';
    end = append(end, stem);
    *end++ = '\n'; /* not in the grammar of keys: no two triples make the same message */
    end = append(end, expires);
    mac_sign(mac, (struct text){message, (size_t)(end - message)}, digest);
    base64url_write(digest, SIGNATURE_BYTES, ret);
}

int64_t signed_url_expiry(int64_t now_s, int64_t ttl_s) { return ((now_s + ttl_s) / HOUR_S + 1) * HOUR_S; }

struct signed_url signed_url_make(struct mac *mac, struct text bucket, struct text key, int64_t now_s, int64_t ttl_s)
{
    struct signed_url url;
    char signature[BASE64URL_ROOM(SIGNATURE_BYTES)], digits[24], *end = url.query;
    struct text stem = signed_url_stem(key), expires;

    url.expires = signed_url_expiry(now_s, ttl_s);
    assert(stem.len && store_bucket_ok(bucket) && store_key_ok(key));
    assert(now_s > 0 && ttl_s > 0 && url.expires <= EXPIRES_MAX);
    expires = write_number(url.expires, digits);
    sign(mac, bucket, stem, expires, signature);
    end = append(end, TEXT("?expires="));
    end = append(end, expires);
    end = append(end, TEXT("&signature="));
    end = append(end, (struct text){signature, SIGNATURE_CHARS});
    *end = '\0';
    url.query_len = (size_t)(end - url.query);
    return url;
}

size_t signed_url_write(const struct signed_url *url, struct text public_url, struct text bucket, struct text key,
                        char to[SIGNED_URL_ROOM])
{
    char *end = to;

    assert(public_url.len <= SIGNED_URL_PUBLIC_MAX && bucket.len <= STORE_BUCKET_MAX && key.len <= STORE_KEY_MAX);
    end = append(end, public_url);
    end = append(end, TEXT("/files/"));
    end = append(end, bucket);
    *end++ = '/';
    end = append(end, key);
    end = append(end, (struct text){url->query, url->query_len});
    *end = '\0';
    return (size_t)(end - to);
}

/* "name=value" at the beginning of *rest, up to '&' or the end. */
static bool take(struct text *rest, struct text name_and_equals, struct text *value)
{
    struct text pair = text_cut(rest, '&');

    if (!text_starts(pair, name_and_equals))
        return false;
    *value = (struct text){pair.at + name_and_equals.len, pair.len - name_and_equals.len};
    return true;
}

static bool read_query(struct text query, struct text *expires, int64_t *expires_s, struct text *signature)
{
    return take(&query, TEXT("expires="), expires) && take(&query, TEXT("signature="), signature) && !query.at &&
           signature->len == SIGNATURE_CHARS && expires->len && expires->at[0] != '0' &&
           text_int64(*expires, 1, EXPIRES_MAX, expires_s);
}

enum signed_url_verdict signed_url_check(struct mac *mac, struct text path, struct text query, int64_t now_s,
                                         struct text *bucket, struct text *key)
{
    char expected[BASE64URL_ROOM(SIGNATURE_BYTES)];
    struct text expires, signature, rest = path, folder;
    int64_t expires_s;

    folder = text_cut(&rest, '/');
    if (!store_bucket_ok(folder) || !store_key_ok(rest) || !signed_url_stem(rest).len ||
        !read_query(query, &expires, &expires_s, &signature))
        return SIGNED_URL_BAD;
    sign(mac, folder, signed_url_stem(rest), expires, expected);
    if (!crypto_equal(signature, text_of(expected)))
        return SIGNED_URL_BAD;
    if (now_s >= expires_s)
        return SIGNED_URL_EXPIRED;
    *bucket = folder;
    *key = rest;
    return SIGNED_URL_OK;
}
