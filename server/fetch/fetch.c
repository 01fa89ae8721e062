#include "fetch/fetch.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/fault_point.h"
#include "fetch/policy.h"
#include "fetch/response.h"
#include "fetch/transfer.h"

enum { RETRY_AFTER_MAX_S = 24 * 3600, ERROR_BODY_MAX = 64 * 1024 };

struct fetch {
    /* A pool of connections per class: a connection that was opened for a trusted origin without a look at its
       address is never taken up again for a URL of somebody else's. */
    CURL *curl[FETCH_CLASSES];
    struct policy policy;
    const atomic_bool *stop;
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
    else if (transfer->refused_piece)
        (void)err_set(reterr, ERR_INTERNAL, "fetch_refused", "%.80s: what it sent was not taken", host);
    else if (transfer->no_body)
        (void)err_set(reterr, ERR_INTERNAL, "fetch_body", "%.80s: the file to be sent is shorter, or unreadable", host);
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
    buf_clear(&transfer->response->body);
    response_begin(transfer->response);
    transfer->cut = true;
    return CURLE_RECV_ERROR;
}

static enum fetch_outcome perform(struct transfer *transfer, const char *host, struct err *reterr)
{
    CURLcode code;
    bool unsent;

    if (!transfer_begin(transfer)) {
        (void)err_set(reterr, ERR_INTERNAL, "fetch_not_allowed", "a line break in a header");
        return FETCH_NOT_SENT;
    }
    code = curl_easy_perform(transfer->curl);
    read_status(transfer->curl, transfer->response);
    if (code == CURLE_OK && transfer_is_cut(transfer->request, "after"))
        code = cut_after(transfer);
    unsent = transfer->held_back || surely_not_sent(transfer->curl, code);
    transfer_end(transfer);
    if (code == CURLE_OK)
        return FETCH_OK;
    describe(transfer, code, host, reterr);
    return unsent ? FETCH_NOT_SENT : FETCH_MAYBE_SENT;
}

static size_t body_limit(const struct fetch_request *request)
{
    return request->take ? ERROR_BODY_MAX : request->max_bytes;
}

enum fetch_outcome fetch_do(struct fetch *fetch, const struct fetch_request *request, struct fetch_response *ret,
                            struct err *reterr)
{
    struct transfer transfer = {.curl = fetch->curl[request->trust],
                                .policy = &fetch->policy,
                                .request = request,
                                .response = ret,
                                .stop = fetch->stop};
    struct origin origin;

    assert(request->connect_timeout_ms > 0 && request->timeout_ms > 0 && "every call has a limit");
    *ret = (struct fetch_response){.body = buf_make(body_limit(request))};
    response_begin(ret);
    if (!origin_read(request->url, &origin)) {
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "not an http or https URL");
        return FETCH_NOT_SENT;
    }
    if (!policy_allows(&fetch->policy, request->trust, &origin, &transfer.public_only)) {
        (void)err_set(reterr, ERR_FORBIDDEN, "fetch_not_allowed", "%.80s: not an allowed origin", origin.host);
        return FETCH_NOT_SENT;
    }
    if (transfer_is_cut(request, "before")) {
        (void)err_set(reterr, ERR_UPSTREAM, "fetch_unreachable", "%.80s: a fault before it", origin.host);
        return FETCH_NOT_SENT;
    }
    return perform(&transfer, origin.host, reterr);
}

void fetch_response_done(struct fetch_response *response) { buf_done(&response->body); }
