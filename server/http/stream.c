#include "http/stream.h"

#include "http/reply.h"

static void send_pending(struct stream *stream)
{
    struct buf sent = stream->sending;
    bool last = stream->ended;
    h2o_iovec_t out;

    buf_clear(&sent);
    stream->sending = stream->pending;
    stream->pending = sent;
    stream->busy = true;
    out = h2o_iovec_init(stream->sending.bytes, stream->sending.len);
    h2o_send(stream->call->req, &out, 1, last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

/* The reader has taken what was sent. */
static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct stream *stream = H2O_STRUCT_FROM_MEMBER(struct stream, generator, generator);

    (void)req;
    stream->busy = false;
    if (stream->pending.len || stream->ended)
        send_pending(stream);
}

static void on_stop(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)generator; /* the request goes next, and on_gone with it */
    (void)req;
}

struct next stream_open(struct call *call, struct stream *stream, const char *content_type)
{
    *stream = (struct stream){.generator = {on_proceed, on_stop},
                              .call = call,
                              .pending = buf_make(STREAM_MAX_PENDING),
                              .sending = buf_make(STREAM_MAX_PENDING)};
    reply_header(call, "content-type", content_type);
    reply_stream_headers(call);
    h2o_start_response(call->req, &stream->generator);
    if (h2o_memis(call->req->input.method.base, call->req->input.method.len, H2O_STRLIT("HEAD"))) {
        stream->busy = stream->ended = true;
        h2o_send(call->req, NULL, 0, H2O_SEND_STATE_FINAL);
    }
    return (struct next){0};
}

bool stream_write(struct stream *stream, struct text bytes)
{
    if (stream->ended)
        return false;
    if (!buf_add(&stream->pending, bytes.at, bytes.len)) {
        stream_end(stream); /* too slow: what is pending is the last */
        return false;
    }
    if (!stream->busy)
        send_pending(stream);
    return true;
}

bool stream_reader_gone(const struct stream *stream)
{
    h2o_conn_t *conn = stream->call->req->conn;
    h2o_socket_t *sock = conn->callbacks->get_socket ? conn->callbacks->get_socket(conn) : NULL;
    char byte;

    return sock && recv(h2o_socket_get_fd(sock), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void stream_end(struct stream *stream)
{
    if (stream->ended)
        return;
    stream->ended = true;
    if (!stream->busy)
        send_pending(stream);
}

void stream_done(struct stream *stream)
{
    buf_done(&stream->pending);
    buf_done(&stream->sending);
}
