#include "falsim/sim_broken.h"

#include <string.h>
#include <sys/socket.h>

enum { DRIPS = 20 };

static const char GATEWAY_PAGE[] =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    "Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/* Writes past libh2o, then ends the connection under it: the answer that follows goes nowhere. */
static struct next cut(struct call *call, struct text raw)
{
    h2o_socket_t *sock = call->req->conn->callbacks->get_socket(call->req->conn);
    int fd = h2o_socket_get_fd(sock);

    if (raw.len)
        (void)send(fd, raw.at, raw.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_RDWR);
    return reply_no_content(call);
}

struct next sim_broken_close(struct call *call) { return cut(call, TEXT("")); }

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

struct next sim_broken_answer(struct call *call, const struct sim_fault *fault)
{
    int64_t status;

    if (strcmp(fault->fault, "garbage") == 0)
        return sim_reply(call, 200, TEXT("{\"request_id\": <!-- not quite JSON"));
    if (strcmp(fault->fault, "truncated") == 0)
        return cut(call, TEXT("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 512\r\n\r\n"
                              "{\"status\":\"IN_QUEUE\",\"requ"));
    if (strcmp(fault->fault, "hang") == 0)
        return sim_broken_hang(call, fault->delay_ms);
    if (!text_int64(text_of(fault->fault), 400, 599, &status))
        return sim_broken_close(call);
    switch (status) {
    case 401: return sim_reply_detail(call, 401, "No user found for Key ID and Secret");
    case 403: return sim_reply_detail(call, 403, "User is locked. Reason: Exhausted balance.");
    case 404: return sim_reply(call, 404, TEXT("{\"status\":\"NOT_FOUND\"}"));
    case 429: return answer_429(call);
    case 500: return sim_reply_detail(call, 500, "Internal Server Error");
    case 502: return reply_bytes(call, 502, "text/html", text_of(GATEWAY_PAGE));
    case 503:
        return answer_flat(call, 503, "runner_scheduling_failure",
                           "{\"detail\":\"No runner available\",\"error_type\":\"runner_scheduling_failure\"}");
    default: return answer_504(call);
    }
}

static void on_drip(uv_timer_t *timer)
{
    struct sim_going *self = timer->data;
    size_t piece = self->body.len / DRIPS + 1, left = self->body.len - self->sent;

    piece = piece < left ? piece : left;
    if (piece == 0) {
        uv_timer_stop(timer);
        stream_end(&self->stream); /* the call may be gone now */
        return;
    }
    self->sent += piece;
    (void)stream_write(&self->stream, (struct text){self->body.bytes + self->sent - piece, piece});
}

struct next sim_broken_slow(struct call *call, int64_t ms, struct buf *body)
{
    struct sim_going *self = sim_go_on(call);

    self->body = *body;
    *body = (struct buf){0};
    sim_start_timer(self, on_drip, (int)(ms / DRIPS) + 1);
    return stream_open(call, &self->stream, "application/json");
}

bool sim_broken_strike(struct call *call, const char *op, struct text endpoint, struct text input, struct next *ret)
{
    struct sim_fault fault;

    if (!sim_faults_strike(sim_of(call)->faults, op, "401 403 404 429 500 502 503 504 garbage truncated close hang",
                           endpoint, input, &fault))
        return false;
    *ret = sim_broken_answer(call, &fault);
    return true;
}
