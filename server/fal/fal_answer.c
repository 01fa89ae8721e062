#include "fal/fal_answer.h"

#include <string.h>

#include "fal/fal_call.h"
#include "fal/fal_path.h"
#include "fal/fal_progress.h"
#include "json/json_in.h"

static void copy_url(yajl_val body, const char *name, char to[FAL_URL_ROOM])
{
    const char *url = json_get_text(body, name);

    (void)text_copy(to, FAL_URL_ROOM, text_of(url ? url : ""));
}

static enum fal_submitted read_acceptance(yajl_val body, struct fal_ticket *ret, struct err *reterr)
{
    const char *id = json_get_text(body, "request_id");

    if (!id || !fal_path_is_id(id)) {
        (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "submit: success without a usable request_id");
        return FAL_AMBIGUOUS;
    }
    (void)text_copy(ret->request_id, sizeof ret->request_id, text_of(id));
    copy_url(body, "status_url", ret->status_url);
    copy_url(body, "response_url", ret->response_url);
    copy_url(body, "cancel_url", ret->cancel_url);
    return FAL_ACCEPTED;
}

/* Written by fal.ai itself, not by a proxy on the way: a text and a machine's word for it. */
static bool is_flat_error(yajl_val body, const struct fetch_response *response)
{
    return json_get_text(body, "detail") && (json_get_text(body, "error_type") || response->error_type[0]);
}

static enum fal_submitted read_refusal(yajl_val body, const struct fetch_response *response, struct err *reterr)
{
    struct fal_outcome outcome;

    fal_outcome_read_error(body, response->status, response->error_type, &outcome);
    if (response->status == 404 || response->status == 410)
        outcome.failure = FAL_ENDPOINT_GONE; /* nothing else is named by what is submitted */
    else if (outcome.failure != FAL_MODERATION_BLOCKED)
        outcome.failure = FAL_PROVIDER_VALIDATION;
    (void)err_set(reterr, ERR_INVALID, fal_failure_code(outcome.failure), "%s", outcome.provider_type);
    return FAL_REFUSED;
}

static enum fal_submitted classify(yajl_val body, const struct fetch_response *response, struct fal_ticket *ret,
                                   struct err *reterr)
{
    switch (response->status) {
    case 200:
    case 201:
    case 202: return read_acceptance(body, ret, reterr);
    case 400:
    case 404:
    case 410:
    case 413:
    case 422:
        if (body)
            return read_refusal(body, response, reterr);
        break;
    case 401: (void)err_set(reterr, ERR_FORBIDDEN, "fal_key_refused", "submit: HTTP 401"); return FAL_STOP;
    case 402:
    case 403: /* "User is locked. Reason: Exhausted balance" */
        (void)err_set(reterr, ERR_FORBIDDEN, "fal_account_refused", "submit: HTTP %d", response->status);
        return FAL_STOP;
    case 503:
        if (!is_flat_error(body, response))
            break;
        /* fall through */
    case 429:
        (void)err_set(reterr, ERR_BUSY, "fal_busy", "submit: HTTP %d", response->status);
        ret->retry_after_s = response->retry_after_s;
        return FAL_NOT_ACCEPTED;
    default: break;
    }
    (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "submit: HTTP %d", response->status);
    return FAL_AMBIGUOUS;
}

enum fal_submitted fal_answer_submit(enum fetch_outcome outcome, const struct fetch_response *response,
                                     struct fal_ticket *ret, struct err *reterr)
{
    if (outcome != FETCH_OK)
        return outcome == FETCH_NOT_SENT ? FAL_NOT_ACCEPTED : FAL_AMBIGUOUS;
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    return classify(body, response, ret, reterr);
}

enum fal_state fal_answer_status(enum fetch_outcome outcome, const struct fetch_response *response, int *ret_position,
                                 struct err *reterr)
{
    const char *word;
    int64_t position;

    *ret_position = -1;
    if (outcome != FETCH_OK)
        return FAL_UNREACHABLE;
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    if (response->status == 404 && body) /* else it is a gateway's word: no reason to give up what is paid for */
        return FAL_LOST;
    word = response->status == 200 || response->status == 202 ? json_get_text(body, "status") : NULL;
    position = json_get_int64(body, "queue_position", -1);
    if (word && strcmp(word, "IN_QUEUE") == 0) {
        *ret_position = position >= 0 && position < 1000000 ? (int)position : -1;
        return FAL_QUEUED;
    }
    if (word && strcmp(word, "IN_PROGRESS") == 0)
        return FAL_RUNNING;
    if (word && strcmp(word, "COMPLETED") == 0)
        return FAL_COMPLETED;
    (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "status: HTTP %d", response->status);
    return FAL_UNREACHABLE;
}

double fal_answer_share(enum fetch_outcome outcome, const struct fetch_response *response)
{
    if (outcome != FETCH_OK)
        return -1;
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    return fal_progress_read(json_get(body, "logs"));
}

/* Their way of saying "not yet", usually with 400, now and then with 200. */
static bool is_in_progress(yajl_val body)
{
    const char *detail = json_get_text(body, "detail");

    return detail && strcmp(detail, "Request is still in progress") == 0;
}

/* Says the answer something about the job, and not only about us, our key or the way to them? */
static bool is_about_the_job(yajl_val body, const struct fetch_response *response)
{
    int status = response->status;

    if (status == 404)
        return body != NULL;
    if (status < 400 || status == 401 || status == 402 || status == 403 || status == 408 || status == 429)
        return false;
    if (status < 500)
        return json_get(body, "detail") != NULL;
    return YAJL_IS_ARRAY(json_get(body, "detail")) || is_flat_error(body, response);
}

enum fal_result fal_answer_result(enum fetch_outcome outcome, const struct fetch_response *response,
                                  struct fal_outcome *ret, struct err *reterr)
{
    *ret = (struct fal_outcome){0};
    if (outcome != FETCH_OK)
        return FAL_RESULT_UNREACHABLE;
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    if (is_in_progress(body))
        return FAL_RESULT_NOT_YET;
    if (response->status == 200 && body) {
        fal_outcome_read_output(body, ret);
        return ret->failure ? FAL_RESULT_FAILED : FAL_RESULT_READY;
    }
    if (is_about_the_job(body, response)) {
        fal_outcome_read_error(body, response->status, response->error_type, ret);
        return FAL_RESULT_FAILED;
    }
    (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "result: HTTP %d", response->status);
    return FAL_RESULT_UNREACHABLE;
}

enum fal_cancelled fal_answer_cancel(enum fetch_outcome outcome, const struct fetch_response *response,
                                     struct err *reterr)
{
    const char *word;

    if (outcome != FETCH_OK)
        return FAL_CANCEL_UNREACHABLE;
    CLEANUP(fal_call_tree_done) yajl_val body = fal_call_tree(response);
    word = json_get_text(body, "status");
    if (response->status == 404 || (word && strcmp(word, "NOT_FOUND") == 0))
        return FAL_CANCEL_NOT_FOUND;
    if ((response->status == 400 && body) || (word && strcmp(word, "ALREADY_COMPLETED") == 0))
        return FAL_CANCEL_TOO_LATE;
    if (response->status >= 200 && response->status < 300)
        return FAL_CANCEL_REQUESTED;
    (void)err_set(reterr, ERR_UPSTREAM, "fal_bad_answer", "cancel: HTTP %d", response->status);
    return FAL_CANCEL_UNREACHABLE;
}
