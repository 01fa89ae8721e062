#include "users/token_api.h"

#include <stdio.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "local.h"
#include "users/token.h"

/* GET /api/v1/tokens */

struct list_tokens {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static struct next got_tokens(struct call *call, const PGresult *rows);

struct next token_list(struct call *call)
{
    static const struct query_field PARAMETERS[] = {PAGING_FIELDS(struct list_tokens), {0}};
    struct list_tokens *list = call_state_make(call, sizeof *list);
    struct uuid after;
    struct next refused;

    list->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, PARAMETERS, list, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, "tokens", "", list->cursor, &after, &refused))
        return refused;
    return await_rows(call, token_list_of_user(call->who.user, after, list->limit + 1), got_tokens);
}

static struct next got_tokens(struct call *call, const PGresult *rows)
{
    const struct list_tokens *list = call->state;
    int shown = rows_count(rows) > list->limit ? (int)list->limit : rows_count(rows);
    struct json_out out = reply_json_begin(call);
    struct token token = {0};

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < shown; i++) {
        token = token_from_row(rows_at(rows, i));
        json_object(&out);
        token_write(&out, &token);
        json_end_object(&out);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, "tokens", "",
                      shown < rows_count(rows) ? &token.id : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* POST /api/v1/tokens */

struct create_token {
    char name[TOKEN_NAME_ROOM];
    unsigned scopes;
    int64_t expires_in_days;
    struct token_new token;
};

static struct next got_new_token(struct call *call, const PGresult *rows);

static void read_scope(yajl_val value, unsigned *scopes, const char *field, struct faults *faults)
{
    const char *name = YAJL_GET_STRING(value);
    unsigned scope = name ? token_scope_named(text_of(name)) : 0;

    if (!name)
        (void)faults_add(faults, field, "not_a_string");
    else if (!scope)
        (void)faults_add_what(faults, field, "not_one_of", TEXT("read, write, generate, admin"));
    else if (*scopes & scope)
        (void)faults_add(faults, field, "repeated");
    *scopes |= scope;
}

static void read_scopes(yajl_val value, void *at, const char *field, struct faults *faults)
{
    char path[64];

    if (!YAJL_IS_ARRAY(value)) {
        (void)faults_add(faults, field, "not_an_array");
        return;
    }
    if (YAJL_GET_ARRAY(value)->len == 0)
        (void)faults_add(faults, field, "empty");
    for (size_t i = 0; i < YAJL_GET_ARRAY(value)->len && faults->count < FAULTS_MAX; i++) {
        (void)snprintf(path, sizeof path, "%s[%zu]", field, i);
        read_scope(YAJL_GET_ARRAY(value)->values[i], at, path, faults);
    }
}

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct create_token, name, .min = 1, .max = TOKEN_NAME_MAX),
    JSON_FIELD(JSON_CUSTOM, struct create_token, scopes, .custom = read_scopes),
    JSON_FIELD(JSON_INT64, struct create_token, expires_in_days, .min = 1, .max = TOKEN_DAYS_MAX, .optional = true),
    {0},
};

struct next token_create(struct call *call)
{
    static const struct idempotency NO_KEY;
    struct create_token *create = call_state_make(call, sizeof *create);
    struct faults faults = {0};
    struct next refused;
    struct err err;

    if (!body_no_query(call, &refused) || !body_json_faults(call, FIELDS, create, &faults, &refused))
        return refused;
    if (*create->name && text_is_blank(text_of(create->name)))
        (void)faults_add(&faults, "name", "blank");
    if (faults.count)
        return reply_faults(call, &faults);
    if (create->scopes & ~call->who.scopes) {
        (void)err_set(&err, ERR_FORBIDDEN, "scope_missing", "has %u, asks for %u", call->who.scopes, create->scopes);
        return reply_err(call, &err);
    }
    create->token = token_make(call->who.user, create->name, create->scopes, create->expires_in_days);
    return await_rows(call, token_insert(&create->token, &NO_KEY), got_new_token);
}

static struct next got_new_token(struct call *call, const PGresult *rows)
{
    const struct create_token *create = call->state;
    struct json_out out;
    struct token token = {0};
    struct err err;

    if (rows_count(rows) == 0) {
        (void)err_set(&err, ERR_CONFLICT, "limit_reached", "%d tokens", TOKENS_PER_USER);
        return reply_err(call, &err);
    }
    token = token_from_row(rows_at(rows, 0));
    out = reply_json_begin(call);
    json_object(&out);
    token_write(&out, &token);
    json_key_text(&out, "token", create->token.secret);
    json_end_object(&out);
    return reply_json(call, 201, &out);
}

/* DELETE /api/v1/tokens/{id} */

static struct next got_revoked(struct call *call, const PGresult *rows);

struct next token_delete(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, token_revoke(call->who.user, id), got_revoked);
}

static struct next got_revoked(struct call *call, const PGresult *rows)
{
    return rows_count(rows) > 0 ? reply_no_content(call) : reply_not_found(call);
}
