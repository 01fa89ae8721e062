#include "web/image_forms.h"

#include <stdio.h>

#include "gallery/image.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "users/next_path.h"
#include "web/form.h"
#include "web/image_page.h"
#include "web/image_view.h"

enum { LOCATION_ROOM = NEXT_PATH_MAX + 100 };

/* POST /images/{id}/favorite */

struct favorite_form {
    bool favorite, has_favorite;
    char back[NEXT_PATH_MAX + 1]; /* where the button was */
    struct uuid id;
};

static const struct query_field FAVORITE_FIELDS[] = {
    QUERY_FIELD(QUERY_BOOL, struct favorite_form, favorite, .present = offsetof(struct favorite_form, has_favorite)),
    QUERY_FIELD(QUERY_TEXT, struct favorite_form, back, .max = NEXT_PATH_MAX),
    {0},
};

static struct next favorite_changed(struct call *call, const PGresult *rows);

struct next image_forms_favorite(struct call *call)
{
    struct favorite_form *form = call_state_make(call, sizeof *form);
    struct image_change change = {.is_favorite = &form->favorite};
    struct faults faults = {0};
    struct next refused;

    if (!body_only_id(call, &form->id, &refused) || !form_read(call, FAVORITE_FIELDS, form, &faults, &refused))
        return refused;
    if (!faults.count && !form->has_favorite)
        (void)faults_add(&faults, "favorite", "required");
    if (faults.count)
        return reply_faults(call, &faults);
    return await_rows(call, image_update(call->who.user, form->id, &change), favorite_changed);
}

static struct next favorite_changed(struct call *call, const PGresult *rows)
{
    const struct favorite_form *form = call->state;
    char location[LOCATION_ROOM];
    struct text back = text_of(form->back), path = back;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    path = text_cut(&path, '?');
    if (!back.len || !next_path_is_safe(back))
        (void)snprintf(location, sizeof location, "/images/%s", form->id.text);
    else if (text_equal(path, TEXT("/images"))) /* to the same tile */
        (void)snprintf(location, sizeof location, "%s#i-%s", form->back, form->id.text);
    else
        (void)snprintf(location, sizeof location, "%s", form->back);
    return reply_redirect(call, location);
}

/* POST /images/{id}/rename */

struct rename_form {
    char custom_name[IMAGE_NAME_TYPED_ROOM];
    bool favorite; /* the page walks through favourites */
    struct uuid id;
    struct faults faults;
};

static const struct query_field RENAME_FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct rename_form, custom_name, .max = IMAGE_NAME_TYPED_ROOM - 1),
    QUERY_FIELD(QUERY_BOOL, struct rename_form, favorite, .present = 0),
    {0},
};

static struct next renamed(struct call *call, const PGresult *rows);
static struct next got_unrenamed(struct call *call, const PGresult *rows);

/* A name of nothing but spaces is none. */
static void check_name(struct rename_form *form)
{
    if (text_is_blank(text_of(form->custom_name)))
        form->custom_name[0] = '\0';
    if (text_code_points(text_of(form->custom_name)) > IMAGE_NAME_MAX)
        (void)faults_add_range(&form->faults, "custom_name", "too_long", 1, IMAGE_NAME_MAX);
}

struct next image_forms_rename(struct call *call)
{
    struct rename_form *form = call_state_make(call, sizeof *form);
    struct image_change change = {.renames = true};
    struct next refused;

    if (!body_only_id(call, &form->id, &refused) || !form_read(call, RENAME_FIELDS, form, &form->faults, &refused))
        return refused;
    check_name(form);
    if (form->faults.count)
        return await_rows(call, image_detail_by_id(call->who.user, form->id, form->favorite, call->who.time_zone),
                          got_unrenamed);
    change.custom_name = *form->custom_name ? form->custom_name : NULL;
    return await_rows(call, image_update(call->who.user, form->id, &change), renamed);
}

static struct next got_unrenamed(struct call *call, const PGresult *rows)
{
    const struct rename_form *form = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    return image_page_reply_typed(call, rows_at(rows, 0),
                                  &(struct image_page_typed){.custom_name = form->custom_name,
                                                             .faults = &form->faults,
                                                             .favorites = form->favorite});
}

/* To the page of the picture, which says what has been done. */
static struct next reply_to_image(struct call *call, const struct uuid *id, bool favorites, const char *done)
{
    char location[LOCATION_ROOM];

    (void)snprintf(location, sizeof location, "/images/%s?%sdone=%s", id->text, favorites ? "favorite=true&" : "",
                   done);
    return reply_redirect(call, location);
}

static struct next renamed(struct call *call, const PGresult *rows)
{
    const struct rename_form *form = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    return reply_to_image(call, &form->id, form->favorite, "renamed");
}

/* POST /images/{id}/delete */

struct delete_form {
    bool favorite;
    struct uuid id;
};

static const struct query_field DELETE_FIELDS[] = {
    QUERY_FIELD(QUERY_BOOL, struct delete_form, favorite, .present = 0),
    {0},
};

static struct next deleted(struct call *call, const PGresult *rows);
static struct next got_deleted_before(struct call *call, const PGresult *rows);

struct next image_forms_delete(struct call *call)
{
    struct delete_form *form = call_state_make(call, sizeof *form);
    struct faults faults = {0};
    struct next refused;

    if (!body_only_id(call, &form->id, &refused) || !form_read(call, DELETE_FIELDS, form, &faults, &refused))
        return refused;
    if (faults.count)
        return reply_faults(call, &faults);
    return await_rows(call, image_delete(call->who.user, form->id), deleted);
}

/* To its place in the gallery, where the next one stands now. */
static struct next reply_to_place(struct call *call, const struct delete_form *form)
{
    char location[LOCATION_ROOM];

    (void)snprintf(location, sizeof location, "/images?%sfrom=%s&undo=%s&done=deleted",
                   form->favorite ? "favorite=true&" : "", form->id.text, form->id.text);
    return reply_redirect(call, location);
}

/* A button that was pressed twice has done its work the first time. */
static struct next deleted(struct call *call, const PGresult *rows)
{
    const struct delete_form *form = call->state;

    if (rows_count(rows) == 0)
        return await_rows(call, image_detail_deleted(call->who.user, form->id), got_deleted_before);
    return reply_to_place(call, form);
}

static struct next got_deleted_before(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_to_place(call, call->state) : reply_not_found(call);
}

/* POST /images/{id}/restore */

static struct next restored(struct call *call, const PGresult *rows);

struct next image_forms_restore(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, image_restore(call->who.user, id), restored);
}

static struct next restored(struct call *call, const PGresult *rows)
{
    struct uuid id;

    (void)call_param_uuid(call, 0, &id);
    return rows_count(rows) ? reply_to_image(call, &id, false, "restored") : reply_not_found(call);
}
