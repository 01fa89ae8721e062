#pragma once
/* Is a socket address one of the public internet? The answer decides where URLs that others gave us may lead. */
#include <stdbool.h>
#include <sys/socket.h>

/* Public unicast: not private, loopback, link-local (cloud metadata), shared, documentation, benchmarking, multicast,
   reserved, nor an IPv6 form that wraps an IPv4 address (RFC 6890 and the IANA special-purpose registries). */
bool address_is_public(const struct sockaddr *address);
