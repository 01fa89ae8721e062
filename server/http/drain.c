#include "http/drain.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST_MS = 2000, MAX_BYTES = 1 << 20, PIECE = 16 * 1024 };

struct drain {
    uv_poll_t poll;
    uv_timer_t timer;
    int fd, handles;
    size_t bytes;
    void (*done)(void *owner);
    void *owner;
};

static void on_closed(uv_handle_t *handle)
{
    struct drain *drain = handle->data;

    if (--drain->handles > 0)
        return;
    (void)close(drain->fd);
    drain->done(drain->owner);
    free(drain);
}

static void end(struct drain *drain)
{
    if (uv_is_closing((uv_handle_t *)&drain->poll))
        return;
    uv_close((uv_handle_t *)&drain->poll, on_closed);
    uv_close((uv_handle_t *)&drain->timer, on_closed);
}

static void on_late(uv_timer_t *timer) { end(timer->data); }

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct drain *drain = poll->data;
    char piece[PIECE];
    ssize_t got = status < 0 ? 0 : recv(drain->fd, piece, sizeof piece, MSG_DONTWAIT);

    (void)events;
    if (got > 0)
        drain->bytes += (size_t)got;
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || drain->bytes > MAX_BYTES)
        end(drain);
}

bool drain_start(uv_loop_t *loop, int fd, void (*done)(void *owner), void *owner)
{
    struct drain *drain = calloc(1, sizeof *drain);

    if (!drain)
        abort();
    *drain = (struct drain){.fd = fd, .handles = 2, .done = done, .owner = owner};
    if (uv_poll_init(loop, &drain->poll, fd) != 0) {
        (void)close(fd);
        free(drain);
        return false;
    }
    uv_timer_init(loop, &drain->timer);
    drain->poll.data = drain->timer.data = drain;
    (void)shutdown(fd, SHUT_WR); /* the answer ends here */
    uv_timer_start(&drain->timer, on_late, LONGEST_MS, 0);
    uv_poll_start(&drain->poll, UV_READABLE, on_readable);
    return true;
}
