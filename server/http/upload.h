#pragma once
/* Large bodies, from the socket straight into a file. libh2o 2.2.5 keeps a whole body in memory before any handler runs
   and gives it one timer of seconds; so the body of a route with an upload_limit is kept from it (upload_head.h): the
   route's first step runs as soon as the head is there, judges who asks and what for, and then waits for the body with
   await_upload.

   Only bodies with a Content-Length. A larger one than upload_limit is answered with 413 before it is read, one in
   chunks with 411. A step that answers without having taken the body closes the connection behind its answer. Who waits
   for a 100 (Continue) gets it when the body is wanted. */
#include "http/call.h"

enum {
    UPLOAD_IDLE_S = 30, /* without one byte: 408, and the connection ends */
    UPLOAD_LONGEST_S = 900,
};

/* What came: a file that has no name any more, and is gone with the request. */
struct upload {
    int fd;        /* for pread and mmap, from any thread, as long as the request lives; -1: there was no body */
    int64_t bytes; /* 0: there was no body */
};

typedef struct next (*upload_fn)(struct call *call, const struct upload *upload);

/* Reads the body, and goes on with then(call, upload), at once when all of it is there; upload lives as long as the
   request. Once in a request. Answered by itself: 408 (too slow), 503 with Retry-After (all uploads of the process
   together would take more of the disk than http_config.upload_space allows, or the user's own: upload_space.h), 507
   (the disk is full). A client that goes away ends the wait. */
#define await_upload(call, then) await_upload_named(call, then, #then)
struct next await_upload_named(struct call *call, upload_fn then, const char *step);

/* For answers (reply.c), before they begin: closes the connection behind this one if a body was left unread. */
void upload_leave(struct call *call);

/* What file_failed has said of a file for an upload, as its sender is told it: ERR_DISK upload_no_space when the disk
   is full. False. */
bool upload_file_failed(struct err *reterr);
