#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

enum { BACKLOG = 1024 };

static bool resolve(const char *listen, struct addrinfo **ret, struct err *reterr)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(listen, ':');
    struct text name = {listen, colon ? (size_t)(colon - listen) : 0};
    char host[256];
    int rc;

    if (name.len > 1 && listen[0] == '[' && listen[name.len - 1] == ']')
        name = (struct text){listen + 1, name.len - 2};
    if (!colon || !text_copy(host, sizeof host, name))
        return err_set(reterr, ERR_INVALID, "listen", "LISTEN must be host:port, not \"%s\"", listen);
    rc = getaddrinfo(*host ? host : NULL, colon + 1, &hints, ret);
    return rc == 0 || err_set(reterr, ERR_INVALID, "listen", "LISTEN=%s: %s", listen, gai_strerror(rc));
}

/* -1 with errno. */
static int bind_socket(const struct addrinfo *address, bool shared)
{
    const int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

static in_port_t *port_in(struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? &((struct sockaddr_in6 *)(void *)address)->sin6_port
                                          : &((struct sockaddr_in *)(void *)address)->sin_port;
}

/* Alone first, without sharing: only that tells that the port is free. Fixes a port of 0 in address. */
static bool take_port(struct addrinfo *address, int *ret_port)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    int fd = bind_socket(address, false);

    if (fd < 0)
        return false;
    (void)getsockname(fd, (struct sockaddr *)&bound, &len);
    close(fd);
    *port_in(address->ai_addr) = *port_in((struct sockaddr *)&bound);
    *ret_port = ntohs(*port_in(address->ai_addr));
    return true;
}

bool listener_open(const char *listen, int count, int *fds, int *ret_port, struct err *reterr)
{
    struct addrinfo *address;
    int opened = 0, why = 0;

    if (!resolve(listen, &address, reterr))
        return false;
    if (take_port(address, ret_port))
        while (opened < count && (fds[opened] = bind_socket(address, true)) >= 0)
            opened++;
    why = errno;
    freeaddrinfo(address);
    if (opened == count)
        return true;
    while (opened)
        close(fds[--opened]);
    if (why == EADDRINUSE)
        return err_set(reterr, ERR_BUSY, "listen", "%s is in use: stop what listens there, or set LISTEN", listen);
    return err_set(reterr, ERR_INTERNAL, "listen", "cannot listen on %s: %s", listen, strerror(why));
}
