#include "web/settings_forms.h"

#include <stddef.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/web_session.h"
#include "web/form.h"
#include "web/settings_page.h"

/* POST /settings: all settings at once */

static struct next got_time_zone(struct call *call, const PGresult *rows);
static struct next save(struct call *call);
static struct next saved(struct call *call, const PGresult *rows);

#define SETTING(member, most)                                                                                          \
    QUERY_FIELD(QUERY_TEXT, struct me_change, member, .max = most, .present = offsetof(struct me_change, has_##member))

static const struct query_field SETTINGS[] = {
    SETTING(name, USER_NAME_MAX),
    SETTING(locale, (int)sizeof((struct me_change *)0)->locale - 1),
    SETTING(time_zone, USER_TIME_ZONE_ROOM - 1),
    SETTING(default_preset, USER_PRESET_ROOM - 1),
    SETTING(theme, USER_THEME_ROOM - 1),
    {0},
};

/* A form sends every field, and none of them is empty. */
static void want_all(const struct me_change *change, struct faults *faults)
{
    for (const struct query_field *f = SETTINGS; f->name; f++)
        if (!*((const char *)change + f->offset) && !faults_have(faults, f->name))
            (void)faults_add(faults, f->name, "required");
}

struct next settings_forms_save(struct call *call)
{
    struct settings_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused) || !form_read(call, SETTINGS, &state->change, &state->faults, &refused))
        return refused;
    state->was_sent = true;
    want_all(&state->change, &state->faults);
    me_change_check(&state->change, local_of(call)->catalog, &state->faults);
    if (*state->change.time_zone)
        return await_rows(call, user_time_zone(state->change.time_zone), got_time_zone);
    return save(call);
}

static struct next got_time_zone(struct call *call, const PGresult *rows)
{
    struct settings_state *state = call->state;

    if (rows_count(rows) == 0)
        me_change_zone_unknown(&state->faults);
    return save(call);
}

static struct next save(struct call *call)
{
    const struct settings_state *state = call->state;
    struct user_change change = me_change_for_user(&state->change);

    if (state->faults.count)
        return settings_page_again(call, 422);
    return await_rows(call, user_update(call->who.user, &change), saved);
}

static struct next saved(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_redirect(call, "/settings?done=saved") : reply_not_found(call);
}

/* POST /settings/sessions/end */

static struct next ended(struct call *call, const PGresult *rows);

struct next settings_forms_end_sessions(struct call *call)
{
    struct next refused;
    struct err err;

    if (call->who.kind != WHO_SESSION) {
        (void)err_set(&err, ERR_UNAUTHENTICATED, "unauthenticated", "no session that would stay");
        return reply_err(call, &err);
    }
    if (!body_no_query(call, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, web_session_delete_others(call->who.user, call->who.credential), ended);
}

static struct next ended(struct call *call, const PGresult *rows)
{
    (void)rows; /* there may have been none */
    return reply_redirect(call, "/settings?done=sessions_ended");
}
