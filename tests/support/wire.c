#include "support/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

void wire_open(struct wire *wire, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const struct timeval patience = {PATIENCE_S, 0};
    const int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    wire->len = 0;
    wire->fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(wire->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(wire->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        abort();
}

void wire_close(struct wire *wire) { (void)close(wire->fd); }

bool wire_send(struct wire *wire, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(wire->fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

void wire_say(struct wire *wire, const char *text) { (void)wire_send(wire, text, strlen(text)); }

static bool more(struct wire *wire)
{
    ssize_t got = recv(wire->fd, wire->input + wire->len, sizeof wire->input - wire->len, 0);

    if (got <= 0)
        return false;
    wire->len += (size_t)got;
    return true;
}

/* The first len bytes of the input go to to, with a NUL behind. */
static void take(struct wire *wire, size_t len, char *to, size_t room)
{
    if (len >= room)
        abort();
    memcpy(to, wire->input, len);
    to[len] = '\0';
    wire->len -= len;
    memmove(wire->input, wire->input + len, wire->len);
}

const struct wire_answer *wire_read(struct wire *wire)
{
    static struct wire_answer answer;
    const char *end, *length;
    size_t body;

    answer = (struct wire_answer){0};
    while (!(end = memmem(wire->input, wire->len, "\r\n\r\n", 4)))
        if (!more(wire))
            return &answer;
    take(wire, (size_t)(end - wire->input) + 4, answer.head, sizeof answer.head);
    length = strcasestr(answer.head, "\r\ncontent-length:");
    body = length ? strtoul(length + 17, NULL, 10) : 0;
    while (wire->len < body)
        if (!more(wire))
            return &answer;
    take(wire, body, answer.body, sizeof answer.body);
    answer.status = (int)strtol(answer.head + 9, NULL, 10);
    return &answer;
}

bool wire_ends(struct wire *wire)
{
    char byte;

    return wire->len == 0 && recv(wire->fd, &byte, 1, 0) == 0;
}

bool wire_is_silent(struct wire *wire, int ms)
{
    struct pollfd ready = {.fd = wire->fd, .events = POLLIN};

    return wire->len == 0 && poll(&ready, 1, ms) == 0;
}
