#include "users/idempotency.h"

#include <string.h>

#include "base/buf.h"
#include "http/reply.h"

static struct text unquoted(struct text value)
{
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
        return (struct text){value.at + 1, value.len - 2};
    return value;
}

static bool is_visible(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (t.at[i] < 0x21 || t.at[i] > 0x7e)
            return false;
    return t.len > 0;
}

/* NUL bytes keep them apart: neither a method nor a path has one. */
static void take_fingerprint(const struct call *call, struct text body, unsigned char ret[SHA256_BYTES])
{
    CLEANUP(buf_done) struct buf all = buf_make(body.len + 512);

    (void)buf_add(&all, call->route->method, strlen(call->route->method) + 1);
    (void)buf_add(&all, call->route->path, strlen(call->route->path) + 1);
    for (int i = 0; i < ROUTE_MAX_PARAMS && call->params[i].len; i++) {
        (void)buf_add(&all, call->params[i].at, call->params[i].len);
        (void)buf_add(&all, "", 1);
    }
    (void)buf_add(&all, body.at, body.len);
    crypto_sha256((struct text){all.bytes, all.len}, ret);
}

bool idempotency_read(struct call *call, struct idempotency *ret, struct next *refused)
{
    struct text value;
    struct err err;

    *ret = (struct idempotency){.given = call_has_header(call, "idempotency-key")};
    if (!ret->given)
        return true;
    value = unquoted(text_trim(call_header(call, "idempotency-key")));
    if (is_visible(value) && text_copy(ret->key, sizeof ret->key, value)) {
        take_fingerprint(call, call_body(call), ret->fingerprint);
        return true;
    }
    (void)err_set(&err, ERR_BAD_REQUEST, "idempotency_key_invalid", "%zu bytes", value.len);
    *refused = reply_err(call, &err);
    return false;
}

bool idempotency_from_form(const struct call *call, const char *key, struct idempotency *ret)
{
    struct text rest = call_body(call);
    CLEANUP(buf_done) struct buf fields = buf_make(rest.len + 1);

    *ret = (struct idempotency){.given = true};
    if (!is_visible(text_of(key)) || !text_copy(ret->key, sizeof ret->key, text_of(key)))
        return false;
    while (rest.at) {
        struct text pair = text_cut(&rest, '&');
        if (text_starts(pair, TEXT("csrf_token=")))
            continue;
        (void)buf_add(&fields, pair.at, pair.len);
        (void)buf_add(&fields, "&", rest.at ? 1 : 0);
    }
    take_fingerprint(call, (struct text){fields.bytes, fields.len}, ret->fingerprint);
    return true;
}

void idempotency_add(struct query *q, const struct idempotency *key)
{
    if (key->given) {
        query_add_text(q, key->key);
        query_add_bytes(q, key->fingerprint, sizeof key->fingerprint);
    } else {
        query_add_null(q);
        query_add_null(q);
    }
}

struct query idempotency_find(struct uuid user, const struct idempotency *key)
{
    struct query q =
        query_read("SELECT fingerprint, ref, response FROM idempotency_keys WHERE user_id = $1 AND key = $2");

    query_add_uuid(&q, user);
    query_add_text(&q, key->key);
    return q;
}

struct query idempotency_store(struct uuid user, const struct idempotency *key, const char *response)
{
    struct query q = query_write("UPDATE idempotency_keys SET response = $3"
                                 " WHERE user_id = $1 AND key = $2 AND response IS NULL");

    query_add_uuid(&q, user);
    query_add_text(&q, key->key);
    query_add_text(&q, response);
    return q;
}

enum idempotency_use idempotency_match(const PGresult *rows, const struct idempotency *key,
                                       struct idempotency_kept *ret)
{
    unsigned char fingerprint[SHA256_BYTES];
    struct row row;

    if (rows_count(rows) == 0)
        return IDEMPOTENCY_NEW;
    row = rows_at(rows, 0);
    if (row_bytes(&row, fingerprint, sizeof fingerprint) != sizeof fingerprint ||
        memcmp(fingerprint, key->fingerprint, sizeof fingerprint) != 0)
        return IDEMPOTENCY_REUSED;
    ret->ref = row_uuid(&row);
    ret->response = (struct text){NULL, 0};
    if (!row_is_null(&row))
        ret->response = row_piece(&row);
    return IDEMPOTENCY_REPLAY;
}

void idempotency_mark_replayed(struct call *call) { reply_header(call, "idempotent-replayed", "true"); }

struct next idempotency_refuse_reuse(struct call *call)
{
    struct err err;

    (void)err_set(&err, ERR_INVALID, "idempotency_key_reused", "another request");
    return reply_err(call, &err);
}
