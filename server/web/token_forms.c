#include "web/token_forms.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "web/form.h"
#include "web/settings_page.h"

struct token_made {
    const char *name, *secret;
};

static const struct view_field MADE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct token_made, name),
    VIEW_FIELD(VIEW_STRING, struct token_made, secret),
    {0},
};
static const struct view_type MADE_TYPE = VIEW_TYPE(struct token_made, MADE_FIELDS);
const struct page token_made_page = {"settings/token", &MADE_TYPE, PLACE_SETTINGS};

/* POST /settings/tokens. The answer to the form itself shows the secret, so that it is in no address; and nothing keeps
   the page, so that it is in no history. A reload sends the same key again, which makes nothing and shows nothing. */

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next create(struct call *call);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct token_form, token_name, .max = TOKEN_NAME_MAX),
    QUERY_FIELD(QUERY_BOOL, struct token_form, scope_read),
    QUERY_FIELD(QUERY_BOOL, struct token_form, scope_write),
    QUERY_FIELD(QUERY_BOOL, struct token_form, scope_generate),
    QUERY_FIELD(QUERY_BOOL, struct token_form, scope_admin),
    QUERY_FIELD(QUERY_INT64, struct token_form, days, .min = 0, .max = TOKEN_DAYS_MAX),
    QUERY_FIELD(QUERY_TEXT, struct token_form, key, .max = (int)sizeof((struct token_form *)0)->key - 1),
    {0},
};

static void check(struct call *call, struct settings_state *state)
{
    const struct token_form *form = &state->token;

    if (!state->token_faults.count && text_is_blank(text_of(form->token_name)))
        (void)faults_add(&state->token_faults, "token_name", "required");
    if (!token_form_scopes(form))
        (void)faults_add(&state->token_faults, "scopes", "required");
    else if (token_form_scopes(form) & ~call->who.scopes)
        (void)faults_add(&state->token_faults, "scopes", "not_one_of");
    if (!idempotency_from_form(call, form->key, &state->key))
        (void)faults_add(&state->token_faults, "key", "required");
}

struct next token_forms_create(struct call *call)
{
    struct settings_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused) || !form_read(call, FIELDS, &state->token, &state->token_faults, &refused))
        return refused;
    state->token_was_sent = true;
    check(call, state);
    if (state->token_faults.count)
        return settings_page_again(call, 422);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
}

static struct next was_used(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REPLAY)
        return reply_redirect(call, "/settings?done=token_shown#tokens");
    state->trouble = "idempotency_key_reused";
    return settings_page_again(call, 422);
}

static struct next looked_up(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? was_used(call, rows) : create(call);
}

static struct next create(struct call *call)
{
    struct settings_state *state = call->state;

    state->made =
        token_make(call->who.user, state->token.token_name, token_form_scopes(&state->token), state->token.days);
    return await_rows(call, token_insert(&state->made, &state->key), created);
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct settings_state *state = call->state;
    const struct token_made made = {state->made.name, state->made.secret};

    if (rows_count(rows) == 0)
        return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
    reply_header(call, "cache-control", "private, no-store");
    return page_reply(call, 200, &token_made_page, &made);
}

/* A second click at the same moment, or too many tokens. */
static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    if (rows_count(rows))
        return was_used(call, rows);
    state->trouble = "limit_reached";
    return settings_page_again(call, 409);
}

/* POST /settings/tokens/{id}/revoke */

static struct next revoked(struct call *call, const PGresult *rows);

struct next token_forms_revoke(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, token_revoke(call->who.user, id), revoked);
}

/* None: it was revoked by another click. */
static struct next revoked(struct call *call, const PGresult *rows)
{
    return reply_redirect(call, rows_count(rows) ? "/settings?done=token_revoked#tokens"
                                                 : "/settings?done=token_gone#tokens");
}
