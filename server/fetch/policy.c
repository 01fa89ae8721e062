#include "fetch/policy.h"

#include <string.h>

static bool add_origin(struct policy *policy, const char *url, struct err *reterr)
{
    struct origin *origin = &policy->origins[policy->origin_count];

    if (!origin_read(url, origin))
        return err_set(reterr, ERR_INVALID, "fetch_origin", "not an http or https URL");
    if (!policy->loopback && strcmp(origin->scheme, "https") != 0)
        return err_set(reterr, ERR_INVALID, "fetch_origin", "%.80s: only https is allowed", origin->host);
    policy->origin_count++;
    return true;
}

bool policy_make(const struct fetch_config *config, struct policy *ret, struct err *reterr)
{
    *ret = (struct policy){.loopback = config->loopback};
    for (int i = 0; i < FETCH_ORIGINS_MAX; i++)
        if (config->origins[i] && !add_origin(ret, config->origins[i], reterr))
            return false;
    if (config->media_hosts && !text_copy(ret->media_hosts, sizeof ret->media_hosts, text_of(config->media_hosts)))
        return err_set(reterr, ERR_INVALID, "fetch_media_hosts", "the list of media hosts is too long");
    if (config->storage && !origin_read(config->storage, &ret->storage))
        return err_set(reterr, ERR_INVALID, "fetch_origin", "the object store's is not an http or https URL");
    return true;
}

bool policy_is_ours(const struct policy *policy, const struct origin *origin)
{
    for (int i = 0; i < policy->origin_count; i++)
        if (origin_equal(&policy->origins[i], origin))
            return true;
    return false;
}

/* The store itself, or a bucket of it by name: one label before the store's host. */
static bool is_storage(const struct policy *policy, const struct origin *origin)
{
    struct text host = text_of(origin->host), bucket = text_cut(&host, '.');
    struct origin parent = *origin;

    if (!policy->storage.scheme[0])
        return false;
    if (origin_equal(&policy->storage, origin))
        return true;
    return bucket.len && host.len && text_copy(parent.host, sizeof parent.host, host) &&
           origin_equal(&policy->storage, &parent);
}

bool policy_allows(const struct policy *policy, enum fetch_trust trust, const struct origin *origin, bool *ret_public)
{
    bool ours = policy_is_ours(policy, origin);

    *ret_public = false;
    if (trust == FETCH_STORAGE)
        return is_storage(policy, origin);
    if (trust == FETCH_FAL || (ours && policy->loopback))
        return ours;
    *ret_public = true;
    return strcmp(origin->scheme, "https") == 0 && origin->port == 443 &&
           origin_host_listed(origin, text_of(policy->media_hosts));
}

const char *policy_protocols(const struct policy *policy, enum fetch_trust trust)
{
    bool plain = trust == FETCH_STORAGE ? strcmp(policy->storage.scheme, "http") == 0 : policy->loopback;

    return plain ? "https,http" : "https";
}
