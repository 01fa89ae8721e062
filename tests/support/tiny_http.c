#include "tiny_http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWERS_MAX = 16,
    COPIES_MAX = 256,
    CONNECTIONS_MAX = 64,
    REQUEST_MAX = 11 * 1024 * 1024,
    LAST_MAX = 64 * 1024,
    DRIP_MS = 50,
    WAIT_MS = 20
};

struct connection {
    struct tiny_http *tiny;
    int fd;
    pthread_t thread;
};

struct tiny_http {
    int listener;
    char url[40];
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    bool stop;
    struct tiny_answer answers[ANSWERS_MAX];
    int answer_count, requests, connections;
    char *copies[COPIES_MAX]; /* of all answers ever given: a connection may still be sending an earlier one */
    int copy_count;
    char last[LAST_MAX];
    struct connection all[CONNECTIONS_MAX]; /* the accepting thread's own */
};

static bool stopping(struct tiny_http *tiny)
{
    bool stop;

    pthread_mutex_lock(&tiny->lock);
    stop = tiny->stop;
    pthread_mutex_unlock(&tiny->lock);
    return stop;
}

/* True when fd has something to read (or its end); false when the server is to stop. */
static bool wait_readable(struct tiny_http *tiny, int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    while (!stopping(tiny))
        if (poll(&wait, 1, WAIT_MS) > 0)
            return true;
    return false;
}

static size_t body_length(const char *head)
{
    for (const char *line = strchr(head, '\n'); line; line = strchr(line + 1, '\n'))
        if (strncasecmp(line + 1, "content-length:", 15) == 0)
            return strtoul(line + 16, NULL, 10);
    return 0;
}

/* One whole request into to; false: the other side closed. */
static bool read_request(struct tiny_http *tiny, int fd, char *to)
{
    size_t len = 0;

    for (;;) {
        const char *end;
        ssize_t got;
        to[len] = '\0';
        end = strstr(to, "\r\n\r\n");
        if (end && len >= (size_t)(end - to) + 4 + body_length(to))
            return true;
        if (len + 1 >= REQUEST_MAX || !wait_readable(tiny, fd))
            return false;
        got = recv(fd, to + len, REQUEST_MAX - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
    }
}

static struct tiny_answer note_request(struct tiny_http *tiny, const char *request)
{
    struct tiny_answer answer;
    int index;

    pthread_mutex_lock(&tiny->lock);
    index = tiny->answer_count > 1 ? 0 : tiny->answer_count - 1;
    answer = index < 0 ? (struct tiny_answer){"", TINY_CLOSE} : tiny->answers[index];
    if (tiny->answer_count > 1)
        memmove(tiny->answers, tiny->answers + 1, (size_t)--tiny->answer_count * sizeof *tiny->answers);
    tiny->requests++;
    (void)snprintf(tiny->last, sizeof tiny->last, "%s", request);
    pthread_mutex_unlock(&tiny->lock);
    return answer;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void drip(struct tiny_http *tiny, int fd, const char *bytes)
{
    for (; *bytes && !stopping(tiny); bytes++) {
        if (!send_all(fd, bytes, 1))
            return;
        (void)poll(NULL, 0, DRIP_MS);
    }
}

static void wait_for_close(struct tiny_http *tiny, int fd)
{
    char byte;

    while (wait_readable(tiny, fd) && recv(fd, &byte, 1, 0) > 0)
        continue;
}

static void serve(struct tiny_http *tiny, int fd, char *request)
{
    while (read_request(tiny, fd, request)) {
        struct tiny_answer answer = note_request(tiny, request);
        if (answer.then == TINY_HANG)
            wait_for_close(tiny, fd);
        else if (answer.then == TINY_DRIP)
            drip(tiny, fd, answer.bytes);
        else if (!send_all(fd, answer.bytes, answer.len))
            return;
        if (answer.then != TINY_KEEP)
            return;
    }
}

static void *run_connection(void *owner)
{
    struct connection *connection = owner;
    char *request = malloc(REQUEST_MAX);

    if (request)
        serve(connection->tiny, connection->fd, request);
    free(request);
    close(connection->fd);
    return NULL;
}

static void *run(void *owner)
{
    struct tiny_http *tiny = owner;
    int count = 0;

    while (count < CONNECTIONS_MAX && wait_readable(tiny, tiny->listener)) {
        struct connection *connection = &tiny->all[count];
        *connection = (struct connection){.tiny = tiny, .fd = accept(tiny->listener, NULL, NULL)};
        if (connection->fd < 0)
            continue;
        pthread_mutex_lock(&tiny->lock);
        tiny->connections = ++count;
        pthread_mutex_unlock(&tiny->lock);
        if (pthread_create(&connection->thread, NULL, run_connection, connection) != 0)
            abort();
    }
    for (int i = 0; i < count; i++)
        pthread_join(tiny->all[i].thread, NULL);
    return NULL;
}

struct tiny_http *tiny_open(void)
{
    struct tiny_http *tiny = calloc(1, sizeof *tiny);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    if (!tiny || (tiny->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
        bind(tiny->listener, (struct sockaddr *)&address, len) != 0 || listen(tiny->listener, 16) != 0 ||
        getsockname(tiny->listener, (struct sockaddr *)&address, &len) != 0)
        abort();
    (void)snprintf(tiny->url, sizeof tiny->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_mutex_init(&tiny->lock, NULL);
    if (pthread_create(&tiny->thread, NULL, run, tiny) != 0)
        abort();
    return tiny;
}

void tiny_close(struct tiny_http *tiny)
{
    pthread_mutex_lock(&tiny->lock);
    tiny->stop = true;
    pthread_mutex_unlock(&tiny->lock);
    pthread_join(tiny->thread, NULL);
    close(tiny->listener);
    for (int i = 0; i < tiny->copy_count; i++)
        free(tiny->copies[i]);
    pthread_mutex_destroy(&tiny->lock);
    free(tiny);
}

const char *tiny_url(const struct tiny_http *tiny) { return tiny->url; }

void tiny_will_answer(struct tiny_http *tiny, const struct tiny_answer *answers, int count)
{
    pthread_mutex_lock(&tiny->lock);
    if (count > ANSWERS_MAX || tiny->copy_count + count > COPIES_MAX)
        abort();
    for (int i = 0; i < count; i++) {
        size_t len = answers[i].len ? answers[i].len : strlen(answers[i].bytes);
        char *copy = malloc(len + 1);
        if (!copy)
            abort();
        memcpy(copy, answers[i].bytes, len);
        copy[len] = '\0';
        tiny->copies[tiny->copy_count++] = copy;
        tiny->answers[i] = (struct tiny_answer){copy, answers[i].then, len};
    }
    tiny->answer_count = count;
    pthread_mutex_unlock(&tiny->lock);
}

static int read_count(struct tiny_http *tiny, const int *count)
{
    int value;

    pthread_mutex_lock(&tiny->lock);
    value = *count;
    pthread_mutex_unlock(&tiny->lock);
    return value;
}

int tiny_requests(struct tiny_http *tiny) { return read_count(tiny, &tiny->requests); }
int tiny_connections(struct tiny_http *tiny) { return read_count(tiny, &tiny->connections); }

void tiny_last_request(struct tiny_http *tiny, char *to, size_t room)
{
    pthread_mutex_lock(&tiny->lock);
    (void)snprintf(to, room, "%s", tiny->last);
    pthread_mutex_unlock(&tiny->lock);
}
