#include "web/generations_page.h"

#include "gallery/image.h"
#include "generations/history.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "web/day.h"
#include "web/generation_card.h"
#include "web/generation_picture.h"

struct history_entry {
    struct generation_card card;
    const char *avatar_name;
    char made[DAY_ROOM];
    struct view_items pictures;
    bool has_pictures;
};

struct history_view {
    struct view_items entries;
    bool has_entries, is_first_page, is_running;
    const char *older; /* id that the next page begins behind; NULL: this is the last one */
};

static const struct view_field ENTRY_FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct history_entry, card, .type = &generation_card_type),
    VIEW_FIELD(VIEW_STRING, struct history_entry, avatar_name),
    VIEW_FIELD(VIEW_CHARS, struct history_entry, made),
    VIEW_FIELD(VIEW_ITEMS, struct history_entry, pictures, .type = &generation_picture_type),
    VIEW_FIELD(VIEW_BOOL, struct history_entry, has_pictures),
    {0},
};
static const struct view_type ENTRY_TYPE = VIEW_TYPE(struct history_entry, ENTRY_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_ITEMS, struct history_view, entries, .type = &ENTRY_TYPE),
    VIEW_FIELD(VIEW_BOOL, struct history_view, has_entries),
    VIEW_FIELD(VIEW_BOOL, struct history_view, is_first_page),
    VIEW_FIELD(VIEW_BOOL, struct history_view, is_running),
    VIEW_FIELD(VIEW_STRING, struct history_view, older),
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct history_view, FIELDS);

const struct page generations_page = {"generation/history", &TYPE, PLACE_CREATE};

struct history_query {
    struct uuid before;
    char done[PAGE_DONE_ROOM];
};

static const struct query_field QUERY_FIELDS[] = {
    QUERY_FIELD(QUERY_UUID, struct history_query, before),
    PAGE_FIELDS(struct history_query),
    {0},
};

/* What the steps keep. */
struct history {
    struct history_query query;
    const PGresult *rows;
    int count; /* of the page */
    struct history_item items[HISTORY_PAGE];
};

static struct next got_page(struct call *call, const PGresult *rows);
static struct next got_pictures(struct call *call, const PGresult *rows);

struct next generations_page_show(struct call *call)
{
    struct history *history = call_state_make(call, sizeof *history);
    struct next refused;

    if (!body_query(call, QUERY_FIELDS, &history->query, &refused))
        return refused;
    return await_rows(call, history_of(call->who.user, history->query.before, call->who.time_zone), got_page);
}

static struct next got_page(struct call *call, const PGresult *rows)
{
    struct history *history = call->state;
    struct uuid newest = {""}, oldest = {""};

    history->rows = rows_keep(call, rows);
    history->count = rows_count(rows) < HISTORY_PAGE ? rows_count(rows) : HISTORY_PAGE;
    for (int i = 0; i < history->count; i++)
        history->items[i] = history_from_row(rows_at(history->rows, i));
    if (history->count) {
        newest = history->items[0].generation.id;
        oldest = history->items[history->count - 1].generation.id;
    }
    return await_rows(call, images_of_generations(call->who.user, newest, oldest), got_pictures);
}

static struct next got_pictures(struct call *call, const PGresult *rows)
{
    const struct history *history = call->state;
    struct history_entry *entries = call_alloc(call, HISTORY_PAGE * sizeof *entries);
    struct history_view view = {
        .entries = {entries, (size_t)history->count},
        .has_entries = history->count > 0,
        .is_first_page = !*history->query.before.text,
    };
    int next = 0;

    for (int i = 0; i < history->count; i++) {
        const struct history_item *item = &history->items[i];
        struct history_entry *entry = &entries[i];
        *entry = (struct history_entry){.card = generation_card_of(call, &item->generation),
                                        .avatar_name = item->avatar_name};
        day_moment(local_of(call)->texts, call->lang, item->made, item->today, entry->made);
        entry->pictures = generation_picture_take(call, rows, &next, item->generation.id.text);
        entry->has_pictures = entry->pictures.count > 0;
        view.is_running |= entry->card.is_open;
    }
    if (rows_count(history->rows) > HISTORY_PAGE)
        view.older = history->items[HISTORY_PAGE - 1].generation.id.text;
    return page_reply(call, 200, &generations_page, &view);
}
