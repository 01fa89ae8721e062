#pragma once
/* Where requests may go, by trust class (see fetch.h). */
#include <stdbool.h>

#include "base/err.h"
#include "fetch/fetch.h"
#include "fetch/origin.h"

struct policy {
    struct origin origins[FETCH_ORIGINS_MAX];
    int origin_count;
    struct origin storage; /* scheme "": none */
    char media_hosts[1024];
    bool loopback;
};

bool policy_make(const struct fetch_config *config, struct policy *ret, struct err *reterr);

bool policy_is_ours(const struct policy *policy, const struct origin *origin);

/* May it be asked for at all, and if so, only when its socket address is public? */
bool policy_allows(const struct policy *policy, enum fetch_trust trust, const struct origin *origin, bool *ret_public);

/* What libcurl may speak for a request of that class: "https", or "https,http". */
const char *policy_protocols(const struct policy *policy, enum fetch_trust trust);
