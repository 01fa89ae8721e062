#pragma once
/* One photo on its arrival, from bytes to verdict. For a thread that may block. */
#include <stdatomic.h>

#include "photos/photo_parts.h"
#include "photos/photo_verdict.h"

struct decoder;
struct store;

/* What is known of a photo that another one may be the same as. */
struct photo_mark {
    unsigned char file_hash[PHOTO_HASH_BYTES];
    uint64_t look;
};

struct photo_judge {
    const struct config *config;
    struct decoder *decoder;
    struct store *store;
    struct uuid avatar;
    bool portrait;
    /* The avatar's photos, and those of this request that were taken. */
    struct photo_mark marks[PHOTOS_MOST];
    int marks_count;
};

/* The part of the file; of a photo that is taken the clean copy and the thumbnail are stored, and judge->marks knows
   it. False: nothing is wrong with the photo, but it cannot be judged or stored now: *reterr. */
bool photo_judge_part(struct photo_judge *judge, int fd, const struct photo_part *part, struct photo_verdict *ret,
                      struct err *reterr);
/* Takes back what is stored of it. */
void photo_judge_undo(struct photo_judge *judge, const struct photo_verdict *verdict);
