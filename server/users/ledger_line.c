#include "users/ledger_line.h"

#include <assert.h>

struct query ledger_lines(struct uuid user, const char *time_zone, const char *pattern)
{
    static_assert(LEDGER_LINES == 20, "as the statement has it");
    struct query q = query_read(
        "SELECT to_char(l.at AT TIME ZONE $2, $3), l.kind, l.reason, l.amount, CASE l.kind WHEN 'settle' THEN"
        " (SELECT r.amount FROM ledger r WHERE r.generation_id = l.generation_id AND r.kind = 'reserve') - l.amount "
        "END,"
        " l.generation_id, COALESCE((SELECT left(g.prompt, 100) FROM generations g WHERE g.id = l.generation_id),"
        " a.name), a.id FROM ledger l LEFT JOIN trainings t ON t.id = l.training_id LEFT JOIN avatars a ON a.id = "
        "t.avatar_id"
        " WHERE l.user_id = $1 ORDER BY l.id DESC LIMIT 20");

    query_add_uuid(&q, user);
    query_add_text(&q, time_zone);
    query_add_text(&q, pattern);
    return q;
}

struct ledger_line ledger_line_from_row(struct row row)
{
    struct ledger_line line;

    line.when = row_piece(&row);
    line.kind = row_text(&row);
    line.reason = row_text_or_null(&row);
    line.amount = row_int64(&row);
    line.returned = row_int64(&row);
    line.generation = row_uuid(&row);
    line.what = row_text_or_null(&row);
    line.avatar = row_uuid(&row);
    return line;
}
