#include "fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct block {
    uint32_t base; /* host order */
    int bits;
};

static const struct block CLOSED_V4[] = {
    {0x00000000, 8},  /* this network */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* shared by carriers */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local, cloud metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarking */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static bool v4_is_public(uint32_t address)
{
    for (size_t i = 0; i < sizeof CLOSED_V4 / sizeof *CLOSED_V4; i++)
        if ((address ^ CLOSED_V4[i].base) >> (32 - CLOSED_V4[i].bits) == 0)
            return false;
    return true;
}

/* Global unicast is 2000::/3; NAT64 and IPv4-mapped addresses lie outside of it. */
static bool v6_is_public(const unsigned char a[16])
{
    uint32_t high = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];

    if (high >> 29 != 1)
        return false;
    if (high >> 9 == 0x20010000u >> 9) /* 2001::/23: Teredo, ORCHID, benchmarking */
        return false;
    return high != 0x20010db8 && high >> 16 != 0x2002 /* 6to4 */ && high >> 12 != 0x3fff0 /* documentation */;
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof v6);
    return v6_is_public(v6.sin6_addr.s6_addr);
}
