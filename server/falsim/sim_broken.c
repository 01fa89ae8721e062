#include "falsim/sim_broken.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DRIPS = 20, DRIP_MAX = 128 << 10, FLOOD_BYTES = 100 << 20, FLOOD_PIECE = 128 << 10, FLOOD_PAUSE_MS = 1 };

#define GATEWAY_PAGE(words)                                                                                            \
    "<html>\r\n<head><title>" words "</title></head>\r\n<body>\r\n<center><h1>" words                                  \
    "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

/* Past libh2o: the answer that follows goes nowhere. */
struct next sim_broken_cut(struct call *call, struct text raw)
{
    h2o_socket_t *sock = call->req->conn->callbacks->get_socket(call->req->conn);
    int fd = h2o_socket_get_fd(sock);

    if (raw.len)
        (void)send(fd, raw.at, raw.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_RDWR);
    return reply_no_content(call);
}

struct next sim_broken_close(struct call *call) { return sim_broken_cut(call, TEXT("")); }

/* On Linux, dissolving the association of a connected socket sends RST instead of FIN. */
static struct next reset(struct call *call)
{
    h2o_socket_t *sock = call->req->conn->callbacks->get_socket(call->req->conn);
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    (void)connect(h2o_socket_get_fd(sock), &nobody, sizeof nobody);
    return reply_no_content(call);
}

struct next sim_broken_hang(struct call *call, int64_t ms) { return sim_later(call, ms, sim_broken_close); }

static struct next answer_flat(struct call *call, int status, const char *type, const char *body)
{
    reply_header(call, "x-fal-error-type", type);
    return sim_reply(call, status, text_of(body));
}

static struct next answer_429(struct call *call)
{
    reply_header(call, "x-fal-needs-retry", "1");
    reply_header(call, "retry-after", "1");
    return answer_flat(
        call, 429, "concurrent_requests_limit",
        "{\"detail\":\"Concurrent requests limit exceeded\",\"error_type\":\"concurrent_requests_limit\"}");
}

static struct next answer_504(struct call *call)
{
    reply_header(call, "x-fal-request-timeout-type", "user");
    return answer_flat(call, 504, "request_timeout",
                       "{\"detail\":\"Request timed out\",\"error_type\":\"request_timeout\"}");
}

static struct next answer_status(struct call *call, int64_t status)
{
    switch (status) {
    case 400: return sim_reply_detail(call, 400, "Bad Request");
    case 401: return sim_reply_detail(call, 401, "No user found for Key ID and Secret");
    case 402: return sim_reply_detail(call, 402, "Payment Required");
    case 403: return sim_reply_detail(call, 403, "User is locked. Reason: Exhausted balance.");
    case 404: return sim_reply(call, 404, TEXT("{\"status\":\"NOT_FOUND\"}"));
    case 408: return sim_reply_detail(call, 408, "Request Timeout");
    case 409: return sim_reply_detail(call, 409, "Conflict");
    case 422: return sim_reply_detail(call, 422, "Unprocessable Entity");
    case 429: return answer_429(call);
    case 500: return sim_reply_detail(call, 500, "Internal Server Error");
    case 502: return reply_bytes(call, 502, "text/html", TEXT(GATEWAY_PAGE("502 Bad Gateway")));
    case 503:
        return answer_flat(call, 503, "runner_scheduling_failure",
                           "{\"detail\":\"No runner available\",\"error_type\":\"runner_scheduling_failure\"}");
    default: return answer_504(call);
    }
}

/* Of 100 MiB, of no announced length: white space, behind which there might be an answer. */
static void on_flood(uv_timer_t *timer)
{
    struct sim_going *self = timer->data;

    if (self->sent >= FLOOD_BYTES) {
        uv_timer_stop(timer);
        stream_end(&self->stream); /* the call may be gone now */
        return;
    }
    if (self->stream.pending.len)
        return;
    self->sent += self->body.len;
    (void)stream_write(&self->stream, (struct text){self->body.bytes, self->body.len});
}

static struct next answer_oversized(struct call *call)
{
    struct sim_going *self = sim_go_on(call);
    char *to;

    self->body = buf_make(FLOOD_PIECE);
    if (!(to = buf_reserve(&self->body, FLOOD_PIECE)))
        abort();
    memset(to, ' ', FLOOD_PIECE);
    self->body.len = FLOOD_PIECE;
    sim_start_timer(self, on_flood, FLOOD_PAUSE_MS);
    return stream_open(call, &self->stream, "application/json");
}

struct next sim_broken_answer(struct call *call, const struct sim_fault *fault)
{
    static const char BEHIND[] = "accept_then_";
    bool behind = strncmp(fault->fault, BEHIND, strlen(BEHIND)) == 0;
    const char *name = behind ? fault->fault + strlen(BEHIND) : fault->fault;
    int64_t status;

    if (strcmp(name, "garbage") == 0)
        return sim_reply(call, 200, TEXT("{\"request_id\": <!-- not quite JSON"));
    if (strcmp(name, "truncated") == 0)
        return sim_broken_cut(call,
                              TEXT("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 512\r\n\r\n"
                                   "{\"status\":\"IN_QUEUE\",\"requ"));
    if (strcmp(name, "oversized") == 0)
        return answer_oversized(call);
    if (strcmp(name, "hang") == 0)
        return sim_broken_hang(call, fault->delay_ms);
    if (strcmp(name, "reset") == 0)
        return reset(call);
    if (!text_int64(text_of(name), 400, 599, &status))
        return sim_broken_close(call);
    if (behind && status == 504) /* the gateway's: the queue's own says that nothing was started */
        return reply_bytes(call, 504, "text/html", TEXT(GATEWAY_PAGE("504 Gateway Time-out")));
    return answer_status(call, status);
}

static void on_drip(uv_timer_t *timer)
{
    struct sim_going *self = timer->data;
    size_t left = self->body.len - self->sent, piece = self->piece < left ? self->piece : left;

    if (piece && self->stream.pending.len)
        return;
    if (piece == 0) {
        uv_timer_stop(timer);
        stream_end(&self->stream); /* the call may be gone now */
        return;
    }
    self->sent += piece;
    (void)stream_write(&self->stream, (struct text){self->body.bytes + self->sent - piece, piece});
}

struct next sim_broken_slow(struct call *call, int64_t ms, const char *content_type, struct buf *body)
{
    struct sim_going *self = sim_go_on(call);
    size_t drips = body->len / DRIP_MAX < DRIPS ? DRIPS : body->len / DRIP_MAX + 1;

    self->piece = body->len / drips + 1;
    self->body = *body;
    *body = (struct buf){0};
    sim_start_timer(self, on_drip, (int)(ms / (int64_t)drips) + 1);
    return stream_open(call, &self->stream, content_type);
}

bool sim_broken_strike(struct call *call, const char *op, struct text endpoint, struct text input, struct next *ret)
{
    struct sim_fault fault;

    if (!sim_faults_strike(sim_of(call)->faults, op, SIM_REFUSALS " " SIM_NO_ANSWERS, endpoint, input, &fault))
        return false;
    *ret = sim_broken_answer(call, &fault);
    return true;
}
