#pragma once
/* Which form of a compressed thing a reader wants (RFC 9110, 12.5.3). */
#include "base/text.h"

enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_BROTLI, ENCODINGS };

/* Of the forms that there are (a set of 1 << enum encoding; the plain one is always there) the one liked best by the
   header, between equals the smaller one. Without the header, or with a malformed entry, as if it named nothing. A
   reader that refuses all that there is gets the plain one: better than none, and allowed. */
enum encoding encoding_accepted(struct text accept_encoding, unsigned available);
/* "br"; NULL for the plain form. */
const char *encoding_name(enum encoding encoding);
