#pragma once
/* multipart/form-data (RFC 7578) in memory or in a mapped file. Nothing is copied: parts point into the body. Lines end
   in CRLF and nothing else. */
#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

enum { MULTIPART_MAX_PARTS = 64, MULTIPART_MAX_HEAD = 16 * 1024 /* of one part, names and all */ };

struct multipart_part {
    struct text name, file_name; /* raw, as sent: within quotes " may stand as \"; at NULL: not given */
    struct text content_type;    /* at NULL: not given */
    struct text bytes;
};

/* The boundary of a Content-Type; lies in it. False, ERR_BAD_REQUEST: multipart_no_boundary (none, or not one of RFC
   2046), or ERR_MEDIA_TYPE, upload_expected: another type. */
bool multipart_boundary(struct text content_type, struct text *ret, struct err *reterr);

/* Calls take for each part in turn until it returns false, which ends it well. False, ERR_BAD_REQUEST:
   multipart_malformed, multipart_cut (the last boundary is missing), multipart_too_many_parts,
   multipart_head_too_large. What was taken before is then void. A part's filename* is ignored (RFC 7578, 4.2). */
bool multipart_read(struct text body, struct text boundary,
                    bool (*take)(void *owner, const struct multipart_part *part), void *owner, struct err *reterr);
