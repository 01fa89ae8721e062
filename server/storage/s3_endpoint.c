#include "storage/s3_endpoint.h"

#include <stdio.h>
#include <string.h>

#include "fetch/origin.h"

/* Does anything but a single '/' stand behind the host? */
static bool has_path(const char *url)
{
    const char *host = strstr(url, "//");
    size_t len = host ? strcspn(host + 2, "/?#") : 0;

    return !host || (host[2 + len] && strcmp(host + 2 + len, "/") != 0);
}

bool s3_endpoint_read(const char *url, bool path_style, struct s3_endpoint *ret, struct err *reterr)
{
    struct origin origin;
    bool usual;

    *ret = (struct s3_endpoint){.path_style = path_style};
    if (!origin_read(url, &origin) || has_path(url))
        return err_set(reterr, ERR_INVALID, "s3_endpoint", "not an http or https address of a server alone");
    usual = origin.port == (strcmp(origin.scheme, "https") == 0 ? 443 : 80);
    (void)snprintf(ret->scheme, sizeof ret->scheme, "%s", origin.scheme);
    if (usual)
        (void)snprintf(ret->host, sizeof ret->host, "%s", origin.host);
    else
        (void)snprintf(ret->host, sizeof ret->host, "%s:%d", origin.host, origin.port);
    return true;
}

bool s3_endpoint_place(const struct s3_endpoint *endpoint, struct text bucket, struct text key, struct s3_place *ret)
{
    int bucket_len = (int)bucket.len, key_len = (int)key.len, wrote;

    if (bucket.len > STORE_BUCKET_MAX || key.len > sizeof ret->path)
        return false;
    if (endpoint->path_style) {
        (void)snprintf(ret->host, sizeof ret->host, "%s", endpoint->host);
        wrote = snprintf(ret->path, sizeof ret->path, "/%.*s%s%.*s", bucket_len, bucket.at, key_len ? "/" : "", key_len,
                         key.at);
    } else {
        (void)snprintf(ret->host, sizeof ret->host, "%.*s.%s", bucket_len, bucket.at, endpoint->host);
        wrote = snprintf(ret->path, sizeof ret->path, "/%.*s", key_len, key.at);
    }
    return wrote < (int)sizeof ret->path;
}
