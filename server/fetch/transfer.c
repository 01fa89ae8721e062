#include "fetch/transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault_point.h"
#include "fetch/address.h"
#include "fetch/response.h"

enum { HEADER_BYTES_MAX = 64 * 1024, SLOW_BYTES_PER_S = 1024, SLOW_S = 20, IDLE_CONNECTION_S = 60 };

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

static bool is_success(const struct transfer *transfer)
{
    long status = 0;

    (void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

/* False: it ends there, and the flags say why. */
static bool give(struct transfer *transfer, struct text piece)
{
    const struct fetch_request *request = transfer->request;

    if (piece.len > request->max_bytes - transfer->taken_bytes) {
        transfer->too_large = true;
        return false;
    }
    transfer->taken_bytes += piece.len;
    transfer->refused_piece = !request->take(request->taker, piece.at, piece.len);
    return !transfer->refused_piece;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;

    if (transfer->request->take && is_success(transfer))
        return give(transfer, (struct text){bytes, size * count}) ? size * count : 0;
    if (buf_add(&transfer->response->body, bytes, size * count))
        return size * count;
    transfer->too_large = true;
    return 0;
}

static size_t on_read_body(char *to, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;
    const struct fetch_request *request = transfer->request;
    int64_t left = request->body_bytes - transfer->body_sent;
    size_t room = size * count, want = (uint64_t)left < room ? (size_t)left : room;
    ssize_t got;

    if (want == 0)
        return 0;
    got = pread(request->body_fd, to, want, request->body_from + transfer->body_sent);
    if (got <= 0) {
        transfer->no_body = true;
        return CURL_READFUNC_ABORT;
    }
    transfer->body_sent += got;
    return (size_t)got;
}

/* libcurl begins again when a kept connection turns out to be closed. */
static int on_seek_body(void *owner, curl_off_t offset, int origin)
{
    struct transfer *transfer = owner;

    if (origin != SEEK_SET || offset < 0 || offset > transfer->request->body_bytes)
        return CURL_SEEKFUNC_FAIL;
    transfer->body_sent = offset;
    return CURL_SEEKFUNC_OK;
}

static int on_connected(void *owner, char *ip, char *local_ip, int port, int local_port)
{
    struct transfer *transfer = owner;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
    transfer->held_back = !transfer->request->may_send(transfer->request->owner);
    return transfer->held_back ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

int64_t transfer_body_bytes(const struct fetch_request *request)
{
    return request->body_bytes > 0 ? request->body_bytes : (int64_t)request->body.len;
}

bool transfer_is_cut(const struct fetch_request *request, const char *when)
{
    static const char *const METHODS[] = {[FETCH_GET] = "GET",
                                          [FETCH_POST] = "POST",
                                          [FETCH_PUT] = "PUT",
                                          [FETCH_HEAD] = "HEAD",
                                          [FETCH_DELETE] = "DELETE"};

    (void)request, (void)when, (void)METHODS; /* in other builds */
    return FAULT_POINT("http", METHODS[request->method], when);
}

/* libcurl tells of progress each time it has sent or received something: at the latest before it reads an answer to
   what it sent in the same turn. */
static bool is_cut_when_sent(struct transfer *transfer, curl_off_t body_sent)
{
    long request_bytes = 0;

    if (!FAULT_POINTS || transfer->sent || body_sent < transfer_body_bytes(transfer->request))
        return false;
    (void)curl_easy_getinfo(transfer->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    transfer->sent = request_bytes > 0;
    return transfer->sent && transfer_is_cut(transfer->request, "sent");
}

static int on_progress(void *owner, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t body_sent)
{
    struct transfer *transfer = owner;

    (void)a, (void)b, (void)c;
    transfer->cut = transfer->cut || is_cut_when_sent(transfer, body_sent);
    return transfer->cut || (transfer->stop && atomic_load(transfer->stop));
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

static void set_transport(CURL *curl, const char *protocols)
{
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also not from the environment */
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "aisha/" AISHA_VERSION);
}

static void set_file(CURL *curl, struct transfer *transfer)
{
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L); /* a PUT */
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->request->body_bytes);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, transfer);
}

static void set_body(CURL *curl, const struct fetch_request *request)
{
    assert(request->body.len <= 64 * 1024 * 1024 && "larger ones come from files");
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.len ? request->body.at : ""); /* not copied */
    if (request->method == FETCH_PUT)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
}

static void set_request(CURL *curl, struct transfer *transfer)
{
    const struct fetch_request *request = transfer->request;

    assert((request->body_bytes <= 0 || (request->method == FETCH_PUT && !request->body.len)) && "a file is PUT");
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (request->method == FETCH_HEAD)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else if (request->method == FETCH_DELETE)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    else if (request->body_bytes > 0)
        set_file(curl, transfer);
    else if (request->method != FETCH_GET)
        set_body(curl, request);
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

bool transfer_begin(struct transfer *transfer)
{
    CURL *curl = transfer->curl;

    if (!(transfer->headers = header_list(transfer->request)))
        return false;
    curl_easy_reset(curl); /* keeps the connections */
    set_limits(curl, transfer->request);
    set_transport(curl, policy_protocols(transfer->policy, transfer->request->trust));
    set_request(curl, transfer);
    set_callbacks(curl, transfer);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer->headers);
    return true;
}

void transfer_end(struct transfer *transfer)
{
    curl_easy_reset(transfer->curl);
    curl_slist_free_all(transfer->headers);
}
