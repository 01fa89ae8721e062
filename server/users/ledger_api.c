#include "users/ledger_api.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "local.h"
#include "users/account.h"

struct list_ledger {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const char LIST[] = "ledger";

/* Cursors carry 128 bits, entries have numbers of 64: the lower half. */
static struct uuid place_of(int64_t id)
{
    struct uuid place;

    (void)snprintf(place.text, sizeof place.text, "00000000-0000-0000-%04" PRIx64 "-%012" PRIx64, (uint64_t)id >> 48,
                   (uint64_t)id & 0xffffffffffff);
    return place;
}

static int64_t id_at(const struct uuid *place)
{
    uint64_t id = 0;

    for (const char *c = place->text; *c; c++)
        if (*c != '-')
            id = id << 4 | (uint64_t)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
    return (int64_t)id;
}

static struct next got_entries(struct call *call, const PGresult *rows);

struct next ledger_list(struct call *call)
{
    static const struct query_field PARAMETERS[] = {PAGING_FIELDS(struct list_ledger), {0}};
    struct list_ledger *list = call_state_make(call, sizeof *list);
    struct next refused;
    struct uuid after;

    list->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, PARAMETERS, list, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, LIST, "", list->cursor, &after, &refused))
        return refused;
    return await_rows(call, ledger_of(call->who.user, id_at(&after), list->limit + 1), got_entries);
}

static struct next got_entries(struct call *call, const PGresult *rows)
{
    const struct list_ledger *list = call->state;
    int shown = rows_count(rows) > list->limit ? (int)list->limit : rows_count(rows);
    struct json_out out = reply_json_begin(call);
    struct ledger_entry entry = {0};
    struct uuid last;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < shown; i++) {
        entry = ledger_entry_from_row(rows_at(rows, i));
        ledger_entry_write(&out, &entry);
    }
    json_end_array(&out);
    last = place_of(entry.id);
    paging_write_next(&out, call, local_of(call)->cursor_mac, LIST, "", shown < rows_count(rows) ? &last : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
