#pragma once
/* What a URL's address says about who can follow it, without asking a name server. */
#include <stdbool.h>

enum url_reach { URL_LOOPBACK, URL_PRIVATE, URL_PUBLIC };

/* Of scheme://host[:port][/…]. Names of one piece and those that no public name server knows (.local, .internal,
   .localhost, .home.arpa) are private; so are unspecified, link-local and shared (RFC 6598) addresses. */
enum url_reach url_reach(const char *url);

/* http or https, a host in small letters, perhaps a port: scheme://host[:port] with nothing before or behind them. */
bool url_is_origin(const char *url);
