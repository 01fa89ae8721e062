#include "fal/fal_webhook.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fal/fal_call.h"
#include "fal/fal_path.h"
#include "json/json_in.h"

enum { HEADER_MAX = 256, MESSAGE_MAX = 4 * HEADER_MAX };

/* A line break inside a value could move bytes from one signed line to the next. */
static bool good_header(struct text value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0')
            return false;
    return value.len > 0 && value.len <= HEADER_MAX;
}

static bool check_time(struct text timestamp, int64_t now_s, struct err *reterr)
{
    int64_t then_s;

    if (timestamp.at[0] == '-' || !text_int64(timestamp, 0, INT64_MAX / 2, &then_s))
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_malformed", "timestamp: not a number");
    if (llabs(now_s - then_s) > FAL_WEBHOOK_TOLERANCE_S)
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_stale", "sent %lld s ago", (long long)(now_s - then_s));
    return true;
}

static bool add_line(struct buf *message, struct text line)
{
    return buf_add(message, line.at, line.len) && buf_add(message, "\n", 1);
}

static bool check_signature(const struct key_set *keys, const struct fal_webhook_headers *headers, struct text body,
                            struct err *reterr)
{
    CLEANUP(buf_done) struct buf message = buf_make(MESSAGE_MAX);
    unsigned char digest[SHA256_BYTES], signature[ED25519_SIGNATURE_BYTES];
    char digits[HEX_ROOM(SHA256_BYTES)];

    if (!hex_read(headers->signature, signature, sizeof signature))
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_malformed", "signature: not 128 hexadecimal digits");
    crypto_sha256(body, digest);
    hex_write(digest, sizeof digest, digits);
    if (!add_line(&message, headers->request_id) || !add_line(&message, headers->user_id) ||
        !add_line(&message, headers->timestamp) || !buf_add_text(&message, digits))
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_malformed", "headers too long");
    return key_set_verify(keys, (struct text){message.bytes, message.len}, signature) ||
           err_set(reterr, ERR_UNAUTHENTICATED, "webhook_bad_signature", "no key of %d matches", keys->count);
}

static bool check_request(struct text body, struct text wanted, struct err *reterr)
{
    CLEANUP(fal_call_tree_done) yajl_val tree = NULL;
    const char *id;

    if (!json_parse(body, &tree, reterr))
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_malformed", "signed, but not JSON");
    id = json_get_text(tree, "request_id");
    return (id && text_equal(text_of(id), wanted)) ||
           err_set(reterr, ERR_UNAUTHENTICATED, "webhook_wrong_request", "body and headers name different requests");
}

bool fal_webhook_check(const struct key_set *keys, const struct fal_webhook_headers *headers, struct text body,
                       int64_t now_s, struct err *reterr)
{
    if (!good_header(headers->request_id) || !good_header(headers->user_id) || !good_header(headers->timestamp) ||
        !good_header(headers->signature))
        return err_set(reterr, ERR_UNAUTHENTICATED, "webhook_unsigned", "a signature header is absent or strange");
    return check_time(headers->timestamp, now_s, reterr) && check_signature(keys, headers, body, reterr) &&
           check_request(body, headers->request_id, reterr);
}

/* The status in "Invalid status code: 422"; 500 when there is none. */
static int status_in(const char *error)
{
    const char *colon = error ? strrchr(error, ':') : NULL;
    int64_t status;

    return colon && text_int64(text_trim(text_of(colon + 1)), 400, 599, &status) ? (int)status : 500;
}

static void read_payload(yajl_val tree, struct fal_webhook *ret)
{
    yajl_val payload = json_get(tree, "payload");

    ret->complete = YAJL_IS_OBJECT(payload);
    if (ret->ok && ret->complete)
        fal_outcome_read_output(payload, &ret->outcome);
    else if (!ret->ok)
        fal_outcome_read_error(payload, status_in(json_get_text(tree, "error")), "", &ret->outcome);
}

bool fal_webhook_parse(struct text body, struct fal_webhook *ret, struct err *reterr)
{
    CLEANUP(fal_call_tree_done) yajl_val tree = NULL;
    const char *id, *status;

    *ret = (struct fal_webhook){0};
    if (!json_parse(body, &tree, reterr))
        return false;
    id = json_get_text(tree, "request_id");
    status = json_get_text(tree, "status");
    if (!id || !fal_path_is_id(id) || !status || (strcmp(status, "OK") != 0 && strcmp(status, "ERROR") != 0))
        return err_set(reterr, ERR_BAD_REQUEST, "webhook_malformed", "no usable request_id or status");
    (void)text_copy(ret->request_id, sizeof ret->request_id, text_of(id));
    ret->ok = strcmp(status, "OK") == 0;
    read_payload(tree, ret);
    return true;
}
