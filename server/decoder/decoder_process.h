#pragma once
/* The server's side of one process that decodes. Used by one thread at a time. */
#include <sys/types.h>

#include "decoder/decoder.h"

struct decoder_process {
    pid_t pid; /* 0: none */
    int socket;
    int examined; /* photos */
};

enum decoder_outcome {
    DECODER_ANSWERED, /* *ret or *reterr is what it said */
    DECODER_DIED,     /* over this photo */
    DECODER_OVERRAN,  /* took longer than DECODER_PHOTO_S, or used more processor time */
    DECODER_ABSENT,   /* was gone before it got the photo: another may try */
    DECODER_UNABLE,   /* this server cannot hand it over, or the answer makes no sense */
};

/* Waits until it is ready. False: decoder_failed. */
bool decoder_process_start(struct decoder_process *process, const char *program, const char *models,
                           struct err *reterr);
/* Ends it and waits for that. It may be none. Returns the status of waitpid, 0 for none. */
int decoder_process_end(struct decoder_process *process);

/* After DECODER_DIED, DECODER_OVERRAN and DECODER_UNABLE it has to be ended. *ret is filled if *ret_taken. */
struct decoder_photo {
    int fd;
    int64_t from, len;
    bool look_for_faces;
};
enum decoder_outcome decoder_process_examine(struct decoder_process *process, const struct decoder_photo *photo,
                                             struct photo_files *ret, bool *ret_taken, struct err *reterr);
