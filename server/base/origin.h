#pragma once
/* What a URL's address says about who can follow it, without asking a name server. */
#include <stdbool.h>

enum origin_reach { ORIGIN_LOOPBACK, ORIGIN_PRIVATE, ORIGIN_PUBLIC };

/* Of scheme://host[:port][/…]. Names of one piece and those that no public name server knows (.local, .internal,
   .localhost, .home.arpa) are private; so are unspecified, link-local and shared (RFC 6598) addresses. */
enum origin_reach origin_reach(const char *url);

/* Nothing behind host and port, nobody before them: scheme://host[:port]. */
bool origin_is_bare(const char *url);
