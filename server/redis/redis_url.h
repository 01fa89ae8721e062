#pragma once
/* Where Redis is, and how one introduces oneself there: what REDIS_URL says. */
#include <stdbool.h>

#include "base/err.h"

enum { REDIS_GREETING_WORDS = 3 };

struct redis_url {
    bool is_unix;
    char place[256]; /* host, or path of the socket */
    int port;
    char user[128], password[256]; /* "": none */
    char database[8];              /* a number */
};

/* "redis://[[user]:password@]host[:port][/database]" or "unix:/path" ("unix://[[user]:password@]/path"), and
   "?db=database" behind a path. Percent-encoded where it must be. False: ERR_INVALID, in words without the password. */
bool redis_url_read(const char *url, struct redis_url *ret, struct err *reterr);

/* The step-th thing to say to a connection before it is used, with its words in argv, borrowed from url; how many
   words: 0 is the end. Each is answered by a status. */
int redis_url_greeting(const struct redis_url *url, int step, const char *argv[REDIS_GREETING_WORDS]);
