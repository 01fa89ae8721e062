#include "base/origin.h"

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
    enum origin_reach reach;
};

static enum origin_reach reach_of_ipv4(uint32_t address)
{
    static const struct net NETS[] = {
        {0x7f000000, 8, ORIGIN_LOOPBACK}, {0x00000000, 8, ORIGIN_PRIVATE},  {0x0a000000, 8, ORIGIN_PRIVATE},
        {0x64400000, 10, ORIGIN_PRIVATE}, {0xa9fe0000, 16, ORIGIN_PRIVATE}, {0xac100000, 12, ORIGIN_PRIVATE},
        {0xc0a80000, 16, ORIGIN_PRIVATE},
    };

    for (size_t i = 0; i < sizeof NETS / sizeof *NETS; i++)
        if ((address ^ NETS[i].address) >> (32 - NETS[i].bits) == 0)
            return NETS[i].reach;
    return ORIGIN_PUBLIC;
}

static enum origin_reach reach_of_ipv6(const struct in6_addr *address)
{
    const unsigned char *b = address->s6_addr;

    if (IN6_IS_ADDR_LOOPBACK(address))
        return ORIGIN_LOOPBACK;
    if (IN6_IS_ADDR_V4MAPPED(address))
        return reach_of_ipv4((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15]);
    if (IN6_IS_ADDR_UNSPECIFIED(address) || IN6_IS_ADDR_LINKLOCAL(address) || (b[0] & 0xfe) == 0xfc)
        return ORIGIN_PRIVATE;
    return ORIGIN_PUBLIC;
}

static bool ends(const char *host, const char *with)
{
    size_t len = strlen(host), tail = strlen(with);

    return len > tail && strcasecmp(host + len - tail, with) == 0;
}

enum origin_reach origin_reach(const char *url)
{
    char host[HOST_ROOM];
    struct in_addr ipv4;
    struct in6_addr ipv6;

    if (!read_host(url, host))
        return ORIGIN_PRIVATE;
    if (inet_pton(AF_INET, host, &ipv4) == 1)
        return reach_of_ipv4(ntohl(ipv4.s_addr));
    if (inet_pton(AF_INET6, host, &ipv6) == 1)
        return reach_of_ipv6(&ipv6);
    if (strcasecmp(host, "localhost") == 0 || ends(host, ".localhost"))
        return ORIGIN_LOOPBACK;
    if (!strchr(host, '.') || ends(host, ".local") || ends(host, ".internal") || ends(host, ".home.arpa"))
        return ORIGIN_PRIVATE;
    return ORIGIN_PUBLIC;
}

bool origin_is_bare(const char *url)
{
    struct text authority = authority_of(url);

    return strstr(url, "://") && authority.len && authority.at[authority.len] == '\0' &&
           !memchr(authority.at, '@', authority.len);
}
