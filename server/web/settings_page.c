#include "web/settings_page.h"

#include "http/await_cached.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/caches.h"
#include "users/ledger_line.h"
#include "users/web_session.h"
#include "web/form_typed.h"
#include "web/settings_view.h"
#include "web/when.h"

const struct page settings_page = {"settings/index", &settings_view_type, PLACE_SETTINGS};

static struct next got_user(struct call *call, const PGresult *rows);
static struct next got_account(struct call *call, const PGresult *rows);
static struct next got_tally(struct call *call, const PGresult *rows);
static struct next got_ledger(struct call *call, const PGresult *rows);
static struct next got_tokens(struct call *call, const PGresult *rows);
static struct next got_sessions(struct call *call, const PGresult *rows);
static struct next got_zones(struct call *call, const PGresult *rows);

struct settings_query {
    char done[PAGE_DONE_ROOM];
};

struct next settings_page_show(struct call *call)
{
    static const struct query_field PARAMETERS[] = {PAGE_FIELDS(struct settings_query), {0}};
    struct settings_query query = {0};
    struct next refused;

    if (!body_query(call, PARAMETERS, &query, &refused))
        return refused;
    (void)call_state_make(call, sizeof(struct settings_state));
    return settings_page_again(call, 200);
}

struct next settings_page_again(struct call *call, int status)
{
    struct settings_state *state = call->state;

    state->status = status;
    return await_rows(call, user_by_id(call->who.user), got_user);
}

static void keep_own(struct call *call, struct settings_state *state, const struct user *user)
{
    char *name = call_alloc(call, sizeof user->name);

    (void)text_copy(name, sizeof user->name, text_of(user->name));
    (void)text_copy(state->change.locale, sizeof state->change.locale, text_of(user->locale));
    (void)text_copy(state->change.time_zone, sizeof state->change.time_zone, text_of(user->time_zone));
    (void)text_copy(state->change.theme, sizeof state->change.theme, text_of(user->theme));
    (void)text_copy(state->change.default_preset, sizeof state->change.default_preset, text_of(user->default_preset));
    state->name = name;
}

static struct next got_user(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;
    struct user user;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    user = user_from_row(rows_at(rows, 0));
    if (state->was_sent)
        state->name = form_typed(call, "name");
    else
        keep_own(call, state, &user);
    return await_rows(call, account_of(call->who.user), got_account);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    struct cached cached = cached_stats(call, call->who.time_zone);

    state->account = account_from_rows(rows, local_of(call)->config->default_quota);
    return await_rows_cached(call, &cached, tally_of(call->who.user, call->who.time_zone), got_tally);
}

static struct next got_tally(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    state->tally = tally_summary_of(rows);
    return await_rows(call, ledger_lines(call->who.user, call->who.time_zone, when_pattern(call->lang)), got_ledger);
}

static struct next got_ledger(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    state->ledger = rows_keep(call, rows);
    return await_rows(call, token_list_for_page(call->who.user, call->who.time_zone, when_pattern(call->lang)),
                      got_tokens);
}

static struct next got_tokens(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    state->tokens = rows_keep(call, rows);
    return await_rows(call, web_sessions_for_page(call->who.user, call->who.time_zone, when_pattern(call->lang)),
                      got_sessions);
}

static struct next got_sessions(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    state->sessions = rows_keep(call, rows);
    return await_rows(call, user_time_zones(), got_zones);
}

static struct next got_zones(struct call *call, const PGresult *rows)
{
    const struct settings_state *state = call->state;

    return page_reply(call, state->status, &settings_page, settings_view_make(call, state, rows));
}
