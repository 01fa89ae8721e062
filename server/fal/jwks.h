#pragma once
/* fal.ai's signing keys, kept up to date by one background thread.
 *
 * The thread loads them at once, again when they are 23 hours old (they count for 24), every 1 to 60 seconds while it
 * has none, and at most once a minute when jwks_verify met a signature that no key fits (they may have been changed).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "fal/fal_webhook.h"

struct jwks;

/* url: "https://rest.fal.ai/.well-known/jwks.json"; loopback: it may be http. Returns at once, before there are keys.
   NULL: not a usable URL. */
struct jwks *jwks_open(const char *url, bool loopback, struct err *reterr);
void jwks_close(struct jwks *jwks); /* ends the thread, within about a second; NULL is fine */

enum jwks_verdict {
    JWKS_VERIFIED,
    JWKS_BAD,         /* see fal_webhook_check */
    JWKS_UNAVAILABLE, /* no keys (yet): nothing is known about the signature */
};

/* From any thread; never waits for the network. */
enum jwks_verdict jwks_verify(struct jwks *jwks, const struct fal_webhook_headers *headers, struct text body,
                              int64_t now_s, struct err *reterr);

/* Are there keys? For a readiness report. */
bool jwks_has_keys(struct jwks *jwks);
