#include "endpoints/endpoint_vanished.h"

#include "base/log.h"

static struct query note(const char *endpoint)
{
    struct query q = query_write("INSERT INTO endpoints_vanished AS v (endpoint) VALUES ($1) ON CONFLICT (endpoint)"
                                 " DO UPDATE SET count = v.count + 1, at = now()");

    query_alone(&q);
    query_add_text(&q, endpoint);
    return q;
}

void endpoint_vanished(struct pg *pg, const char *endpoint, const char *their_word)
{
    struct query q = note(endpoint);
    struct err err;

    log_write(LOG_ERROR, "endpoint_vanished", "endpoint=%s answer=%s advice=%s", endpoint, LOG_QUOTE(their_word),
              LOG_QUOTE("switch it: aisha admin endpoint ID --state gone --replacement ID"));
    if (!pg_do(pg, &q, &err))
        log_write(LOG_WARN, "endpoint_vanished_unnoted", "reason=%s", LOG_QUOTE(err.detail));
}
