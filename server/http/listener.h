#pragma once
#include "base/err.h"

/* Opens count listening sockets on one address ("127.0.0.1:8080", "[::]:80", port 0: a free one) that share its port
   through SO_REUSEPORT, into fds. A port that another process uses is an error, even when that one shares too. */
bool listener_open(const char *listen, int count, int *fds, int *ret_port, struct err *reterr);
