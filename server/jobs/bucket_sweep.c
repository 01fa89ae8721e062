#include "jobs/bucket_sweep.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/pg.h"
#include "db/rows.h"
#include "jobs/store_owner.h"
#include "storage/store.h"

enum { OLD_S = 24 * 3600 };

struct object {
    char key[STORE_KEY_MAX + 1];
    bool leftover;
};

struct page {
    int64_t old_s; /* what was written before is old */
    int seen, count;
    char last[STORE_KEY_MAX + 1];
    struct object old[BUCKET_SWEEP_PAGE];
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

bool bucket_sweep_ask(const struct sweep_tools *tools, const struct query *q, enum bucket_fate *ret, struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, q, reterr);
    struct row row;

    if (!rows)
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "internal", "another process sweeps");
    row = rows_at(rows, 0);
    *ret = row_bool(&row) ? BUCKET_UNOWNED : BUCKET_OWNED;
    return true;
}

static bool throw_away(const struct sweep_tools *tools, struct text bucket, const struct object *object,
                       struct err *reterr)
{
    if (object->leftover)
        return store_discard(tools->store, bucket, text_of(object->key), reterr);
    return store_delete(tools->store, bucket, text_of(object->key), reterr);
}

struct looking {
    const struct sweep_tools *tools;
    const struct sweep *sweep;
    const struct bucket_sweep *bucket;
    struct bucket_judged judged;
};

static bool look_at_object(struct looking *looking, const struct object *object, struct sweep_look *look,
                           struct err *reterr)
{
    const struct sweep_tools *tools = looking->tools;

    if (!object->leftover && !looking->bucket->judge(tools, object->key, &looking->judged, reterr))
        return false;
    if (!object->leftover && looking->judged.fate == BUCKET_OWNED)
        return true;
    sweep_found(look, object->key);
    if (!object->leftover && looking->judged.fate == BUCKET_STRANGE)
        return true;
    if (throw_away(tools, text_of(looking->bucket->bucket), object, reterr))
        look->mended++;
    else
        log_write(LOG_WARN, "sweep_failed", "name=%s reason=%s", looking->sweep->name, LOG_QUOTE(reterr->detail));
    return true;
}

static bool look_at_page(struct looking *looking, const struct page *page, struct sweep_look *look, struct err *reterr)
{
    for (int i = 0; i < page->count; i++)
        if (!sweep_goes_on(looking->tools, reterr) || !look_at_object(looking, &page->old[i], look, reterr))
            return false;
    return true;
}

bool bucket_sweep_look(const struct sweep_tools *tools, const struct sweep *sweep, const struct bucket_sweep *bucket,
                       struct sweep_look *look, struct err *reterr)
{
    struct looking looking = {.tools = tools, .sweep = sweep, .bucket = bucket};
    struct page *page = calloc(1, sizeof *page);
    bool ok;

    assert(sweep->limit <= BUCKET_SWEEP_PAGE);
    if (!page)
        abort();
    page->old_s = clock_wall_s() - OLD_S;
    ok = store_list(tools->store, text_of(bucket->bucket), look->place, sweep->limit, on_entry, page, reterr) &&
         store_owner_is_us(tools, page->seen == 0 && !*look->place, reterr) &&
         look_at_page(&looking, page, look, reterr);
    if (ok)
        (void)snprintf(look->place, sizeof look->place, "%s", page->seen < sweep->limit ? "" : page->last);
    free(page);
    return ok;
}
