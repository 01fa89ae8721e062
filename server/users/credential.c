#include "users/credential.h"

struct query credentials_dead(const char *ids)
{
    struct query q = query_read("SELECT coalesce(string_agg(c.id::text, ','), '') FROM unnest($1::uuid[]) AS c (id)"
                                " WHERE NOT EXISTS (SELECT FROM api_tokens t WHERE t.id = c.id AND t.revoked_at IS NULL"
                                " AND (t.expires_at IS NULL OR t.expires_at > now()))"
                                " AND NOT EXISTS (SELECT FROM sessions s WHERE s.id = c.id AND s.expires_at > now())");

    query_add_text(&q, ids);
    return q;
}
