#include "web/ledger_view.h"

#include <string.h>

#include "users/ledger_line.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct ledger_view, when),         VIEW_FIELD(VIEW_BOOL, struct ledger_view, is_first),
    VIEW_FIELD(VIEW_BOOL, struct ledger_view, is_grant),     VIEW_FIELD(VIEW_BOOL, struct ledger_view, is_reserve),
    VIEW_FIELD(VIEW_BOOL, struct ledger_view, is_settle),    VIEW_FIELD(VIEW_BOOL, struct ledger_view, is_release),
    VIEW_FIELD(VIEW_INT64, struct ledger_view, amount),      VIEW_FIELD(VIEW_INT64, struct ledger_view, returned),
    VIEW_FIELD(VIEW_BOOL, struct ledger_view, has_returned), VIEW_FIELD(VIEW_STRING, struct ledger_view, generation),
    VIEW_FIELD(VIEW_STRING, struct ledger_view, avatar),     VIEW_FIELD(VIEW_STRING, struct ledger_view, what),
    VIEW_FIELD(VIEW_STRING, struct ledger_view, reason),     {0},
};
const struct view_type ledger_view_type = VIEW_TYPE(struct ledger_view, FIELDS);

/* The first grant's reason is a word of the database's own (account_open). */
static struct ledger_view view_of(struct call *call, struct row row)
{
    const struct ledger_line line = ledger_line_from_row(row);
    bool is_grant = strcmp(line.kind, "grant") == 0;
    bool is_first = is_grant && line.reason && strcmp(line.reason, "first") == 0;
    struct uuid *ids = call_alloc(call, 2 * sizeof *ids);

    ids[0] = line.generation;
    ids[1] = line.avatar;
    return (struct ledger_view){.when = line.when,
                                .is_first = is_first,
                                .is_grant = is_grant && !is_first,
                                .is_reserve = strcmp(line.kind, "reserve") == 0,
                                .is_settle = strcmp(line.kind, "settle") == 0,
                                .is_release = strcmp(line.kind, "release") == 0,
                                .amount = line.amount,
                                .returned = line.returned,
                                .has_returned = line.returned > 0,
                                .generation = ids[0].text,
                                .avatar = ids[1].text,
                                .what = line.what,
                                .reason = is_first ? NULL : line.reason};
}

struct view_items ledger_views_of(struct call *call, const PGresult *rows)
{
    size_t count = (size_t)rows_count(rows);
    struct ledger_view *views = call_alloc(call, sizeof *views * (count + 1));

    for (size_t i = 0; i < count; i++)
        views[i] = view_of(call, rows_at(rows, (int)i));
    return (struct view_items){views, count};
}
