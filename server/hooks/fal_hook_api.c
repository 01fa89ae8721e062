#include "hooks/fal_hook_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fal/fal_webhook.h"
#include "fal/jwks.h"
#include "generations/attempt.h"
#include "generations/outputs.h"
#include "hooks/hook_token.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "trainings/training_notice.h"

enum { MAX_OUTPUTS = 16 * 1024 };

static struct next noted(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, enum err_kind kind, const char *code, const char *why)
{
    struct err err;

    (void)err_set(&err, kind, code, "%s", why);
    return reply_err(call, &err);
}

static struct next answer(struct call *call, bool news)
{
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key_text(&out, "status", news ? "accepted" : "ignored");
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

static struct next noted(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) > 0)
        bell_ring(local_of(call)->bell);
    return answer(call, rows_count(rows) > 0);
}

/* Is it signed by the provider, and what does it say? False: answered. */
static bool read_signed(struct call *call, struct jwks *jwks, struct fal_webhook *ret, struct next *refused)
{
    const struct fal_webhook_headers headers = {
        call_header(call, "x-fal-webhook-request-id"), call_header(call, "x-fal-webhook-user-id"),
        call_header(call, "x-fal-webhook-timestamp"), call_header(call, "x-fal-webhook-signature")};
    struct err err = {0};

    if (!body_type_is_json(call, refused))
        return false;
    switch (jwks ? jwks_verify(jwks, &headers, call_body(call), clock_wall_s(), &err) : JWKS_UNAVAILABLE) {
    case JWKS_UNAVAILABLE:
        *refused = refuse(call, ERR_BUSY, "busy", "the provider's keys are not known yet");
        return false;
    case JWKS_BAD:
        log_write(LOG_WARN, "webhook_refused", "request=%s reason=%s", call->request_id, err.code);
        *refused = refuse(call, ERR_UNAUTHENTICATED, "signature_invalid", err.code);
        return false;
    case JWKS_VERIFIED: break;
    }
    if (fal_webhook_parse(call_body(call), ret, &err))
        return true;
    *refused = refuse(call, ERR_BAD_REQUEST, message_exists(err.code) ? err.code : "bad_request", err.detail);
    return false;
}

/* POST /api/v1/webhooks/fal/{token} - the address names the submission, the body its result. */

static struct query notice(int64_t submission, const struct fal_webhook *hook, char seed[24], struct buf *outputs)
{
    bool has_result = hook->ok && hook->complete && hook->outcome.image_count > 0;

    if (has_result)
        outputs_write(&hook->outcome, outputs);
    if (has_result && hook->outcome.has_seed)
        (void)snprintf(seed, 24, "%" PRIu64, hook->outcome.seed);
    return attempt_notified(submission, hook->request_id, hook->ok, *seed ? seed : NULL, outputs->bytes);
}

struct next fal_hook_receive(struct call *call)
{
    CLEANUP(buf_done) struct buf outputs = buf_make(MAX_OUTPUTS);
    struct fal_webhook hook;
    struct next refused;
    int64_t submission;
    char seed[24] = "";

    if (!hook_token_read(local_of(call)->hook_mac, call->params[0], &submission))
        return reply_not_found(call);
    if (!body_no_query(call, &refused) || !read_signed(call, local_of(call)->jwks, &hook, &refused))
        return refused;
    return await_rows(call, notice(submission, &hook, seed, &outputs), noted);
}

/* POST /api/avatar/status_update - of trainings: the provider's signed body, at the address that training_submit gave
   it, which names the attempt; or a plain body with the shared secret. Either only makes us look: the provider's own
   queue says what has happened. */

static bool has_secret(struct call *call)
{
    const char *secret = local_of(call)->config->fal_webhook_secret;
    struct text given = call_header(call, "x-webhook-secret");

    return secret && given.len && crypto_equal(given, text_of(secret));
}

static bool read_plain(struct call *call, char request_id[FAL_ID_ROOM], struct next *refused)
{
    static const char *const STATES[] = {"in_progress", "completed", "failed"};
    const char *id, *status;
    struct err err = {0};
    yajl_val root;
    bool ok = false;

    if (!body_type_is_json(call, refused))
        return false;
    if (!json_parse(call_body(call), &root, &err)) {
        *refused = reply_err(call, &err);
        return false;
    }
    id = json_get_text(root, "request_id");
    status = json_get_text(root, "status");
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++)
        ok = ok || (status && strcmp(status, STATES[i]) == 0);
    ok = ok && id && *id && text_copy(request_id, FAL_ID_ROOM, text_of(id));
    yajl_tree_free(root);
    if (!ok)
        *refused = refuse(call, ERR_BAD_REQUEST, "bad_request", "not a status update");
    return ok;
}

struct status_query {
    char training_type[16];
    char attempt[HOOK_TOKEN_ROOM]; /* "": not named */
    struct uuid avatar_id;         /* "": not said */
};

static const struct query_field STATUS_FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct status_query, training_type, .max = 15),
    QUERY_FIELD(QUERY_TEXT, struct status_query, attempt, .max = HOOK_TOKEN_ROOM - 1),
    QUERY_FIELD(QUERY_UUID, struct status_query, avatar_id),
    {0},
};

/* What a training's notification has to say; state of the call. */
struct status_update {
    struct fal_webhook hook;
    struct status_query query;
    int64_t attempt; /* 0: not named */
};

static bool type_is_known(const char *type)
{
    return !*type || strcmp(type, "portrait") == 0 || strcmp(type, "style") == 0;
}

/* False: answered. */
static bool read_status_query(struct call *call, struct status_update *update, struct next *refused)
{
    struct faults faults = {0};

    if (!body_query(call, STATUS_FIELDS, &update->query, refused))
        return false;
    if (!type_is_known(update->query.training_type)) {
        (void)faults_add_what(&faults, "training_type", "not_one_of", TEXT("portrait, style"));
        *refused = reply_query_faults(call, &faults);
        return false;
    }
    if (!*update->query.attempt ||
        hook_token_read(local_of(call)->hook_mac, text_of(update->query.attempt), &update->attempt))
        return true;
    *refused = reply_not_found(call); /* an invented address costs no look-up */
    return false;
}

/* One that names no training of ours may name a generation: the older address took both. */
static struct next told_training(struct call *call, const PGresult *rows)
{
    const struct status_update *update = call->state;

    if (rows_count(rows) > 0 || update->attempt || *update->query.avatar_id.text)
        return noted(call, rows);
    return await_rows(call, attempt_signalled(update->hook.request_id), noted);
}

struct next fal_hook_status_update(struct call *call)
{
    struct status_update *update = call_state_make(call, sizeof *update);
    struct next refused;

    if (!read_status_query(call, update, &refused))
        return refused;
    if (has_secret(call) ? !read_plain(call, update->hook.request_id, &refused)
                         : !read_signed(call, local_of(call)->training_jwks, &update->hook, &refused))
        return refused;
    return await_rows(call, training_notified(update->attempt, update->hook.request_id, update->query.avatar_id),
                      told_training);
}
