#pragma once
#include "base/text.h"

/* If-None-Match against the tag that the answer would have, quotes included: a list, weak tags and "*" are understood
   (RFC 9110, 13.1.2). True: the reader has it, answer 304. */
bool etag_is_known(struct text if_none_match, struct text tag);
