/* The queue's four calls: submit, status, result, cancel. */
#include <stdio.h>
#include <string.h>

#include "fal/fal_answer.h"
#include "fal/fal_call.h"
#include "fal/fal_path.h"

enum {
    SUBMIT_MS = 30000,
    FOLLOW_MS = 15000,
    ANSWER_BYTES_MAX = 256 * 1024,
    RESULT_BYTES_MAX = 1024 * 1024,
    LOGS_BYTES_MAX = 1024 * 1024,
    SUBMIT_URL_ROOM = 4096
};

static bool is_on_queue(const struct fal *fal, const char *url)
{
    struct origin origin;

    return origin_read(url, &origin) && origin_equal(&origin, &fal->queue);
}

/* One of the ticket's URLs as it is to be used; false: neither usable nor to be built. */
static bool follow_url(const struct fal *fal, const struct fal_ticket *ticket, const char *url, const char *end,
                       char to[FAL_URL_ROOM])
{
    char path[FAL_ENDPOINT_ROOM + FAL_ID_ROOM + 16];

    if (is_on_queue(fal, url))
        return text_copy(to, FAL_URL_ROOM, text_of(url));
    return fal_path_request(ticket->endpoint, ticket->request_id, path, sizeof path) &&
           snprintf(to, FAL_URL_ROOM, "%s%s%s", fal->queue_url, path, end) < FAL_URL_ROOM;
}

/* The URLs as they will be followed, so that a row holds nothing that is not ours. */
static void complete_ticket(const struct fal *fal, struct fal_ticket *ticket)
{
    char url[FAL_URL_ROOM];

    (void)text_copy(ticket->status_url, FAL_URL_ROOM,
                    text_of(follow_url(fal, ticket, ticket->status_url, "/status", url) ? url : ""));
    (void)text_copy(ticket->response_url, FAL_URL_ROOM,
                    text_of(follow_url(fal, ticket, ticket->response_url, "", url) ? url : ""));
    (void)text_copy(ticket->cancel_url, FAL_URL_ROOM,
                    text_of(follow_url(fal, ticket, ticket->cancel_url, "/cancel", url) ? url : ""));
}

static bool submit_url(const struct fal *fal, const char *endpoint, const char *webhook_url, char to[SUBMIT_URL_ROOM])
{
    char path[FAL_ENDPOINT_ROOM], hook[SUBMIT_URL_ROOM / 2] = "";

    return fal_path_submit(endpoint, path, sizeof path) &&
           (!webhook_url || text_percent_encode(text_of(webhook_url), hook, sizeof hook)) &&
           snprintf(to, SUBMIT_URL_ROOM, "%s%s%s%s", fal->queue_url, path, webhook_url ? "?fal_webhook=" : "", hook) <
               SUBMIT_URL_ROOM;
}

enum fal_submitted fal_submit(struct fal *fal, const char *endpoint, struct text input, const char *webhook_url,
                              int start_timeout_s, struct fal_ticket *ret, struct err *reterr)
{
    char url[SUBMIT_URL_ROOM], deadline[64];
    struct fal_call call = {.method = FETCH_POST, .body = input, .fresh = true, .timeout_ms = SUBMIT_MS};
    struct fetch_response response;
    enum fal_submitted submitted;
    enum fetch_outcome outcome;

    *ret = (struct fal_ticket){0};
    if (!text_copy(ret->endpoint, sizeof ret->endpoint, text_of(endpoint)) ||
        !submit_url(fal, endpoint, webhook_url, url)) {
        (void)err_set(reterr, ERR_INTERNAL, "provider_validation", "not an endpoint, or a webhook URL too long");
        return FAL_REFUSED;
    }
    (void)snprintf(deadline, sizeof deadline, "X-Fal-Request-Timeout: %d", start_timeout_s);
    call.url = url;
    call.header = deadline;
    call.max_bytes = ANSWER_BYTES_MAX;
    outcome = fal_call(fal, &call, &response, reterr);
    submitted = fal_answer_submit(outcome, &response, ret, reterr);
    fetch_response_done(&response);
    if (submitted == FAL_ACCEPTED)
        complete_ticket(fal, ret);
    return submitted;
}

/* One call to a URL of the ticket. The response is to be ended in any case. */
static enum fetch_outcome follow(struct fal *fal, const struct fal_ticket *ticket, struct fal_call call,
                                 const char *end, struct fetch_response *ret, struct err *reterr)
{
    char url[FAL_URL_ROOM];

    if (!follow_url(fal, ticket, call.url, end, url)) {
        *ret = (struct fetch_response){0};
        (void)err_set(reterr, ERR_INTERNAL, "fal_ticket", "a ticket without endpoint or request id");
        return FETCH_NOT_SENT;
    }
    call.url = url;
    call.timeout_ms = FOLLOW_MS;
    return fal_call(fal, &call, ret, reterr);
}

enum fal_state fal_status(struct fal *fal, const struct fal_ticket *ticket, int *ret_position, struct err *reterr)
{
    struct fal_call call = {.url = ticket->status_url, .max_bytes = ANSWER_BYTES_MAX};
    struct fetch_response response;
    enum fetch_outcome outcome = follow(fal, ticket, call, "/status", &response, reterr);
    enum fal_state state = fal_answer_status(outcome, &response, ret_position, reterr);

    fetch_response_done(&response);
    return state;
}

enum fal_state fal_status_logs(struct fal *fal, const struct fal_ticket *ticket, int *ret_position, double *ret_share,
                               struct err *reterr)
{
    char plain[FAL_URL_ROOM], url[FAL_URL_ROOM + 8];
    struct fal_call call = {.url = url, .max_bytes = LOGS_BYTES_MAX};
    struct fetch_response response;
    enum fetch_outcome outcome;
    enum fal_state state;

    *ret_share = -1;
    if (!follow_url(fal, ticket, ticket->status_url, "/status", plain))
        return fal_status(fal, ticket, ret_position, reterr);
    (void)snprintf(url, sizeof url, "%s%clogs=1", plain, strchr(plain, '?') ? '&' : '?');
    call.timeout_ms = FOLLOW_MS;
    outcome = fal_call(fal, &call, &response, reterr);
    state = fal_answer_status(outcome, &response, ret_position, reterr);
    *ret_share = fal_answer_share(outcome, &response);
    fetch_response_done(&response);
    /* What a program prints must not hide what has become of it: more lines than we take, or lines that are no JSON. */
    if (state == FAL_UNREACHABLE && (outcome == FETCH_OK || strcmp(reterr->code, "fetch_too_large") == 0))
        return fal_status(fal, ticket, ret_position, reterr);
    return state;
}

enum fal_result fal_result(struct fal *fal, const struct fal_ticket *ticket, struct fal_outcome *ret,
                           struct err *reterr)
{
    struct fal_call call = {.url = ticket->response_url, .max_bytes = RESULT_BYTES_MAX};
    struct fetch_response response;
    enum fetch_outcome outcome = follow(fal, ticket, call, "", &response, reterr);
    enum fal_result result = fal_answer_result(outcome, &response, ret, reterr);

    fetch_response_done(&response);
    return result;
}

enum fal_cancelled fal_cancel(struct fal *fal, const struct fal_ticket *ticket, struct err *reterr)
{
    struct fal_call call = {.method = FETCH_PUT, .url = ticket->cancel_url, .max_bytes = ANSWER_BYTES_MAX};
    struct fetch_response response;
    enum fetch_outcome outcome = follow(fal, ticket, call, "/cancel", &response, reterr);
    enum fal_cancelled cancelled = fal_answer_cancel(outcome, &response, reterr);

    fetch_response_done(&response);
    return cancelled;
}
