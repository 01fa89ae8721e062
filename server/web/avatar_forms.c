#include "web/avatar_forms.h"

#include "avatars/avatar_change.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "web/avatar_page.h"
#include "web/form.h"

/* No row came of a change: there is no such avatar, or the state it is in does not allow it. */
static struct next refuse(struct call *call, const char *trouble) { return avatar_page_refuse(call, 409, trouble); }

/* POST /avatars/{id}/rename */

static struct next renamed(struct call *call, const PGresult *rows);

struct next avatar_forms_rename(struct call *call)
{
    static const struct query_field FIELDS[] = {
        QUERY_FIELD(QUERY_TEXT, struct avatar_change, name, .max = AVATAR_NAME_MAX), {0}};
    struct avatar_change change = {.has_name = true};
    struct avatar_state *state;
    struct next refused;

    if (!avatar_page_begin(call, &state, &refused) || !form_read(call, FIELDS, &change, &state->faults, &refused))
        return refused;
    if (!state->faults.count && !*change.name)
        (void)faults_add(&state->faults, "name", "required");
    avatar_change_check(&change, &state->faults);
    if (!state->faults.count)
        return await_rows(call, avatar_change_update(call->who.user, state->id, &change), renamed);
    state->was_renamed = true;
    return avatar_page_again(call, 422);
}

static struct next renamed(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? avatar_page_go(call, "avatar_renamed") : reply_not_found(call);
}

/* POST /avatars/{id}/main */

static struct next made_main(struct call *call, const PGresult *rows);

struct next avatar_forms_main(struct call *call)
{
    struct avatar_change change = {.has_is_main = true, .is_main = true};
    struct avatar_state *state;
    struct next refused;

    if (!avatar_page_begin(call, &state, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, avatar_change_update(call->who.user, state->id, &change), made_main);
}

static struct next made_main(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? avatar_page_go(call, "avatar_main") : refuse(call, "avatar_not_ready");
}

/* POST /avatars/{id}/delete */

static struct next deleted(struct call *call, const PGresult *rows);

struct next avatar_forms_delete(struct call *call)
{
    struct avatar_state *state;
    struct next refused;

    if (!avatar_page_begin(call, &state, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, avatar_change_delete(call->who.user, state->id), deleted);
}

static struct next deleted(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_redirect(call, "/avatars?done=avatar_deleted") : refuse(call, "avatar_in_use");
}
