/* The link is RESTING, LOOKING_UP (a name), GREETING (connecting, and until the greeting is answered) or READY.
   Whatever goes wrong goes through broken(): the connection is dropped, what waits fails, and after a rest look_up()
   runs again. */
#include "redis/redis_link.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"

enum { CONNECT_MS = 1000, GRACE_MS = 4, REST_MIN_MS = 100, REST_MAX_MS = 5000, READ_BYTES = 64 * 1024 };

enum state { RESTING, LOOKING_UP, GREETING, READY };

struct redis_question {
    struct list link;
    redis_done_fn done; /* NULL: nobody waits for it */
    void *owner;
    int64_t deadline_ms; /* monotonic */
};

/* One connection. On the heap and left behind when it is dropped, for libuv closes it later. */
struct wire {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    uv_connect_t connecting;
    struct redis_link *link; /* NULL: dropped */
};

struct lookup {
    uv_getaddrinfo_t request;
    struct redis_link *link; /* NULL: nobody waits for it */
};

struct redis_link {
    uv_loop_t *loop;
    struct redis_url url;
    enum state state;
    struct wire *wire;
    struct lookup *lookup;
    redisReader *reader;
    redisReplyObjectFunctions makers; /* of answers */
    int greeted;                      /* steps of the greeting that were said */
    struct buf unsent;
    struct list waiting; /* questions, in the order of their answers */
    int count;
    uint64_t rest_ms; /* the next one */
    int64_t late_ms;  /* the deadline had passed then: GRACE_MS are left for what lies in the socket. 0: it has not */
    bool complained;  /* one log line per outage */
    uv_timer_t timer; /* of the rest, of connecting, of the first question */
    uv_prepare_t sender; /* sends what was said during this turn of the loop */
    int handles_open;
    char in[READ_BYTES];
};

static void on_time(uv_timer_t *timer);
static void look_up(struct redis_link *link);
static void connect_to(struct redis_link *link, const struct sockaddr *address);
static void greet(struct redis_link *link);
static void broken(struct redis_link *link, const char *why);

/* Answers */

static void *refuse_array(const redisReadTask *task, int elements)
{
    (void)task;
    (void)elements;
    return NULL; /* no question of ours is answered by one: the reader gives up */
}

static void open_reader(struct redis_link *link)
{
    if (!(link->reader = redisReaderCreate()))
        abort();
    link->makers = *link->reader->fn;
    link->makers.createArray = refuse_array;
    link->reader->fn = &link->makers;
}

static struct redis_answer answer_of(const redisReply *reply)
{
    struct redis_answer answer = {.kind = REDIS_ANSWER_NIL};

    switch (reply->type) {
    case REDIS_REPLY_ERROR: answer.kind = REDIS_ANSWER_REFUSED; break;
    case REDIS_REPLY_INTEGER: answer.kind = REDIS_ANSWER_NUMBER; break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: answer.kind = REDIS_ANSWER_TEXT; break;
    default: return answer;
    }
    if (answer.kind == REDIS_ANSWER_NUMBER)
        answer.number = reply->integer;
    else
        answer.text = (struct text){reply->str, (size_t)reply->len};
    return answer;
}

static struct redis_question *first(const struct redis_link *link)
{
    return list_empty(&link->waiting) ? NULL : LIST_ENTRY(link->waiting.next, struct redis_question, link);
}

static void finish(struct redis_link *link, struct redis_question *question, const struct redis_answer *answer)
{
    redis_done_fn done = question->done;
    void *owner = question->owner;

    list_remove(&question->link);
    link->count--;
    free(question);
    if (done)
        done(owner, answer);
}

static void arm(struct redis_link *link, int64_t ms)
{
    link->late_ms = 0;
    uv_timer_start(&link->timer, on_time, ms > 0 ? (uint64_t)ms : 0, 0);
}

/* Whatever was late when the grace began shares it, however many pieces come meanwhile. */
static void await_first(struct redis_link *link)
{
    const struct redis_question *question = first(link);

    if (!question) {
        link->late_ms = 0;
        uv_timer_stop(&link->timer);
    } else if (!link->late_ms || question->deadline_ms > link->late_ms) {
        arm(link, question->deadline_ms - clock_monotonic_ms());
    }
}

static void on_time(uv_timer_t *timer)
{
    struct redis_link *link = timer->data;
    int64_t now;

    if (link->state == RESTING) {
        look_up(link);
        return;
    }
    if (link->late_ms) {
        broken(link, link->state == READY ? "no answer in time" : "connecting took too long");
        return;
    }
    now = clock_monotonic_ms();
    if (link->state == READY && first(link)->deadline_ms > now) { /* the loop's time was old when it was set */
        await_first(link);
        return;
    }
    link->late_ms = now;
    uv_timer_start(timer, on_time, GRACE_MS, 0);
}

static void got_answer(struct redis_link *link, const redisReply *reply)
{
    struct redis_answer answer = answer_of(reply);
    struct redis_question *question = first(link);

    if (link->state == GREETING) {
        if (reply->type != REDIS_REPLY_STATUS)
            broken(link, reply->type == REDIS_REPLY_ERROR ? reply->str : "an odd answer to the greeting");
        else
            greet(link);
        return;
    }
    if (!question) {
        broken(link, "an answer that nobody asked for");
        return;
    }
    link->rest_ms = REST_MIN_MS;
    finish(link, question, &answer);
}

/* Until the connection is gone, which each answer may bring about, or there is no whole answer left. */
static void read_answers(struct redis_link *link)
{
    const struct wire *wire = link->wire;
    void *reply = NULL;

    while (link->wire == wire) {
        if (redisReaderGetReply(link->reader, &reply) != REDIS_OK) {
            broken(link, link->reader->err == REDIS_ERR_OOM ? "a list, which is no answer" : link->reader->errstr);
            return;
        }
        if (!reply)
            break;
        got_answer(link, reply);
        freeReplyObject(reply);
    }
    if (link->wire != wire)
        return;
    if (link->reader->len - link->reader->pos > REDIS_MAX_ANSWER)
        broken(link, "an answer that is too long");
    else if (link->state == READY)
        await_first(link);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *bytes)
{
    struct wire *wire = (struct wire *)stream;
    struct redis_link *link = wire->link;

    if (!link)
        return;
    if (len < 0) {
        broken(link, uv_strerror((int)len));
        return;
    }
    if (redisReaderFeed(link->reader, bytes->base, (size_t)len) != REDIS_OK)
        broken(link, link->reader->errstr);
    else
        read_answers(link);
}

/* Sending */

struct letter {
    uv_write_t request;
    struct buf bytes;
};

static void on_written(uv_write_t *request, int status)
{
    struct letter *letter = (struct letter *)request;
    struct wire *wire = (struct wire *)request->handle;

    if (status < 0 && wire->link)
        broken(wire->link, uv_strerror(status));
    buf_done(&letter->bytes);
    free(letter);
}

static void on_turn(uv_prepare_t *sender)
{
    struct redis_link *link = sender->data;
    struct letter *letter;
    uv_buf_t bytes;

    uv_prepare_stop(sender);
    if (!link->wire || !link->unsent.len)
        return;
    if (!(letter = malloc(sizeof *letter)))
        abort();
    letter->bytes = link->unsent;
    link->unsent = buf_make(REDIS_MAX_UNSENT);
    bytes = uv_buf_init(letter->bytes.bytes, (unsigned)letter->bytes.len);
    if (uv_write(&letter->request, &link->wire->stream, &bytes, 1, on_written) != 0) {
        buf_done(&letter->bytes);
        free(letter);
        broken(link, "nothing can be sent");
    }
}

/* False: more than may wait to be sent. */
static bool say(struct redis_link *link, int count, const struct text *words)
{
    const char *argv[REDIS_MAX_WORDS];
    size_t lens[REDIS_MAX_WORDS];
    char *command;
    long long len;
    bool ok;

    assert(count > 0 && count <= REDIS_MAX_WORDS);
    for (int i = 0; i < count; i++) {
        argv[i] = words[i].at;
        lens[i] = words[i].len;
    }
    if ((len = redisFormatCommandArgv(&command, count, argv, lens)) < 0)
        abort();
    ok = link->wire->stream.write_queue_size + (size_t)len <= REDIS_MAX_UNSENT &&
         buf_add(&link->unsent, command, (size_t)len);
    redisFreeCommand(command);
    uv_prepare_start(&link->sender, on_turn);
    return ok;
}

struct redis_question *redis_link_ask(struct redis_link *link, int count, const struct text *words, redis_done_fn done,
                                      void *owner)
{
    struct redis_question *question;

    if (!link || link->state != READY || link->count >= REDIS_MAX_WAITING || !say(link, count, words))
        return NULL;
    if (!(question = malloc(sizeof *question)))
        abort();
    *question =
        (struct redis_question){.done = done, .owner = owner, .deadline_ms = clock_monotonic_ms() + REDIS_PATIENCE_MS};
    list_add_last(&link->waiting, &question->link);
    if (link->count++ == 0)
        await_first(link);
    return question;
}

void redis_question_cancel(struct redis_question *question) { question->done = NULL; }

/* Connecting */

static void on_wire_closed(uv_handle_t *handle) { free(handle); }

static void drop_wire(struct redis_link *link)
{
    if (link->wire) {
        link->wire->link = NULL;
        uv_close(&link->wire->handle, on_wire_closed);
        link->wire = NULL;
    }
    if (link->lookup) {
        link->lookup->link = NULL;
        (void)uv_cancel((uv_req_t *)&link->lookup->request);
        link->lookup = NULL;
    }
    buf_clear(&link->unsent);
}

static void fail_all(struct redis_link *link)
{
    const struct redis_answer none = {.kind = REDIS_ANSWER_NONE};

    while (!list_empty(&link->waiting))
        finish(link, first(link), &none);
}

/* The reader may be at work right now: it is only replaced when the next connection begins. */
static void broken(struct redis_link *link, const char *why)
{
    if (!link->complained)
        log_write(LOG_WARN, "redis_away", "reason=%s", LOG_QUOTE(why));
    link->complained = true;
    link->state = RESTING;
    drop_wire(link);
    arm(link, (int64_t)link->rest_ms);
    link->rest_ms = link->rest_ms * 2 < REST_MAX_MS ? link->rest_ms * 2 : REST_MAX_MS;
    fail_all(link); /* last: who is told so may ask again, and is refused */
}

/* The next step of the greeting; behind the last one the link is ready. */
static void greet(struct redis_link *link)
{
    const char *argv[REDIS_GREETING_WORDS];
    struct text words[REDIS_GREETING_WORDS];
    int count = redis_url_greeting(&link->url, link->greeted++, argv);

    for (int i = 0; i < count; i++)
        words[i] = text_of(argv[i]);
    if (count) {
        (void)say(link, count, words);
        return;
    }
    link->state = READY;
    if (link->complained)
        log_write(LOG_INFO, "redis_back", "%s", "");
    link->complained = false;
    await_first(link);
}

static void on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    struct redis_link *link = ((struct wire *)handle)->link;

    (void)wanted;
    *ret = uv_buf_init(link ? link->in : NULL, link ? sizeof link->in : 0);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct wire *wire = request->data;
    struct redis_link *link = wire->link;

    if (!link)
        return;
    if (status < 0 || (status = uv_read_start(&wire->stream, on_room, on_read)) < 0) {
        broken(link, uv_strerror(status));
        return;
    }
    greet(link);
}

static struct wire *open_wire(struct redis_link *link)
{
    struct wire *wire = calloc(1, sizeof *wire);

    if (!wire)
        abort();
    wire->link = link;
    wire->connecting.data = wire;
    if (link->url.is_unix)
        (void)uv_pipe_init(link->loop, &wire->pipe, 0);
    else
        (void)uv_tcp_init(link->loop, &wire->tcp);
    return wire;
}

/* address: NULL for a socket in the file system. */
static void connect_to(struct redis_link *link, const struct sockaddr *address)
{
    struct wire *wire = link->wire = open_wire(link);
    int status = 0;

    link->state = GREETING;
    link->greeted = 0;
    redisReaderFree(link->reader);
    open_reader(link);
    if (address) {
        (void)uv_tcp_nodelay(&wire->tcp, 1);
        status = uv_tcp_connect(&wire->connecting, &wire->tcp, address, on_connected);
    } else {
        uv_pipe_connect(&wire->connecting, &wire->pipe, link->url.place, on_connected);
    }
    if (status < 0)
        broken(link, uv_strerror(status));
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct lookup *lookup = (struct lookup *)request;
    struct redis_link *link = lookup->link;

    if (link) {
        link->lookup = NULL;
        if (status < 0)
            broken(link, uv_strerror(status));
        else
            connect_to(link, found->ai_addr);
    }
    uv_freeaddrinfo(found);
    free(lookup);
}

static void look_up_name(struct redis_link *link)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char port[12];
    int status;

    (void)snprintf(port, sizeof port, "%d", link->url.port);
    if (!(link->lookup = calloc(1, sizeof *link->lookup)))
        abort();
    link->lookup->link = link;
    status = uv_getaddrinfo(link->loop, &link->lookup->request, on_looked_up, link->url.place, port, &hints);
    if (status < 0) {
        free(link->lookup);
        link->lookup = NULL;
        broken(link, uv_strerror(status));
    }
}

static void look_up(struct redis_link *link)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    link->state = LOOKING_UP;
    arm(link, CONNECT_MS);
    if (link->url.is_unix)
        connect_to(link, NULL);
    else if (uv_ip4_addr(link->url.place, link->url.port, &v4) == 0)
        connect_to(link, (const struct sockaddr *)&v4);
    else if (uv_ip6_addr(link->url.place, link->url.port, &v6) == 0)
        connect_to(link, (const struct sockaddr *)&v6);
    else
        look_up_name(link);
}

struct redis_link *redis_link_open(uv_loop_t *loop, const struct redis_url *url)
{
    struct redis_link *link = calloc(1, sizeof *link);

    if (!link)
        abort();
    link->loop = loop;
    link->url = *url;
    link->unsent = buf_make(REDIS_MAX_UNSENT);
    link->rest_ms = REST_MIN_MS;
    link->handles_open = 2;
    list_init(&link->waiting);
    uv_timer_init(loop, &link->timer);
    uv_prepare_init(loop, &link->sender);
    link->timer.data = link->sender.data = link;
    open_reader(link);
    look_up(link);
    return link;
}

static void on_closed(uv_handle_t *handle)
{
    struct redis_link *link = handle->data;

    if (--link->handles_open > 0)
        return;
    redisReaderFree(link->reader);
    buf_done(&link->unsent);
    free(link);
}

void redis_link_close(struct redis_link *link)
{
    if (!link)
        return;
    link->state = RESTING;
    drop_wire(link);
    fail_all(link);
    uv_close((uv_handle_t *)&link->timer, on_closed);
    uv_close((uv_handle_t *)&link->sender, on_closed);
}

bool redis_link_ready(const struct redis_link *link) { return link && link->state == READY; }
