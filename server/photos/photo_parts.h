#pragma once
/* Where in a body the photos are: a multipart form, or the body itself. For a thread that may block. */
#include "base/err.h"
#include "base/faults.h"
#include "http/multipart.h"
#include "photos/photo.h"

enum { PHOTO_TOKEN_MAX = 200, PHOTO_BOUNDARY_MAX = 70 };

struct photo_part {
    int64_t from, len; /* in the file */
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
};

struct photo_parts {
    struct photo_part items[MULTIPART_MAX_PARTS];
    int count;
    char csrf_token[PHOTO_TOKEN_MAX + 1]; /* of the part csrf_token in front of all photos; "": none */
};

/* Parts named photo; one without a name and without bytes (a form whose file was not chosen) is passed over. A part
   csrf_token may stand before them, when takes_token. False: *reterr (multipart_read's) or, with kind ERR_NONE,
   *faults: part_unknown, no_photos. */
bool photo_parts_read(int fd, int64_t bytes, struct text boundary, bool takes_token, struct photo_parts *ret,
                      struct faults *faults, struct err *reterr);
