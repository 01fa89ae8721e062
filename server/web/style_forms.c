#include "web/style_forms.h"

#include <stdio.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/own_style.h"
#include "styles/styles.h"
#include "users/caches.h"
#include "web/form.h"

/* POST /styles/{id}/favorite */

enum { BACK_MAX = 2000 }; /* bytes; words that were searched for are percent-encoded in it */

struct favorite_form {
    bool favorite, has_favorite;
    char back[BACK_MAX + 1]; /* where the button was */
    char id[STYLE_ID_ROOM];
};

static const struct query_field FAVORITE_FIELDS[] = {
    QUERY_FIELD(QUERY_BOOL, struct favorite_form, favorite, .present = offsetof(struct favorite_form, has_favorite)),
    QUERY_FIELD(QUERY_TEXT, struct favorite_form, back, .max = BACK_MAX),
    {0},
};

/* Of a page that has such buttons, and never of another site: what stands before the query is known. */
static bool is_way_back(struct text back)
{
    struct text path = back;

    for (size_t i = 0; i < back.len; i++)
        if ((unsigned char)back.at[i] <= ' ' || (unsigned char)back.at[i] > '~')
            return false;
    path = text_cut(&path, '?');
    return text_equal(path, TEXT("/create")) || text_equal(path, TEXT("/styles"));
}

static struct next added_own(struct call *call, const PGresult *rows);
static struct next changed(struct call *call, const PGresult *rows);

/* A style that was deleted may stay among the favourites, and must be able to leave them. */
struct next style_forms_favorite(struct call *call)
{
    struct favorite_form *form = call_state_make(call, sizeof *form);
    struct faults faults = {0};
    struct next refused;
    struct uuid own;
    bool shipped;

    if (!text_copy(form->id, sizeof form->id, call->params[0]))
        return reply_not_found(call);
    shipped = styles_find(local_of(call)->styles, form->id) != NULL;
    if (!shipped && !call_param_uuid(call, 0, &own))
        return reply_not_found(call);
    if (!body_no_query(call, &refused) || !form_read(call, FAVORITE_FIELDS, form, &faults, &refused))
        return refused;
    if (!faults.count && !form->has_favorite)
        (void)faults_add(&faults, "favorite", "required");
    if (faults.count)
        return reply_faults(call, &faults);
    if (!form->favorite)
        return await_rows(call, style_favorite_remove(call->who.user, form->id), changed);
    return await_rows(call, style_favorite_add(call->who.user, form->id, !shipped), shipped ? changed : added_own);
}

static struct next added_own(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? changed(call, rows) : reply_not_found(call);
}

static struct next changed(struct call *call, const PGresult *rows)
{
    const struct favorite_form *form = call->state;
    struct text back = text_of(form->back);
    char location[sizeof form->id + 16];

    (void)rows;
    caches_taste_changed(call);
    if (is_way_back(back))
        return reply_redirect(call, form->back);
    (void)snprintf(location, sizeof location, "/styles/%s", form->id);
    return reply_redirect(call, location);
}

/* POST /styles/{id}/delete */

static struct next deleted(struct call *call, const PGresult *rows);

struct next style_forms_delete(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, own_style_delete(call->who.user, id), deleted);
}

static struct next deleted(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return reply_not_found(call);
    caches_taste_changed(call);
    return reply_redirect(call, "/styles?category=" STYLES_OWN_CATEGORY "&done=style_deleted");
}
