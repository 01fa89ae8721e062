#pragma once
#include <h2o.h>
#include <stdbool.h>

#include "base/text.h"

/* libh2o takes the first of two Content-Lengths or Hosts, both framings at once, and folded lines, and shows none of it
   to its handlers: another HTTP parser in front may have read another request. This looks at the head as it came, which
   is still in the connection's buffer. False: it is one of those; answer 400 and close. */
bool raw_head_is_sound(h2o_req_t *req);

/* How many bytes the head at the beginning of input has, with the empty line that ends it; 0: it is not complete. Like
   libh2o's parser it takes a bare LF for the end of a line, and skips one empty line in front. from: the first so many
   bytes have been looked through before. */
size_t raw_head_len(struct text input, size_t from);
/* input without the empty line in front. */
struct text raw_head_start(struct text input);
