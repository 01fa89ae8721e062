#include "web/avatar_page.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "photos/photo.h"
#include "view/texts.h"
#include "web/avatar_view.h"
#include "web/form_faults.h"
#include "web/form_typed.h"
#include "web/photos_view.h"
#include "web/training_view.h"
#include "web/when.h"

enum { ENDPOINTS_MAX = 8 };

struct avatar_page_view {
    struct avatar_view avatar;
    struct text trouble, trouble_advice;
    const char *new_name, *name_fault;
    struct view_items faults;
    bool has_faults, is_training, was_cancelled, is_learn_open;
    struct photos_view set;
    struct view_items verdicts;
    bool has_verdicts, none_taken;
    int64_t taken, sent; /* photos of the form that was just sent */
    struct training_view training;
    struct train_view train;
    bool may_train;
    struct view_items endpoints; /* that its model runs on */
    bool has_endpoints;
};

static const struct view_field VERDICT_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct photo_verdict_view, file_name),
    VIEW_FIELD(VIEW_STRING, struct photo_verdict_view, text),
    VIEW_FIELD(VIEW_BOOL, struct photo_verdict_view, is_valid),
    VIEW_FIELD(VIEW_BOOL, struct photo_verdict_view, is_warning),
    VIEW_FIELD(VIEW_BOOL, struct photo_verdict_view, is_rejected),
    {0},
};
static const struct view_type VERDICT_TYPE = VIEW_TYPE(struct photo_verdict_view, VERDICT_FIELDS);

#define FIELD(kind, member, ...) VIEW_FIELD(kind, struct avatar_page_view, member, __VA_ARGS__)

static const struct view_field FIELDS[] = {
    FIELD(VIEW_STRUCT, avatar, .type = &avatar_view_type),
    FIELD(VIEW_TEXT, trouble, 0),
    FIELD(VIEW_TEXT, trouble_advice, 0),
    FIELD(VIEW_STRING, new_name, 0),
    FIELD(VIEW_STRING, name_fault, 0),
    FIELD(VIEW_ITEMS, faults, .type = &form_fault_type),
    FIELD(VIEW_BOOL, has_faults, 0),
    FIELD(VIEW_BOOL, is_training, 0),
    FIELD(VIEW_BOOL, was_cancelled, 0),
    FIELD(VIEW_BOOL, is_learn_open, 0),
    FIELD(VIEW_STRUCT, set, .type = &photos_view_type),
    FIELD(VIEW_ITEMS, verdicts, .type = &VERDICT_TYPE),
    FIELD(VIEW_BOOL, has_verdicts, 0),
    FIELD(VIEW_BOOL, none_taken, 0),
    FIELD(VIEW_INT64, taken, 0),
    FIELD(VIEW_INT64, sent, 0),
    FIELD(VIEW_STRUCT, training, .type = &training_view_type),
    FIELD(VIEW_STRUCT, train, .type = &train_view_type),
    FIELD(VIEW_BOOL, may_train, 0),
    FIELD(VIEW_ITEMS, endpoints, .type = &view_string_type),
    FIELD(VIEW_BOOL, has_endpoints, 0),
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct avatar_page_view, FIELDS);
const struct page avatar_page = {"avatars/one", &TYPE, PLACE_AVATARS};

static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next got_photos(struct call *call, const PGresult *rows);
static struct next got_training(struct call *call, const PGresult *rows);
static struct next got_account(struct call *call, const PGresult *rows);

struct avatar_query {
    char done[PAGE_DONE_ROOM];
};

struct next avatar_page_show(struct call *call)
{
    static const struct query_field PARAMETERS[] = {PAGE_FIELDS(struct avatar_query), {0}};
    struct avatar_query query = {0};
    struct avatar_state *state;
    struct next refused;

    if (!body_query(call, PARAMETERS, &query, &refused))
        return refused;
    state = call_state_make(call, sizeof *state);
    if (!call_param_uuid(call, 0, &state->id))
        return reply_not_found(call);
    state->is_learn_open = strncmp(query.done, "photo_", 6) == 0;
    return avatar_page_again(call, 200);
}

bool avatar_page_begin(struct call *call, struct avatar_state **ret, struct next *refused)
{
    if (!body_no_query(call, refused))
        return false;
    *ret = call_state_make(call, sizeof **ret);
    if (call_param_uuid(call, 0, &(*ret)->id))
        return true;
    *refused = reply_not_found(call);
    return false;
}

struct next avatar_page_go(struct call *call, const char *done)
{
    const struct avatar_state *state = call->state;
    char location[100];

    (void)snprintf(location, sizeof location, "/avatars/%s%s%s", state->id.text, done ? "?done=" : "",
                   done ? done : "");
    return reply_redirect(call, location);
}

struct next avatar_page_refuse(struct call *call, int status, const char *trouble)
{
    struct avatar_state *state = call->state;

    state->trouble = trouble;
    return avatar_page_again(call, status);
}

struct next avatar_page_refuse_err(struct call *call, const struct err *err)
{
    char *code;

    if (err->kind == ERR_NOT_FOUND || err->kind == ERR_FORBIDDEN || err->kind == ERR_INTERNAL)
        return reply_err(call, err);
    code = call_alloc(call, sizeof err->code);
    (void)snprintf(code, sizeof err->code, "%s", err->code);
    return avatar_page_refuse(call, err_http_status(err->kind), code);
}

struct next avatar_page_again(struct call *call, int status)
{
    struct avatar_state *state = call->state;

    state->status = status;
    return await_rows(
        call, avatar_shown_by_id(call->who.user, call->who.time_zone, when_pattern(call->lang), state->id), got_avatar);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct avatar_state *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    state->shown = rows_keep(call, rows);
    return await_rows(call, photos_of(call->who.user, state->id), got_photos);
}

static struct next got_photos(struct call *call, const PGresult *rows)
{
    struct avatar_state *state = call->state;

    state->photos = rows_keep(call, rows);
    return await_rows(call, training_latest(call->who.user, state->id), got_training);
}

static struct next got_training(struct call *call, const PGresult *rows)
{
    struct avatar_state *state = call->state;

    state->training = rows_keep(call, rows);
    return await_rows(call, account_of(call->who.user), got_account);
}

static void fill_endpoints(struct call *call, const struct avatar *avatar, struct avatar_page_view *view)
{
    const struct avatar_model model = avatar_model_of(avatar);
    const char **names = call_alloc(call, sizeof *names * ENDPOINTS_MAX);
    const struct endpoint *endpoint;
    size_t count = 0;

    for (int i = 0; count < ENDPOINTS_MAX && (endpoint = catalog_endpoint_at(local_of(call)->catalog, i)); i++)
        if (catalog_endpoint_fits(endpoint, &model))
            names[count++] = endpoint->id;
    view->endpoints = (struct view_items){names, count};
    view->has_endpoints = view->avatar.has_model && count > 0;
}

/* "What it is|What to do", for people on this page; otherwise what programs are told as well. One that learns is at
   work as well: what to do is another thing. */
static void fill_trouble(struct call *call, const char *code, struct avatar_page_view *view)
{
    char key[100];

    if (view->is_training && strcmp(code, "avatar_in_use") == 0)
        code = "avatar_training";
    (void)snprintf(key, sizeof key, "training.trouble_%s", code);
    if (!texts_has(local_of(call)->texts, key)) {
        view->trouble = message_parts(code, call->lang, &view->trouble_advice);
        return;
    }
    view->trouble_advice = text_of(page_text(call, key));
    view->trouble = text_cut(&view->trouble_advice, '|');
}

static void fill_forms(struct call *call, struct avatar_page_view *view)
{
    const struct avatar_state *state = call->state;
    const struct photo_verdict_view *verdicts = state->verdicts.at;

    view->new_name = state->was_renamed ? form_typed(call, "name") : view->avatar.name;
    view->faults = form_faults_of(call, &state->faults, "avatars");
    view->has_faults = view->faults.count > 0;
    view->name_fault = form_fault_at(view->faults, "name");
    view->verdicts = state->verdicts;
    view->sent = (int64_t)state->verdicts.count;
    for (size_t i = 0; i < state->verdicts.count; i++)
        view->taken += !verdicts[i].is_rejected;
    view->has_verdicts = view->sent > 0;
    view->none_taken = view->taken == 0;
    view->is_learn_open = state->is_learn_open || view->has_verdicts;
    if (state->trouble)
        fill_trouble(call, state->trouble, view);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    const struct avatar_state *state = call->state;
    const struct account account = account_from_rows(rows, local_of(call)->config->default_quota);
    struct avatar_page_view *view = call_alloc(call, sizeof *view);
    struct avatar_shown shown = avatar_shown_from_row(rows_at(state->shown, 0));
    struct training training = {0};

    memset(view, 0, sizeof *view);
    view->avatar = avatar_view_of(call, &shown);
    view->is_training = view->avatar.is_training;
    view->set = photos_view_of(call, &shown.avatar, state->photos);
    if (rows_count(state->training))
        training = training_from_row(rows_at(state->training, 0));
    view->was_cancelled = !view->is_training && strcmp(training.status, "cancelled") == 0;
    view->training = training_view_of(call, &training);
    view->train = train_view_of(call, &shown.avatar, &account, state->preset);
    view->may_train = view->set.is_ready && !view->train.is_short;
    fill_forms(call, view);
    fill_endpoints(call, &shown.avatar, view);
    return page_reply(call, state->status, &avatar_page, view);
}
