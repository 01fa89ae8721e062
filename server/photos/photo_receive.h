#pragma once
/* Receiving photos: what the API and a form on a page have in common. The route has an upload_limit; its first step
   fills its state, and from there one way leads to exactly one of its answers. */
#include "avatars/avatar.h"
#include "http/call.h"
#include "http/upload.h"
#include "photos/photo_intake.h"
#include "photos/photo_set.h"

/* How it ends. What the state has lives during the call. */
struct photo_answers {
    /* The state's verdicts and set are there. */
    struct next (*taken)(struct call *call);
    /* ERR_INVALID in kind: part_unknown, no_photos, and upload_ids' own. */
    struct next (*faulty)(struct call *call, const struct faults *faults);
    /* ERR_NOT_FOUND: the avatar is missing or somebody else's. ERR_CONFLICT: avatar_training. ERR_FORBIDDEN:
       csrf_failed. ERR_MEDIA_TYPE: upload_expected. ERR_BAD_REQUEST: multipart_*, or what is wrong with JSON. ERR_BUSY:
       storage, decoder_busy. ERR_INTERNAL. */
    struct next (*refused)(struct call *call, const struct err *err);
};

/* The first member of the call's state. */
struct photo_receive {
    /* Filled by the first step. */
    const struct photo_answers *answers;
    struct uuid avatar_id;
    bool form_only; /* a page's: nothing but multipart/form-data is taken */
    char
        csrf_token[PHOTO_TOKEN_MAX + 1]; /* what the form's part csrf_token must be, in front of the photos; "": none */
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1]; /* of a photo that is the body */
    /* The flow's own. */
    enum photo_body kind;
    char boundary[PHOTO_BOUNDARY_MAX + 1];
    struct upload upload;
    struct photo_upload *uploads;
    int uploads_count;
    struct photo_intake *intake;
    /* For taken. */
    struct avatar avatar; /* as it was before */
    const struct photo_verdict *verdicts;
    int verdicts_count;
    struct photo_set set; /* of all that the avatar has now */
};

struct next photo_receive_begin(struct call *call);
