#pragma once
/* A request's photos, from bytes to verdicts: work for a thread of the pool. Each one is judged by itself, so that a
   bad one does not fail the others. */
#include "http/multipart.h"
#include "photos/photo_judge.h"

enum photo_body { PHOTO_BODY_FORM, PHOTO_BODY_RAW, PHOTO_BODY_UPLOADS };

/* A photo that lies in the bucket already: incoming/{avatar}/{id}.bin */
struct photo_upload {
    struct uuid id;
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
};

struct photo_intake {
    /* What is asked; filled by the maker. */
    enum photo_body kind;
    int fd; /* of the body, its own; -1: none */
    int64_t bytes;
    char boundary[PHOTO_BOUNDARY_MAX + 1];
    char csrf_token[PHOTO_TOKEN_MAX + 1]; /* the form must carry this one; "": it carries none */
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1];
    struct photo_upload uploads[MULTIPART_MAX_PARTS];
    int uploads_count;
    struct photo_judge judge; /* config, decoder, avatar, portrait, marks; the store is opened and closed here */
    /* What came of it. */
    struct err err;       /* kind ERR_NONE: see the rest; else nothing is kept */
    struct faults faults; /* of the request; then there are no verdicts */
    struct photo_verdict verdicts[MULTIPART_MAX_PARTS];
    int count;
};

struct photo_intake *photo_intake_make(void);
/* For await_work. */
void photo_intake_run(void *intake, const atomic_bool *gone);
void photo_intake_done(void *intake);

/* Its place in the bucket of photos. */
size_t photo_upload_key(struct uuid avatar, struct uuid upload, char to[PHOTO_KEY_ROOM]);
