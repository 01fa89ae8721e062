#include "fetch/fetch.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault_point.h"
#include "fetch/address.h"
#include "fetch/policy.h"
#include "fetch/response.h"

enum {
    HEADER_BYTES_MAX = 64 * 1024,
    SLOW_BYTES_PER_S = 1024,
    SLOW_S = 20,
    IDLE_CONNECTION_S = 60,
    RETRY_AFTER_MAX_S = 24 * 3600
};

struct fetch {
    /* A pool of connections per class: a connection that was opened for a trusted origin without a look at its
       address is never taken up again for a URL of somebody else's. */
    CURL *curl[FETCH_CLASSES];
    struct policy policy;
    const atomic_bool *stop;
};

struct transfer {
    const struct fetch *fetch;
    struct fetch_response *response;
    size_t header_bytes;
    const struct fetch_request *request;
    bool public_only, refused_address, too_large, held_back, sent, cut;
};

static void global_open(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        abort();
}

struct fetch *fetch_open(const struct fetch_config *config, struct err *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct fetch *fetch = calloc(1, sizeof *fetch);

    (void)pthread_once(&once, global_open);
    if (!fetch)
        abort();
    fetch->stop = config->stop;
    for (int i = 0; i < FETCH_CLASSES; i++)
        if (!(fetch->curl[i] = curl_easy_init()))
            abort();
    if (policy_make(config, &fetch->policy, reterr))
        return fetch;
    fetch_close(fetch);
    return NULL;
}

void fetch_close(struct fetch *fetch)
{
    if (!fetch)
        return;
    for (int i = 0; i < FETCH_CLASSES; i++)
        curl_easy_cleanup(fetch->curl[i]);
    free(fetch);
}

bool fetch_is_ours(const struct fetch *fetch, const char *url)
{
    struct origin origin;

    return origin_read(url, &origin) && policy_is_ours(&fetch->policy, &origin);
}

static curl_socket_t on_open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = owner;

    (void)purpose;
    if (transfer->public_only && !address_is_public(&address->addr)) {
        transfer->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;

    transfer->header_bytes += size * count;
    if (transfer->header_bytes > HEADER_BYTES_MAX) {
        transfer->too_large = true;
        return 0;
    }
    response_header(transfer->response, (struct text){bytes, size * count});
    return size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;

    if (buf_add(&transfer->response->body, bytes, size * count))
        return size * count;
    transfer->too_large = true;
    return 0;
}

static int on_connected(void *owner, char *ip, char *local_ip, int port, int local_port)
{
    struct transfer *transfer = owner;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
    transfer->held_back = !transfer->request->may_send(transfer->request->owner);
    return transfer->held_back ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* True: the request is to fail there. */
static bool is_cut(const struct fetch_request *request, const char *when)
{
    static const char *const METHODS[] = {[FETCH_GET] = "GET", [FETCH_POST] = "POST", [FETCH_PUT] = "PUT"};

    (void)request, (void)when, (void)METHODS; /* in other builds */
    return FAULT_POINT("http", METHODS[request->method], when);
}

/* libcurl tells of progress each time it has sent or received something: at the latest before it reads an answer to
   what it sent in the same turn. */
static bool is_cut_when_sent(struct transfer *transfer, curl_off_t body_sent)
{
    long request_bytes = 0;

    if (!FAULT_POINTS || transfer->sent || body_sent < (curl_off_t)transfer->request->body.len)
        return false;
    (void)curl_easy_getinfo(transfer->fetch->curl[transfer->request->trust], CURLINFO_REQUEST_SIZE, &request_bytes);
    transfer->sent = request_bytes > 0;
    return transfer->sent && is_cut(transfer->request, "sent");
}

static int on_progress(void *owner, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t body_sent)
{
    struct transfer *transfer = owner;

    (void)a, (void)b, (void)c;
    transfer->cut = transfer->cut || is_cut_when_sent(transfer, body_sent);
    return transfer->cut || (transfer->fetch->stop && atomic_load(transfer->fetch->stop));
}

static void set_limits(CURL *curl, const struct fetch_request *request)
{
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* threads */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    if (request->trust == FETCH_MEDIA) { /* an API may think for long before its first byte, a file server may not */
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    }
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, (long)request->fresh);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, (long)request->fresh);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
}

static void set_transport(CURL *curl, const struct fetch *fetch)
{
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, fetch->policy.loopback ? "https,http" : "https");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also not from the environment */
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "aisha/" AISHA_VERSION);
}

static void set_request(CURL *curl, const struct fetch_request *request)
{
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (request->method == FETCH_GET)
        return;
    assert(request->body.len <= 64 * 1024 * 1024 && "bodies are made here and are small");
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.len ? request->body.at : ""); /* not copied */
    if (request->method == FETCH_PUT)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
}

static void set_callbacks(CURL *curl, struct transfer *transfer)
{
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    if (transfer->request->may_send) {
        curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_connected);
        curl_easy_setopt(curl, CURLOPT_PREREQDATA, transfer);
    }
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
    list = curl_slist_append(list, line);
    if (!list)
        abort();
    return list;
}

/* NULL: a line would break the request in two. */
static struct curl_slist *header_list(const struct fetch_request *request)
{
    struct curl_slist *list = append(NULL, "Expect:"); /* curl would wait a second for a 100 */

    for (int i = 0; i < FETCH_HEADERS_MAX && request->headers[i]; i++) {
        if (strpbrk(request->headers[i], "\r\n")) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = append(list, request->headers[i]);
    }
    return list;
}

/* Nothing of the request was written, and the connection never came so far that it could have been. */
static bool surely_not_sent(CURL *curl, CURLcode code)
{
    long request_bytes = 0;
    curl_off_t ready_us = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    (void)curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    if (request_bytes != 0)
        return false;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return true;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK: return ready_us == 0;
    default: return false;
    }
}

static void describe(const struct transfer *transfer, CURLcode code, const char *host, struct err *reterr)
{
    const char *why = curl_easy_strerror(code);

    if (FAULT_POINTS && transfer->cut)
        (void)err_set(reterr, ERR_UPSTREAM, "fetch_failed", "%.80s: a fault cut it off", host);
    else if (transfer->refused_address && code == CURLE_COULDNT_CONNECT)
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "%.80s: not a public address", host);
    else if (transfer->too_large)
        (void)err_set(reterr, ERR_TOO_LARGE, "fetch_too_large", "%.80s: the answer is too large", host);
    else if (transfer->held_back)
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "%.80s: held back", host);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        (void)err_set(reterr, ERR_BUSY, "fetch_stopped", "%.80s: stopped", host);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        (void)err_set(reterr, ERR_TIMEOUT, "fetch_timeout", "%.80s: %s", host, why);
    else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT)
        (void)err_set(reterr, ERR_UPSTREAM, "fetch_unreachable", "%.80s: %s", host, why);
    else
        (void)err_set(reterr, ERR_UPSTREAM, "fetch_failed", "%.80s: %s", host, why);
}

static void read_status(CURL *curl, struct fetch_response *response)
{
    long status = 0;
    curl_off_t retry_after_s = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    response->status = (int)status;
    response->retry_after_s = (int)(retry_after_s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : retry_after_s);
}

/* The answer was read, and is taken away again. */
static CURLcode cut_after(struct transfer *transfer)
{
    struct buf body = transfer->response->body;

    buf_clear(&body);
    *transfer->response = (struct fetch_response){.body = body};
    transfer->cut = true;
    return CURLE_RECV_ERROR;
}

static enum fetch_outcome perform(struct transfer *transfer, const struct fetch_request *request,
                                  const struct origin *origin, struct err *reterr)
{
    CURL *curl = transfer->fetch->curl[request->trust];
    struct curl_slist *headers = header_list(request);
    CURLcode code;
    bool unsent;

    if (!headers) {
        (void)err_set(reterr, ERR_INTERNAL, "fetch_not_allowed", "a line break in a header");
        return FETCH_NOT_SENT;
    }
    curl_easy_reset(curl); /* keeps the connections */
    set_limits(curl, request);
    set_transport(curl, transfer->fetch);
    set_request(curl, request);
    set_callbacks(curl, transfer);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    code = curl_easy_perform(curl);
    read_status(curl, transfer->response);
    if (code == CURLE_OK && is_cut(request, "after"))
        code = cut_after(transfer);
    unsent = transfer->held_back || surely_not_sent(curl, code);
    curl_easy_reset(curl); /* forget the pointers into this frame */
    curl_slist_free_all(headers);
    if (code == CURLE_OK)
        return FETCH_OK;
    describe(transfer, code, origin->host, reterr);
    return unsent ? FETCH_NOT_SENT : FETCH_MAYBE_SENT;
}

enum fetch_outcome fetch_do(struct fetch *fetch, const struct fetch_request *request, struct fetch_response *ret,
                            struct err *reterr)
{
    struct transfer transfer = {.fetch = fetch, .response = ret, .request = request};
    struct origin origin;

    assert(request->connect_timeout_ms > 0 && request->timeout_ms > 0 && "every call has a limit");
    *ret = (struct fetch_response){.body = buf_make(request->max_bytes)};
    if (!origin_read(request->url, &origin)) {
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "not an http or https URL");
        return FETCH_NOT_SENT;
    }
    if (!policy_allows(&fetch->policy, request->trust, &origin, &transfer.public_only)) {
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "%.80s: not an allowed origin", origin.host);
        return FETCH_NOT_SENT;
    }
    if (is_cut(request, "before")) {
        (void)err_set(reterr, ERR_UPSTREAM, "fetch_unreachable", "%.80s: a fault before it", origin.host);
        return FETCH_NOT_SENT;
    }
    return perform(&transfer, request, &origin, reterr);
}

void fetch_response_done(struct fetch_response *response) { buf_done(&response->body); }
