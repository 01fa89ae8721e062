#pragma once
/* fal.ai's call to our webhook URL when a job has ended: is it theirs, and what does it say? */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "fal/fal.h"
#include "fal/key_set.h"

enum { FAL_WEBHOOK_TOLERANCE_S = 300 };

/* The values of X-Fal-Webhook-Request-Id, -User-Id, -Timestamp and -Signature; an absent one is empty. */
struct fal_webhook_headers {
    struct text request_id, user_id, timestamp, signature;
};

/* Ed25519 over request id, user id, timestamp and the SHA-256 of the body as it came. Errors (401):
   webhook_unsigned, webhook_stale, webhook_malformed, webhook_bad_signature, and webhook_wrong_request when the body
   names another request than the headers. The URL and its query are not covered. */
bool fal_webhook_check(const struct key_set *keys, const struct fal_webhook_headers *headers, struct text body,
                       int64_t now_s, struct err *reterr);

struct fal_webhook {
    char request_id[FAL_ID_ROOM];
    bool ok;       /* the job went well, they say */
    bool complete; /* false: the outcome did not fit into the call; fal_result has it */
    struct fal_outcome outcome;
};

/* Errors: those of json_parse, and webhook_malformed (400). */
bool fal_webhook_parse(struct text body, struct fal_webhook *ret, struct err *reterr);
