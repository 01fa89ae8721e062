#include "fetch/origin.h"

#include <curl/curl.h>
#include <string.h>

/* One part of the URL into to[room]; false: absent or too long. */
static bool part(CURLU *url, CURLUPart what, unsigned flags, char *to, size_t room)
{
    char *value = NULL;
    bool ok;

    to[0] = '\0';
    if (curl_url_get(url, what, &value, flags) != CURLUE_OK)
        return false;
    ok = text_copy(to, room, text_of(value));
    curl_free(value);
    return ok;
}

static bool has_part(CURLU *url, CURLUPart what)
{
    char *value = NULL;
    bool has = curl_url_get(url, what, &value, 0) == CURLUE_OK;

    curl_free(value);
    return has;
}

static bool read_parts(CURLU *url, struct origin *ret)
{
    char port[8];
    int64_t number;

    if (!part(url, CURLUPART_SCHEME, 0, ret->scheme, sizeof ret->scheme) ||
        (strcmp(ret->scheme, "https") != 0 && strcmp(ret->scheme, "http") != 0))
        return false;
    if (!part(url, CURLUPART_HOST, 0, ret->host, sizeof ret->host) ||
        !part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
        !text_int64(text_of(port), 1, 65535, &number))
        return false;
    ret->port = (int)number;
    return !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) && !has_part(url, CURLUPART_FRAGMENT);
}

bool origin_read(const char *url, struct origin *ret)
{
    CURLU *parsed;
    bool ok;

    *ret = (struct origin){0};
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return false;
    if (!(parsed = curl_url()))
        return false;
    ok = curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK && read_parts(parsed, ret);
    curl_url_cleanup(parsed);
    return ok;
}

bool origin_equal(const struct origin *a, const struct origin *b)
{
    return strcmp(a->scheme, b->scheme) == 0 && a->port == b->port &&
           text_equal_ignoring_case(text_of(a->host), text_of(b->host));
}

static bool matches(struct text host, struct text pattern)
{
    if (!text_starts(pattern, TEXT("*.")))
        return pattern.len && text_equal_ignoring_case(host, pattern);
    pattern = (struct text){pattern.at + 1, pattern.len - 1}; /* with its dot */
    if (pattern.len < 2 || host.len <= pattern.len || host.at[0] == '.')
        return false;
    return text_equal_ignoring_case((struct text){host.at + host.len - pattern.len, pattern.len}, pattern);
}

bool origin_host_listed(const struct origin *origin, struct text list)
{
    while (list.len)
        if (matches(text_of(origin->host), text_trim(text_cut(&list, ','))))
            return true;
    return false;
}
