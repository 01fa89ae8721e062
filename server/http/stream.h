#pragma once
/* An answer that goes on: server-sent events. The stream lives in the call's state and ends with the request. */
#include "http/call.h"

enum { STREAM_MAX_PENDING = 256 * 1024 }; /* bytes not yet taken by the reader */

struct stream {
    h2o_generator_t generator;
    struct call *call;
    struct buf pending, sending;
    bool busy;  /* h2o has sending */
    bool ended; /* stream_end was called */
};

/* Sends status 200 and the headers; the stream is then written to from anywhere in the thread until the call is gone
   (set call->on_gone before, and call stream_done from it). The answer to HEAD has ended already. */
struct next stream_open(struct call *call, struct stream *stream, const char *content_type);
/* False: the reader is too slow (or this is more than it could ever take), and the stream has been ended. Never frees
   the call before returning: libh2o sends the end of an answer in a later turn of the loop. */
bool stream_write(struct stream *stream, struct text bytes);
/* Has the reader closed its side? libh2o does not read while an answer goes on, and so notices only when writing fails.
 */
bool stream_reader_gone(const struct stream *stream);
/* Ends the answer after what was written; frees the call no sooner than stream_write does. */
void stream_end(struct stream *stream);
void stream_done(struct stream *stream); /* frees the buffers; from on_gone */
