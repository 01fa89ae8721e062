#include "web/session_view.h"

#include <string.h>

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct session_view, created),
    VIEW_FIELD(VIEW_TEXT, struct session_view, seen),
    VIEW_FIELD(VIEW_BOOL, struct session_view, is_this),
    {0},
};
const struct view_type session_view_type = VIEW_TYPE(struct session_view, FIELDS);

struct view_items session_views_of(struct call *call, const PGresult *rows)
{
    size_t count = (size_t)rows_count(rows);
    struct session_view *views = call_alloc(call, sizeof *views * (count + 1));

    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(rows, (int)i);
        struct uuid id = row_uuid(&row);
        views[i].is_this = strcmp(id.text, call->who.credential.text) == 0;
        views[i].created = row_piece(&row);
        views[i].seen = row_piece(&row);
    }
    return (struct view_items){views, count};
}
