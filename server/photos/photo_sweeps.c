#include "photos/photo_sweeps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/pg.h"
#include "db/rows.h"
#include "jobs/store_owner.h"
#include "photos/photo.h"
#include "storage/store.h"

enum { EVERY_S = 60, OBJECTS_PAGE = 500, OLD_S = 24 * 3600 };

struct object {
    char key[STORE_KEY_MAX + 1];
    bool leftover;
};

struct page {
    int64_t old_s; /* what was written before is old */
    int seen, count;
    char last[STORE_KEY_MAX + 1];
    struct object old[OBJECTS_PAGE];
};

static void on_entry(void *owner, const struct store_entry *entry)
{
    struct page *page = owner;
    struct object *object = &page->old[page->count];

    page->seen++;
    (void)text_copy(page->last, sizeof page->last, entry->key);
    if (entry->written_s > page->old_s)
        return;
    object->leftover = entry->leftover;
    (void)text_copy(object->key, sizeof object->key, entry->key);
    page->count++;
}

enum key_kind { KEY_STRANGE, KEY_PHOTO, KEY_ARCHIVE, KEY_UPLOAD };

/* "{avatar}/{photo}.jpg", "trainings/{training}/{attempt}.zip", "incoming/{avatar}/{upload}.bin"; *ret_id: of the row.
 */
static enum key_kind kind_of(const char *key, struct uuid *ret_id)
{
    enum { ID = sizeof ret_id->text - 1 };
    struct text name = text_of(key), folder = text_cut(&name, '/');
    struct uuid avatar;

    if (!name.at || name.len <= ID || !uuid_read((struct text){name.at, ID}, ret_id))
        return KEY_STRANGE;
    if (text_equal(folder, TEXT("trainings")))
        return KEY_ARCHIVE;
    if (text_equal(folder, TEXT("incoming")))
        return KEY_UPLOAD;
    return uuid_read(folder, &avatar) ? KEY_PHOTO : KEY_STRANGE;
}

/* In one statement, and only for who leads. A key that is in no row now never comes into one: ids are made once. */
static bool is_unowned(const struct sweep_tools *tools, const char *key, enum key_kind kind, struct uuid id, bool *ret,
                       struct err *reterr)
{
    static const struct uuid NONE;
    struct query q = leader_query(tools->leader,
                                  "WITH " SWEEP_LOCK " SELECT NOT EXISTS (SELECT FROM photos WHERE id = $3)"
                                  " AND NOT EXISTS (SELECT FROM trainings WHERE id = $4 AND archive_key = $5)"
                                  " WHERE " SWEEP_LEADS,
                                  __func__);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    query_add_uuid(&q, kind == KEY_PHOTO ? id : NONE);
    query_add_uuid(&q, kind == KEY_ARCHIVE ? id : NONE);
    query_add_text(&q, key);
    if (!(rows = pg_run(tools->pg, &q, reterr)))
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "internal", "another process sweeps");
    row = rows_at(rows, 0);
    *ret = row_bool(&row);
    return true;
}

static bool throw_away(const struct sweep_tools *tools, const struct object *object, struct err *reterr)
{
    if (object->leftover)
        return store_discard(tools->store, TEXT(PHOTO_BUCKET), text_of(object->key), reterr);
    return store_delete(tools->store, TEXT(PHOTO_BUCKET), text_of(object->key), reterr);
}

static bool look_at_object(const struct sweep_tools *tools, const struct sweep *sweep, const struct object *object,
                           struct sweep_look *look, struct err *reterr)
{
    struct uuid id;
    enum key_kind kind = kind_of(object->key, &id);
    bool unowned = true;

    if (!object->leftover && kind != KEY_STRANGE && !is_unowned(tools, object->key, kind, id, &unowned, reterr))
        return false;
    if (!unowned)
        return true;
    sweep_found(look, object->key);
    if (kind == KEY_STRANGE && !object->leftover)
        return true;
    if (throw_away(tools, object, reterr))
        look->mended++;
    else
        log_write(LOG_WARN, "sweep_failed", "name=%s reason=%s", sweep->name, LOG_QUOTE(reterr->detail));
    return true;
}

static bool look_at_page(const struct sweep_tools *tools, const struct sweep *sweep, const struct page *page,
                         struct sweep_look *look, struct err *reterr)
{
    for (int i = 0; i < page->count; i++)
        if (!sweep_goes_on(tools, reterr) || !look_at_object(tools, sweep, &page->old[i], look, reterr))
            return false;
    return true;
}

static bool look_for_rows(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                          struct err *reterr)
{
    struct page *page = calloc(1, sizeof *page);
    bool ok;

    if (!page)
        abort();
    page->old_s = clock_wall_s() - OLD_S;
    ok = store_list(tools->store, TEXT(PHOTO_BUCKET), look->place, sweep->limit, on_entry, page, reterr) &&
         store_owner_is_us(tools, page->seen == 0 && !*look->place, reterr) &&
         look_at_page(tools, sweep, page, look, reterr);
    if (ok)
        (void)snprintf(look->place, sizeof look->place, "%s", page->seen < sweep->limit ? "" : page->last);
    free(page);
    return ok;
}

const struct sweep PHOTO_UNOWNED = {
    .name = "photo_unowned", .every_s = EVERY_S, .limit = OBJECTS_PAGE, .look = look_for_rows};
