#include "generations/history.h"

#define HISTORY                                                                                                        \
    "SELECT (SELECT name FROM avatars WHERE id = g.avatar_id),"                                                        \
    " to_char(g.created_at AT TIME ZONE $3, 'YYYY-MM-DD HH24:MI:SS'), (now() AT TIME ZONE $3)::date,"                  \
    " " GENERATION_COLUMNS " FROM generations g WHERE g.user_id = $1"

static struct query asked(const char *sql, struct uuid user, struct uuid id, const char *time_zone)
{
    struct query q = query_read(sql);

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, time_zone);
    return q;
}

struct query history_one(struct uuid user, struct uuid id, const char *time_zone)
{
    return asked(HISTORY " AND g.id = $2", user, id, time_zone);
}

struct query history_of(struct uuid user, struct uuid before, const char *time_zone)
{
    static const struct uuid BEYOND_ALL = {"ffffffff-ffff-ffff-ffff-ffffffffffff"};
    static_assert(HISTORY_PAGE == 24, "as the statement has it");

    return asked(HISTORY " AND g.id < $2 ORDER BY g.id DESC LIMIT 25", user, *before.text ? before : BEYOND_ALL,
                 time_zone);
}

struct history_item history_from_row(struct row row)
{
    struct history_item item;

    item.avatar_name = row_text(&row);
    item.made = row_piece(&row);
    item.today = row_piece(&row);
    item.generation = generation_from_row(row);
    return item;
}
