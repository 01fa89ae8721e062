#include "generations/object_sweeps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/rows.h"
#include "gallery/image.h"
#include "gallery/image_address.h"
#include "jobs/store_owner.h"
#include "storage/store.h"

enum { EVERY_S = 30, IMAGES_PAGE = 200, OBJECTS_PAGE = 500, MAX_FAULTS = 3, OLD_S = 24 * 3600 };

/* Rows without objects */

static struct query images_behind(const char *place, int limit)
{
    struct query q = query_read("SELECT id, object_key FROM images WHERE id > COALESCE(NULLIF($1, ''),"
                                " '00000000-0000-0000-0000-000000000000')::uuid ORDER BY id LIMIT $2");

    query_add_text(&q, place);
    query_add_int64(&q, limit);
    return q;
}

enum wholeness { WHOLE, BROKEN, UNREADABLE };

static enum wholeness look_at_files(struct store *store, struct text object_key)
{
    static const enum image_file FILES[] = {IMAGE_FILE_ORIGINAL, IMAGE_FILE_SMALL, IMAGE_FILE_MEDIUM};
    char room[STORE_KEY_MAX];
    enum wholeness result = WHOLE;
    struct err err;

    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        bool exists = false;
        if (!store_exists(store, TEXT(IMAGE_BUCKET), image_address_key(object_key, FILES[i], room), &exists, &err))
            return UNREADABLE;
        if (!exists)
            result = BROKEN;
    }
    return result;
}

/* One that cannot be looked at is a fault of its own; several in a row are one of the store, and the place stays. */
static bool look_for_objects(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                             struct err *reterr)
{
    struct query q = images_behind(look->place, sweep->limit);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    int faults = 0;

    if (!rows)
        return false;
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        struct uuid id = row_uuid(&row);
        enum wholeness whole = look_at_files(tools->store, row_piece(&row));
        faults = whole == UNREADABLE ? faults + 1 : 0;
        if (faults == MAX_FAULTS)
            return err_set(reterr, ERR_BUSY, "internal", "the storage cannot be read");
        if (whole != WHOLE)
            sweep_found(look, id.text);
        (void)snprintf(look->place, sizeof look->place, "%s", id.text);
        if (!sweep_goes_on(tools, reterr))
            return false;
    }
    if (rows_count(rows) < sweep->limit)
        *look->place = '\0';
    return true;
}

const struct sweep IMAGE_OBJECTS = {
    .name = "image_objects", .every_s = EVERY_S, .limit = IMAGES_PAGE, .look = look_for_objects};

/* Objects without rows */

struct object {
    char key[STORE_KEY_MAX + 1];
    struct uuid id; /* "": a leftover */
};

struct page {
    struct sweep_look *look;
    int64_t old_s; /* what was written before is old */
    int seen, count;
    char last[STORE_KEY_MAX + 1];
    struct object old[OBJECTS_PAGE];
};

/* "2026/11/20/ID.jpg", "2026/11/20/ID_small.webp" */
static bool read_id(struct text key, struct uuid *ret)
{
    enum { DAY = sizeof "2026/11/20/" - 1, ID = sizeof ret->text - 1 };

    return key.len > DAY + ID && key.at[4] == '/' && key.at[7] == '/' && key.at[10] == '/' &&
           (key.at[DAY + ID] == '.' || key.at[DAY + ID] == '_') && uuid_read((struct text){key.at + DAY, ID}, ret);
}

static void on_entry(void *owner, const struct store_entry *entry)
{
    struct page *page = owner;
    struct object *object = &page->old[page->count];

    page->seen++;
    (void)text_copy(page->last, sizeof page->last, entry->key);
    if (entry->written_s > page->old_s)
        return;
    *object = (struct object){0};
    (void)text_copy(object->key, sizeof object->key, entry->key);
    if (entry->leftover || read_id(entry->key, &object->id))
        page->count++;
    else
        sweep_found(page->look, object->key);
}

/* In one statement, because a picture moves from the results to the rows in one transaction; and only for who leads. */
static bool is_unowned(const struct sweep_tools *tools, struct uuid id, bool *ret, struct err *reterr)
{
    struct query q = leader_query(tools->leader,
                                  "WITH " SWEEP_LOCK " SELECT NOT EXISTS (SELECT FROM images WHERE id = $3) AND NOT"
                                  " EXISTS (SELECT FROM generation_outputs WHERE image_id = $3) WHERE " SWEEP_LEADS,
                                  __func__);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    query_add_uuid(&q, id);
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
    if (*object->id.text)
        return store_delete(tools->store, TEXT(IMAGE_BUCKET), text_of(object->key), reterr);
    return store_discard(tools->store, TEXT(IMAGE_BUCKET), text_of(object->key), reterr);
}

static bool look_at_page(const struct sweep_tools *tools, const struct sweep *sweep, const struct page *page,
                         struct err *reterr)
{
    struct uuid asked = {""};
    bool unowned = false;

    for (int i = 0; i < page->count; i++) {
        const struct object *object = &page->old[i];
        if (!sweep_goes_on(tools, reterr))
            return false;
        if (!*object->id.text)
            unowned = true;
        else if (strcmp(object->id.text, asked.text) != 0 && !is_unowned(tools, object->id, &unowned, reterr))
            return false;
        asked = object->id;
        if (!unowned)
            continue;
        sweep_found(page->look, object->key);
        if (throw_away(tools, object, reterr))
            page->look->mended++;
        else
            log_write(LOG_WARN, "sweep_failed", "name=%s reason=%s", sweep->name, LOG_QUOTE(reterr->detail));
    }
    return true;
}

static bool look_for_rows(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                          struct err *reterr)
{
    struct page *page = calloc(1, sizeof *page);
    bool ok;

    if (!page)
        abort();
    page->look = look;
    page->old_s = clock_wall_s() - OLD_S;
    ok = store_list(tools->store, TEXT(IMAGE_BUCKET), look->place, sweep->limit, on_entry, page, reterr) &&
         store_owner_is_us(tools, page->seen == 0 && !*look->place, reterr) && look_at_page(tools, sweep, page, reterr);
    if (ok)
        (void)snprintf(look->place, sizeof look->place, "%s", page->seen < sweep->limit ? "" : page->last);
    free(page);
    return ok;
}

const struct sweep OBJECT_UNOWNED = {
    .name = "object_unowned", .every_s = EVERY_S, .limit = OBJECTS_PAGE, .look = look_for_rows};
