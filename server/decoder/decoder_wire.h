#pragma once
/* What the server and a decoder say to each other over their socket: plain structs, since both are the same program.
   The process says DECODER_READY once it stands behind its walls. Then, photo by photo: a request with a descriptor
   beside it (SCM_RIGHTS); an answer, and behind one that is ok the bytes of both files. */
#include "image/photo.h"

enum {
    DECODER_READY = 'r',
    DECODER_SOCKET = 0, /* descriptor of the process */
    DECODER_CLEAN_MAX = 16 << 20,
    DECODER_SMALL_MAX = 1 << 20,
};

struct decoder_request {
    int64_t from, len;
    int32_t look_for_faces;
};

struct decoder_answer {
    int32_t ok;
    uint32_t clean_len, small_len;
    struct photo_facts facts;   /* if ok */
    char code[40], detail[200]; /* if not */
};
