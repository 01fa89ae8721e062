#pragma once
#include <h2o.h>
#include <stdbool.h>

/* libh2o takes the first of two Content-Lengths or Hosts, both framings at once, and folded lines, and shows none of it
   to its handlers: another HTTP parser in front may have read another request. This looks at the head as it came, which
   is still in the connection's buffer. False: it is one of those; answer 400 and close. */
bool raw_head_is_sound(h2o_req_t *req);
