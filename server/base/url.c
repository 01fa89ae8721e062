#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

enum { HOST_ROOM = 260 };

static struct text authority_of(const char *url)
{
    const char *at = strstr(url, "://");

    at = at ? at + 3 : url;
    return (struct text){at, strcspn(at, "/?#")};
}

/* Without the port and the brackets of IPv6. False: there is none, or it is longer than a name can be. */
static bool read_host(const char *url, char to[HOST_ROOM])
{
    struct text host = authority_of(url);
    const char *user = memrchr(host.at, '@', host.len), *end;

    if (user)
        host = (struct text){user + 1, (size_t)(host.at + host.len - user - 1)};
    if (host.len && host.at[0] == '[') {
        end = memchr(host.at, ']', host.len);
        return end && text_copy(to, HOST_ROOM, (struct text){host.at + 1, (size_t)(end - host.at - 1)});
    }
    end = memchr(host.at, ':', host.len);
    host.len = end ? (size_t)(end - host.at) : host.len;
    return host.len && text_copy(to, HOST_ROOM, host);
}

struct net {
    uint32_t address;
    int bits;
    enum url_reach reach;
};

static enum url_reach reach_of_ipv4(uint32_t address)
{
    static const struct net NETS[] = {
        {0x7f000000, 8, URL_LOOPBACK}, {0x00000000, 8, URL_PRIVATE},  {0x0a000000, 8, URL_PRIVATE},
        {0x64400000, 10, URL_PRIVATE}, {0xa9fe0000, 16, URL_PRIVATE}, {0xac100000, 12, URL_PRIVATE},
        {0xc0a80000, 16, URL_PRIVATE},
    };

    for (size_t i = 0; i < sizeof NETS / sizeof *NETS; i++)
        if ((address ^ NETS[i].address) >> (32 - NETS[i].bits) == 0)
            return NETS[i].reach;
    return URL_PUBLIC;
}

static enum url_reach reach_of_ipv6(const struct in6_addr *address)
{
    const unsigned char *b = address->s6_addr;

    if (IN6_IS_ADDR_LOOPBACK(address))
        return URL_LOOPBACK;
    if (IN6_IS_ADDR_V4MAPPED(address))
        return reach_of_ipv4((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15]);
    if (IN6_IS_ADDR_UNSPECIFIED(address) || IN6_IS_ADDR_LINKLOCAL(address) || (b[0] & 0xfe) == 0xfc)
        return URL_PRIVATE;
    return URL_PUBLIC;
}

static bool ends(const char *host, const char *with)
{
    size_t len = strlen(host), tail = strlen(with);

    return len > tail && strcasecmp(host + len - tail, with) == 0;
}

enum url_reach url_reach(const char *url)
{
    char host[HOST_ROOM];
    struct in_addr ipv4;
    struct in6_addr ipv6;

    if (!read_host(url, host))
        return URL_PRIVATE;
    if (inet_pton(AF_INET, host, &ipv4) == 1)
        return reach_of_ipv4(ntohl(ipv4.s_addr));
    if (inet_pton(AF_INET6, host, &ipv6) == 1)
        return reach_of_ipv6(&ipv6);
    if (strcasecmp(host, "localhost") == 0 || ends(host, ".localhost"))
        return URL_LOOPBACK;
    if (!strchr(host, '.') || ends(host, ".local") || ends(host, ".internal") || ends(host, ".home.arpa"))
        return URL_PRIVATE;
    return URL_PUBLIC;
}

static bool is_port(struct text t)
{
    int64_t port;

    return text_int64(t, 1, 65535, &port) && t.at[0] != '0' && t.at[0] != '+';
}

/* The host as browsers write it. The rest is what stands behind it. */
static bool is_host(struct text authority, struct text *rest)
{
    static const char NAME[] = "abcdefghijklmnopqrstuvwxyz0123456789-._", IPV6[] = "0123456789abcdef:.";
    bool brackets = authority.len && authority.at[0] == '[';
    const char *begin = authority.at + brackets;
    size_t len = strspn(begin, brackets ? IPV6 : NAME);
    char host[HOST_ROOM];
    struct in6_addr ipv6;

    if (!len || !text_copy(host, sizeof host, (struct text){begin, len}))
        return false;
    if (brackets && (begin[len] != ']' || inet_pton(AF_INET6, host, &ipv6) != 1))
        return false;
    len += (size_t)(begin - authority.at) + brackets;
    *rest = (struct text){authority.at + len, authority.len - len};
    return true;
}

bool url_is_origin(const char *url)
{
    struct text authority = authority_of(url), rest;

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return false;
    if (authority.at[authority.len] != '\0' || !is_host(authority, &rest))
        return false;
    return !rest.len || (rest.at[0] == ':' && is_port((struct text){rest.at + 1, rest.len - 1}));
}
