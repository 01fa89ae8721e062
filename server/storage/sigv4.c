#include "storage/sigv4.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/crypto.h"

enum { CANONICAL_MAX = 32 * 1024, DAY_LEN = 8, HASH_ROOM = HEX_ROOM(SHA256_BYTES) };

static const char ALGORITHM[] = "AWS4-HMAC-SHA256";

struct sigv4 {
    char access_key[SIGV4_SECRET_MAX + 1], secret[4 + SIGV4_SECRET_MAX + 1], region[SIGV4_SECRET_MAX + 1];
    char day[DAY_LEN + 1];
    struct mac *mac;                        /* of that day; NULL: none yet */
    struct buf canonical, query, sortables; /* kept for their memory */
};

static bool is_setting(const char *value) { return *value && strlen(value) <= SIGV4_SECRET_MAX; }

struct sigv4 *sigv4_open(const char *access_key, const char *secret_key, const char *region)
{
    struct sigv4 *sigv4 = calloc(1, sizeof *sigv4);

    assert(is_setting(access_key) && is_setting(secret_key) && is_setting(region));
    if (!sigv4)
        abort();
    (void)text_copy(sigv4->access_key, sizeof sigv4->access_key, text_of(access_key));
    (void)text_copy(sigv4->region, sizeof sigv4->region, text_of(region));
    (void)snprintf(sigv4->secret, sizeof sigv4->secret, "AWS4%s", secret_key);
    sigv4->canonical = buf_make(CANONICAL_MAX);
    sigv4->query = buf_make(CANONICAL_MAX);
    sigv4->sortables = buf_make(CANONICAL_MAX);
    return sigv4;
}

void sigv4_close(struct sigv4 *sigv4)
{
    if (!sigv4)
        return;
    mac_close(sigv4->mac);
    buf_done(&sigv4->canonical);
    buf_done(&sigv4->query);
    buf_done(&sigv4->sortables);
    explicit_bzero(sigv4->secret, sizeof sigv4->secret);
    free(sigv4);
}

void sigv4_date(int64_t now_s, char to[SIGV4_DATE_ROOM])
{
    time_t now = (time_t)now_s;
    struct tm utc;

    (void)gmtime_r(&now, &utc);
    (void)strftime(to, SIGV4_DATE_ROOM, "%Y%m%dT%H%M%SZ", &utc);
}

/* mac's next link of the chain: a MAC whose key is the MAC of what. */
static struct mac *chain(struct mac *mac, struct text what)
{
    unsigned char key[SHA256_BYTES];

    mac_sign(mac, what, key);
    mac_close(mac);
    return mac_open(key, sizeof key);
}

static struct mac *mac_of_day(struct sigv4 *sigv4, const char *date)
{
    if (sigv4->mac && memcmp(sigv4->day, date, DAY_LEN) == 0)
        return sigv4->mac;
    mac_close(sigv4->mac);
    memcpy(sigv4->day, date, DAY_LEN);
    sigv4->mac = mac_open(sigv4->secret, strlen(sigv4->secret));
    sigv4->mac = chain(sigv4->mac, text_of(sigv4->day));
    sigv4->mac = chain(sigv4->mac, text_of(sigv4->region));
    sigv4->mac = chain(sigv4->mac, TEXT("s3"));
    sigv4->mac = chain(sigv4->mac, TEXT("aws4_request"));
    return sigv4->mac;
}

static bool add(struct buf *to, struct text t) { return buf_add(to, t.at, t.len); }

static bool add_encoded(struct buf *to, struct text t)
{
    size_t room = 3 * t.len + 1;
    char *at = buf_reserve(to, room);

    if (!at || !text_percent_encode(t, at, room))
        return false;
    to->len += strlen(at);
    return true;
}

static bool add_path(struct buf *to, struct text path)
{
    struct text segment = text_cut(&path, '/');
    bool ok = add_encoded(to, segment);

    while (ok && path.at) {
        segment = text_cut(&path, '/');
        ok = add(to, TEXT("/")) && add_encoded(to, segment);
    }
    return ok;
}

static int compare_texts(struct text a, struct text b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_pairs(const void *left, const void *right)
{
    const struct sigv4_pair *a = left, *b = right;
    int order = compare_texts(a->name, b->name);

    return order ? order : compare_texts(a->value, b->value);
}

/* Both lists in one, sorted. False: too many. */
static bool join(const struct sigv4_pair *a, int a_count, const struct sigv4_pair *b, int b_count,
                 struct sigv4_pair ret[SIGV4_PAIRS_MAX])
{
    if (a_count + b_count > SIGV4_PAIRS_MAX)
        return false;
    for (int i = 0; i < a_count + b_count; i++)
        ret[i] = i < a_count ? a[i] : b[i - a_count];
    qsort(ret, (size_t)(a_count + b_count), sizeof *ret, compare_pairs);
    return true;
}

/* The pairs encoded, which is what their order goes by. Texts point into scratch. */
static bool encode_pairs(struct sigv4_pair *pairs, int count, struct buf *scratch)
{
    size_t ends[2 * SIGV4_PAIRS_MAX];

    buf_clear(scratch);
    for (int i = 0; i < 2 * count; i++) {
        if (!add_encoded(scratch, i % 2 ? pairs[i / 2].value : pairs[i / 2].name))
            return false;
        ends[i] = scratch->len;
    }
    for (int i = 0; i < 2 * count; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        struct text piece = {scratch->bytes + begin, ends[i] - begin};
        *(i % 2 ? &pairs[i / 2].value : &pairs[i / 2].name) = piece;
    }
    qsort(pairs, (size_t)count, sizeof *pairs, compare_pairs);
    return true;
}

/* "a=1&b=" in sigv4->query: the request's parameters and some of the signature's. */
static bool write_query(struct sigv4 *sigv4, const struct sigv4_request *request, const struct sigv4_pair *more,
                        int more_count)
{
    struct sigv4_pair pairs[SIGV4_PAIRS_MAX];
    int count = request->query_count + more_count;
    struct buf *to = &sigv4->query;
    bool ok = join(request->query, request->query_count, more, more_count, pairs) &&
              encode_pairs(pairs, count, &sigv4->sortables);

    buf_clear(to);
    for (int i = 0; i < count && ok; i++)
        ok = (i == 0 || add(to, TEXT("&"))) && add(to, pairs[i].name) && add(to, TEXT("=")) && add(to, pairs[i].value);
    return ok;
}

/* Without spaces at the ends, and one for each run of them inside. */
static bool add_trimmed(struct buf *to, struct text value)
{
    bool ok = true;

    value = text_trim(value);
    for (size_t i = 0; i < value.len && ok; i++)
        if (value.at[i] != ' ' || value.at[i - 1] != ' ')
            ok = buf_add(to, value.at + i, 1);
    return ok;
}

static bool add_header_names(struct buf *to, const struct sigv4_pair *headers, int count)
{
    bool ok = true;

    for (int i = 0; i < count && ok; i++)
        ok = (i == 0 || add(to, TEXT(";"))) && add(to, headers[i].name);
    return ok;
}

static bool add_headers(struct buf *to, const struct sigv4_pair *headers, int count)
{
    bool ok = true;

    for (int i = 0; i < count && ok; i++)
        ok = add(to, headers[i].name) && add(to, TEXT(":")) && add_trimmed(to, headers[i].value) && add(to, TEXT("\n"));
    return ok && add(to, TEXT("\n")) && add_header_names(to, headers, count);
}

/* The canonical request over sigv4->query. */
static bool write_canonical(struct sigv4 *sigv4, const struct sigv4_request *request, const struct sigv4_pair *headers,
                            int count, const char *payload)
{
    struct buf *to = &sigv4->canonical;
    struct text query = {sigv4->query.bytes, sigv4->query.len};

    buf_clear(to);
    return buf_add_text(to, request->method) && add(to, TEXT("\n")) && add_path(to, request->path) &&
           add(to, TEXT("\n")) && add(to, query) && add(to, TEXT("\n")) && add_headers(to, headers, count) &&
           add(to, TEXT("\n")) && buf_add_text(to, payload);
}

void sigv4_sign(struct sigv4 *sigv4, const char *date, struct text canonical, char to[SIGV4_SIGNATURE_ROOM])
{
    unsigned char hash[SHA256_BYTES];
    char hash_text[HASH_ROOM], text[1024];
    int len;

    crypto_sha256(canonical, hash);
    hex_write(hash, sizeof hash, hash_text);
    len = snprintf(text, sizeof text, "%s\n%s\n%.*s/%s/s3/aws4_request\n%s", ALGORITHM, date, DAY_LEN, date,
                   sigv4->region, hash_text);
    mac_sign(mac_of_day(sigv4, date), (struct text){text, (size_t)len}, hash);
    hex_write(hash, sizeof hash, to);
}

static void sign_canonical(struct sigv4 *sigv4, const char *date, char to[HASH_ROOM])
{
    sigv4_sign(sigv4, date, (struct text){sigv4->canonical.bytes, sigv4->canonical.len}, to);
}

bool sigv4_authorize(struct sigv4 *sigv4, const struct sigv4_request *request, char to[SIGV4_AUTHORIZATION_ROOM])
{
    struct sigv4_pair headers[SIGV4_PAIRS_MAX];
    char date[SIGV4_DATE_ROOM], signature[HASH_ROOM], names[256];
    const struct sigv4_pair own[] = {{TEXT("host"), request->host},
                                     {TEXT("x-amz-content-sha256"), text_of(request->payload)},
                                     {TEXT("x-amz-date"), {date, sizeof date - 1}}};
    int count = request->header_count + 3, len;

    sigv4_date(request->now_s, date);
    if (!join(request->headers, request->header_count, own, 3, headers) || !write_query(sigv4, request, NULL, 0) ||
        !write_canonical(sigv4, request, headers, count, request->payload))
        return false;
    sign_canonical(sigv4, date, signature);
    buf_clear(&sigv4->sortables);
    if (!add_header_names(&sigv4->sortables, headers, count) ||
        !text_copy(names, sizeof names, (struct text){sigv4->sortables.bytes, sigv4->sortables.len}))
        return false;
    len =
        snprintf(to, SIGV4_AUTHORIZATION_ROOM, "%s Credential=%s/%.*s/%s/s3/aws4_request,SignedHeaders=%s,Signature=%s",
                 ALGORITHM, sigv4->access_key, DAY_LEN, date, sigv4->region, names, signature);
    return len < SIGV4_AUTHORIZATION_ROOM;
}

static size_t write_target(struct sigv4 *sigv4, struct text path, char *to, size_t room)
{
    struct buf *target = &sigv4->canonical;
    struct text query = {sigv4->query.bytes, sigv4->query.len};

    buf_clear(target);
    if (!add_path(target, path) || (query.len && !(add(target, TEXT("?")) && add(target, query))))
        return 0;
    return text_copy(to, room, (struct text){target->bytes, target->len}) ? target->len : 0;
}

size_t sigv4_target(struct sigv4 *sigv4, const struct sigv4_request *request, char *to, size_t room)
{
    return write_query(sigv4, request, NULL, 0) ? write_target(sigv4, request->path, to, room) : 0;
}

/* What presigned URLs say in their query beside the signature, and the canonical request with it. */
static bool write_presigned(struct sigv4 *sigv4, const struct sigv4_request *request, const char *date, int64_t ttl_s)
{
    struct sigv4_pair headers[SIGV4_PAIRS_MAX];
    const struct sigv4_pair host = {TEXT("host"), request->host};
    char credential[512], expires[24];
    struct buf *names = &sigv4->canonical; /* free until write_canonical */
    int count = request->header_count + 1;

    buf_clear(names);
    if (!join(request->headers, request->header_count, &host, 1, headers) || !add_header_names(names, headers, count))
        return false;
    (void)snprintf(credential, sizeof credential, "%s/%.*s/%s/s3/aws4_request", sigv4->access_key, DAY_LEN, date,
                   sigv4->region);
    (void)snprintf(expires, sizeof expires, "%lld", (long long)ttl_s);
    return write_query(sigv4, request,
                       (const struct sigv4_pair[]){{TEXT("X-Amz-Algorithm"), text_of(ALGORITHM)},
                                                   {TEXT("X-Amz-Credential"), text_of(credential)},
                                                   {TEXT("X-Amz-Date"), text_of(date)},
                                                   {TEXT("X-Amz-Expires"), text_of(expires)},
                                                   {TEXT("X-Amz-SignedHeaders"), {names->bytes, names->len}}},
                       5) &&
           write_canonical(sigv4, request, headers, count, "UNSIGNED-PAYLOAD");
}

size_t sigv4_presign(struct sigv4 *sigv4, const struct sigv4_request *request, const char *scheme, int64_t ttl_s,
                     char *to, size_t room)
{
    char date[SIGV4_DATE_ROOM], signature[HASH_ROOM];
    size_t len, more;
    int wrote;

    assert(ttl_s >= 1 && ttl_s <= SIGV4_TTL_MAX_S);
    sigv4_date(request->now_s, date);
    if (!write_presigned(sigv4, request, date, ttl_s))
        return 0;
    sign_canonical(sigv4, date, signature);
    wrote = snprintf(to, room, "%s://%.*s", scheme, (int)request->host.len, request->host.at);
    len = (size_t)wrote;
    if (len >= room || !(more = write_target(sigv4, request->path, to + len, room - len)))
        return 0;
    len += more;
    wrote = snprintf(to + len, room - len, "&X-Amz-Signature=%s", signature);
    return (size_t)wrote < room - len ? len + (size_t)wrote : 0;
}
