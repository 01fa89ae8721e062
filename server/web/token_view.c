#include "web/token_view.h"

#include "web/choice.h"
#include "web/page.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct token_view, id),
    VIEW_FIELD(VIEW_TEXT, struct token_view, name),
    VIEW_FIELD(VIEW_BOOL, struct token_view, can_read),
    VIEW_FIELD(VIEW_BOOL, struct token_view, can_write),
    VIEW_FIELD(VIEW_BOOL, struct token_view, can_generate),
    VIEW_FIELD(VIEW_BOOL, struct token_view, can_admin),
    VIEW_FIELD(VIEW_TEXT, struct token_view, created),
    VIEW_FIELD(VIEW_TEXT, struct token_view, used),
    VIEW_FIELD(VIEW_TEXT, struct token_view, expires),
    VIEW_FIELD(VIEW_BOOL, struct token_view, is_expired),
    {0},
};
const struct view_type token_view_type = VIEW_TYPE(struct token_view, FIELDS);

static struct text piece_or_null(struct row *row)
{
    if (!row_is_null(row))
        return row_piece(row);
    row_skip(row);
    return (struct text){NULL, 0};
}

static struct token_view view_of(struct row row)
{
    struct token_view view;
    unsigned scopes;

    view.created = row_piece(&row);
    view.used = piece_or_null(&row);
    view.expires = piece_or_null(&row);
    view.is_expired = row_bool(&row);
    view.id = row_piece(&row);
    view.name = row_piece(&row);
    scopes = (unsigned)row_int64(&row);
    view.can_read = scopes & SCOPE_READ;
    view.can_write = scopes & SCOPE_WRITE;
    view.can_generate = scopes & SCOPE_GENERATE;
    view.can_admin = scopes & SCOPE_ADMIN;
    return view;
}

struct view_items token_views_of(struct call *call, const PGresult *rows)
{
    size_t count = (size_t)rows_count(rows);
    struct token_view *views = call_alloc(call, sizeof *views * (count + 1));

    for (size_t i = 0; i < count; i++)
        views[i] = view_of(rows_at(rows, (int)i));
    return (struct view_items){views, count};
}

unsigned token_form_scopes(const struct token_form *form)
{
    return (form->scope_read ? (unsigned)SCOPE_READ : 0) | (form->scope_write ? (unsigned)SCOPE_WRITE : 0) |
           (form->scope_generate ? (unsigned)SCOPE_GENERATE : 0) | (form->scope_admin ? (unsigned)SCOPE_ADMIN : 0);
}

struct view_items token_form_days(struct call *call, const struct token_form *form)
{
    static const struct {
        int64_t days;
        const char *value, *key;
    } DAYS[] = {{30, "30", "settings.days_30"},
                {90, "90", "settings.days_90"},
                {365, "365", "settings.days_365"},
                {0, "0", "settings.days_0"}};
    enum { COUNT = sizeof DAYS / sizeof *DAYS };
    struct choice *choices = call_alloc(call, sizeof *choices * COUNT);

    for (int i = 0; i < COUNT; i++)
        choices[i] = (struct choice){
            .value = DAYS[i].value, .title = page_text(call, DAYS[i].key), .is_chosen = DAYS[i].days == form->days};
    return (struct view_items){choices, COUNT};
}
