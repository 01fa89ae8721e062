#include "storage/s3_client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "storage/s3_endpoint.h"
#include "storage/s3_request.h"
#include "storage/s3_xml.h"

enum {
    IDLE_MAX = 8, /* kept connections */
    TRIES_MAX = 4,
    WAIT_FIRST_MS = 100,
    WAIT_MAX_MS = 2000,
    RETRY_AFTER_MAX_MS = 10 * 1000, /* of what a server asks for */
    CONNECT_MS = 5000,
    CALL_MS = 60 * 1000,    /* with all tries, and */
    CALL_MS_PER_MIB = 1000, /* for what is sent or may come, up to */
    CALL_MS_MAX = 15 * 60 * 1000,
    ANSWER_MAX = 64 * 1024,
    SKEW_MIN_S = 60, /* less than what any server takes offence at */
    SLICE_MS = 50
};

/* What a thread needs while it talks. */
struct line {
    struct fetch *fetch;
    struct sigv4 *sigv4;
};

struct s3_client {
    struct s3_endpoint endpoint;
    char *url, *region, *access_key, *secret_key;
    const atomic_bool *stop;
    atomic_llong skew_s; /* the server's clock minus ours */
    pthread_mutex_t lock;
    struct line idle[IDLE_MAX]; /* guarded by lock */
    int idle_count;
};

static char *copy(const char *text)
{
    char *made = strdup(text);

    if (!made)
        abort();
    return made;
}

static struct line open_line(const struct s3_client *client, struct err *reterr)
{
    struct line line = {.fetch =
                            fetch_open(&(struct fetch_config){.storage = client->url, .stop = client->stop}, reterr)};

    if (line.fetch)
        line.sigv4 = sigv4_open(client->access_key, client->secret_key, client->region);
    return line;
}

static void close_line(struct line line)
{
    fetch_close(line.fetch);
    sigv4_close(line.sigv4);
}

static bool take_line(struct s3_client *client, struct line *ret, struct err *reterr)
{
    pthread_mutex_lock(&client->lock);
    *ret = client->idle_count ? client->idle[--client->idle_count] : (struct line){NULL, NULL};
    pthread_mutex_unlock(&client->lock);
    if (!ret->fetch)
        *ret = open_line(client, reterr);
    return ret->fetch != NULL;
}

static void put_line(struct s3_client *client, struct line line)
{
    bool kept;

    pthread_mutex_lock(&client->lock);
    kept = client->idle_count < IDLE_MAX;
    if (kept)
        client->idle[client->idle_count++] = line;
    pthread_mutex_unlock(&client->lock);
    if (!kept)
        close_line(line);
}

struct s3_client *s3_client_open(const struct s3_config *config, struct err *reterr)
{
    struct s3_client *client = calloc(1, sizeof *client);
    struct line first;

    if (!client)
        abort();
    pthread_mutex_init(&client->lock, NULL);
    client->stop = config->stop;
    client->url = copy(config->endpoint);
    client->region = copy(config->region);
    client->access_key = copy(config->access_key);
    client->secret_key = copy(config->secret_key);
    if (s3_endpoint_read(config->endpoint, config->path_style, &client->endpoint, reterr) &&
        take_line(client, &first, reterr)) {
        put_line(client, first);
        return client;
    }
    s3_client_close(client);
    return NULL;
}

void s3_client_close(struct s3_client *client)
{
    if (!client)
        return;
    while (client->idle_count)
        close_line(client->idle[--client->idle_count]);
    pthread_mutex_destroy(&client->lock);
    free(client->url);
    free(client->region);
    free(client->access_key);
    explicit_bzero(client->secret_key, strlen(client->secret_key));
    free(client->secret_key);
    free(client);
}

const char *s3_client_region(const struct s3_client *client) { return client->region; }

void s3_answer_done(struct s3_answer *answer) { fetch_response_done(&answer->response); }

bool s3_answer_ok(const struct s3_answer *answer)
{
    return answer->response.status >= 200 && answer->response.status < 300 && !answer->code[0];
}

static bool stopped(const struct s3_client *client) { return client->stop && atomic_load(client->stop); }

/* False: told to stop. */
static bool rest(const struct s3_client *client, int64_t ms)
{
    const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000L};

    for (int64_t end = clock_monotonic_ms() + ms; clock_monotonic_ms() < end;) {
        if (stopped(client))
            return false;
        (void)nanosleep(&slice, NULL);
    }
    return !stopped(client);
}

/* Between half of it and all of it, so that many who failed together do not come back together. */
static int64_t wait_ms(int tries, int retry_after_s)
{
    int64_t most = WAIT_FIRST_MS;
    unsigned char dice;

    for (int i = 1; i < tries && most < WAIT_MAX_MS; i++)
        most *= 2;
    most = most < WAIT_MAX_MS ? most : WAIT_MAX_MS;
    crypto_random(&dice, 1);
    most = most / 2 + most / 2 * dice / 255;
    if (retry_after_s * INT64_C(1000) > most)
        most = retry_after_s * INT64_C(1000) < RETRY_AFTER_MAX_MS ? retry_after_s * INT64_C(1000) : RETRY_AFTER_MAX_MS;
    return most;
}

/* True: the request may work when it is signed by the server's clock. */
static bool learn_clock(struct s3_client *client, int64_t used_skew_s, const struct s3_answer *answer)
{
    const struct fetch_response *response = &answer->response;
    long long skew_s = response->date_s - clock_wall_s();
    bool by_name = strcmp(answer->code, "RequestTimeTooSkewed") == 0;

    if (!response->date_s || response->status != 403 || (!by_name && answer->code[0]) || /* HEAD: no body, no code */
        llabs(skew_s - used_skew_s) < SKEW_MIN_S)
        return false;
    log_write(LOG_WARN, "s3_clock_skew", "seconds=%lld", skew_s);
    atomic_store(&client->skew_s, skew_s);
    return true;
}

static void read_code(struct s3_answer *answer, enum fetch_method method)
{
    const struct fetch_response *response = &answer->response;
    bool ok = response->status >= 200 && response->status < 300;

    if ((!ok || method == FETCH_POST) && response->body.len) /* a 200 may come before the work is done, and fail */
        (void)s3_xml_value((struct text){response->body.bytes, response->body.len}, "Error", "Code", answer->code,
                           sizeof answer->code);
}

static bool is_passing(const struct s3_answer *answer)
{
    static const char *const CODES[] = {"RequestTimeout",     "InternalError",    "SlowDown",
                                        "ServiceUnavailable", "OperationAborted", "BadDigest",
                                        "IncompleteBody",     "Throttling",       "XAmzContentSHA256Mismatch"};
    int status = answer->response.status;

    if (status == 429 || status == 500 || (status >= 502 && status <= 504))
        return true;
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (strcmp(answer->code, CODES[i]) == 0)
            return true;
    return false;
}

/* Would the same request, sent again, meet the same error? */
static bool is_final(const struct err *err)
{
    return strcmp(err->code, "fetch_not_allowed") == 0 || strcmp(err->code, "fetch_stopped") == 0 ||
           strcmp(err->code, "fetch_too_large") == 0 || strcmp(err->code, "fetch_body") == 0;
}

static bool give_up(const struct err *why, struct err *reterr)
{
    if (strcmp(why->code, "fetch_too_large") == 0)
        return err_set(reterr, ERR_TOO_LARGE, "storage_too_large", "%.180s", why->detail);
    return err_set(reterr, ERR_INTERNAL, "storage_failed", "%.180s", why->detail);
}

static int64_t time_for(const struct s3_call *call)
{
    uint64_t bytes = (uint64_t)call->body_bytes + call->body.len + call->max_bytes;
    uint64_t mib = bytes / (1024 * 1024);

    return mib > CALL_MS_MAX / CALL_MS_PER_MIB ? CALL_MS_MAX : CALL_MS + (int64_t)mib * CALL_MS_PER_MIB;
}

/* True: an answer came. */
static bool send_once(struct s3_client *client, struct line line, const struct s3_call *call, struct s3_request *made,
                      int64_t time_ms, struct s3_answer *ret, struct err *reterr)
{
    struct fetch_request request = {.trust = FETCH_STORAGE,
                                    .method = call->method,
                                    .body = call->body,
                                    .body_fd = call->body_fd,
                                    .body_from = call->body_from,
                                    .body_bytes = call->body_bytes,
                                    .connect_timeout_ms = CONNECT_MS,
                                    .timeout_ms = (int)time_ms,
                                    .max_bytes = call->max_bytes ? call->max_bytes : ANSWER_MAX};

    s3_answer_done(ret);
    *ret = (struct s3_answer){.tries = ret->tries + 1};
    made->skew_s = atomic_load(&client->skew_s);
    if (!s3_request_sign(made, call, &client->endpoint, line.sigv4, clock_wall_s() + made->skew_s, &request))
        return err_set(reterr, ERR_INTERNAL, "fetch_not_allowed", "a name too long to be asked for");
    if (fetch_do(line.fetch, &request, &ret->response, reterr) != FETCH_OK)
        return false;
    read_code(ret, call->method);
    return true;
}

static bool try_all(struct s3_client *client, struct line line, const struct s3_call *call, struct s3_request *made,
                    struct s3_answer *ret, struct err *reterr)
{
    int64_t end_ms = clock_monotonic_ms() + time_for(call), left_ms;
    bool answered, clock_learnt = false;
    struct err why;

    for (;;) {
        left_ms = end_ms - clock_monotonic_ms();
        answered = send_once(client, line, call, made, left_ms > 1 ? left_ms : 1, ret, &why);
        if (answered && !clock_learnt && learn_clock(client, made->skew_s, ret)) {
            clock_learnt = true;
            continue;
        }
        if (answered ? !is_passing(ret) : is_final(&why))
            break;
        left_ms = wait_ms(ret->tries, ret->response.retry_after_s);
        if (ret->tries >= TRIES_MAX || clock_monotonic_ms() + left_ms >= end_ms)
            break;
        log_write(LOG_INFO, "s3_retry", "method=%s status=%d code=%s tries=%d", s3_request_method(call->method),
                  ret->response.status, LOG_QUOTE(answered ? ret->code : why.code), ret->tries);
        if (!rest(client, left_ms))
            break;
    }
    return answered || give_up(&why, reterr);
}

bool s3_call(struct s3_client *client, const struct s3_call *call, struct s3_answer *ret, struct err *reterr)
{
    struct line line;
    struct s3_request made;
    bool ok;

    *ret = (struct s3_answer){0};
    if (!s3_request_hash(&made, call, reterr) || !take_line(client, &line, reterr))
        return false;
    ok = try_all(client, line, call, &made, ret, reterr);
    put_line(client, line);
    return ok;
}

bool s3_failed(const struct s3_answer *answer, const char *doing, const char *path, struct err *reterr)
{
    int status = answer->response.status;
    const char *code = answer->code;

    if (status == 404)
        return err_set(reterr, ERR_NOT_FOUND, "storage_missing", "%s: no such object (%.40s)", path, code);
    if (status == 507 || strcmp(code, "QuotaExceeded") == 0 || strcmp(code, "XMinioStorageFull") == 0)
        return err_set(reterr, ERR_BUSY, "storage_full", "no space for %s: %d %.40s", path, status, code);
    return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot %s %s: %d %.40s", doing, path, status, code);
}
