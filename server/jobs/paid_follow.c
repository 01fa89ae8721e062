#include "jobs/paid_follow.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

enum {
    MISSING_TRIES = 7, /* after 1, 2, 4 ... 64 s */
    LATE_TRIES = 7,    /* some three minutes: 15 s between them at least */
};

/* Not that there is nothing in it. */
static bool is_missing(const struct fal_outcome *outcome)
{
    return outcome->failure == FAL_RESULT_MISSING && *outcome->provider_type &&
           strcmp(outcome->provider_type, "no_media_generated") != 0;
}

static enum paid_state missing(const struct paid_request *request, const char *why, struct err *reterr)
{
    if (request->failures >= MISSING_TRIES)
        return PAID_GONE;
    (void)err_set(reterr, ERR_UPSTREAM, "result_missing", "%s", why);
    return PAID_MISSING;
}

static enum paid_state ended(const struct paid_request *request, const struct fal_outcome *outcome, struct err *reterr)
{
    if (is_missing(outcome))
        return missing(request, "the result is not there", reterr);
    if (request->cancel_requested && strcmp(outcome->provider_type, "client_cancelled") == 0)
        return PAID_CANCELLED;
    return PAID_ENDED;
}

/* The provider's answer decides: it may be too late, and then what was made is delivered. */
static void ask_for_end(const struct paid_request *request)
{
    struct err err;

    if (fal_cancel(request->fal, &request->ticket, &err) == FAL_CANCEL_UNREACHABLE)
        log_write(LOG_WARN, "cancel_unreachable", "reason=%s", LOG_QUOTE(err.detail));
}

/* It is paid for: an outage of the provider, or of the way there, is no failure of the job. When it is late, some looks
   in a row must fail: who comes back after hours may find the way there shut for a moment. */
static enum paid_state unreachable(const struct paid_request *request, struct job_next *ret_next, struct err *why)
{
    log_write(LOG_WARN, "provider_unreachable", "submission=%" PRId64 " reason=%s", request->id,
              LOG_QUOTE(why->detail));
    ret_next->delay_ms = request->age_s < 60 ? 3000 : 15000;
    if (request->age_s <= request->give_up_s)
        return PAID_SILENT;
    why->kind = ERR_UPSTREAM; /* counted */
    if (request->failures < LATE_TRIES)
        return PAID_MISSING;
    ask_for_end(request);
    return PAID_LATE;
}

static enum paid_state fetch_result(const struct paid_request *request, struct paid_news *ret,
                                    struct job_next *ret_next, struct err *reterr)
{
    ret_next->delay_ms = 0; /* it has ended */
    switch (fal_result(request->fal, &request->ticket, &ret->outcome, reterr)) {
    case FAL_RESULT_READY: return PAID_MADE;
    case FAL_RESULT_FAILED: return ended(request, &ret->outcome, reterr);
    case FAL_RESULT_NOT_YET: ret_next->delay_ms = 1000; break;
    case FAL_RESULT_UNREACHABLE: return unreachable(request, ret_next, reterr);
    }
    return request->age_s > request->give_up_s ? PAID_LATE : PAID_SILENT;
}

static enum fal_state ask(const struct paid_request *request, struct paid_news *ret, struct err *reterr)
{
    if (request->with_logs)
        return fal_status_logs(request->fal, &request->ticket, &ret->position, &ret->share, reterr);
    return fal_status(request->fal, &request->ticket, &ret->position, reterr);
}

enum paid_state paid_follow(const struct paid_request *request, struct paid_news *ret, struct job_next *ret_next,
                            struct err *reterr)
{
    enum fal_state state;

    ret->position = -1;
    ret->share = -1;
    if (request->cancel_requested)
        ask_for_end(request);
    state = ask(request, ret, reterr);
    if (state == FAL_COMPLETED) /* also a late one: it is paid for, and perhaps nobody was here to look */
        return fetch_result(request, ret, ret_next, reterr);
    if (state == FAL_UNREACHABLE)
        return unreachable(request, ret_next, reterr);
    if (request->age_s > request->give_up_s) {
        ask_for_end(request);
        return PAID_LATE;
    }
    if (state == FAL_LOST)
        return missing(request, "the request is not known", reterr);
    return state == FAL_RUNNING ? PAID_RUNNING : PAID_QUEUED;
}
