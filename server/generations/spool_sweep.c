#include "generations/spool_sweep.h"

#include <stdio.h>

#include "base/log.h"
#include "db/rows.h"
#include "generations/generation.h"

enum { MIN_AGE_S = 3600, UNKNOWN_AGE_S = 8 * 24 * 3600 /* behind all patience */, BATCH = 200 };

struct batch {
    struct spool *spool;
    struct pg *pg;
    int count, removed;
    struct uuid ids[BATCH];
    bool unknown_too; /* what this database has never heard of */
    bool failed;      /* nothing more can be known now */
};

static struct query results_of_nobody(const char *images, bool unknown_too)
{
    struct query q =
        query_read("SELECT r.id FROM unnest($1::uuid[]) AS r (id) LEFT JOIN generation_outputs o ON o.image_id = r.id"
                   " WHERE ($2 OR o.image_id IS NOT NULL OR EXISTS (SELECT FROM images i WHERE i.id = r.id))"
                   " AND NOT EXISTS (SELECT FROM jobs j WHERE j.kind = 'generation' AND j.ref = o.generation_id)"
                   " AND NOT EXISTS (SELECT FROM generations g WHERE g.id = o.generation_id"
                   " AND g.status NOT IN " GENERATION_FINAL ")");

    query_add_text(&q, images);
    query_add_bool(&q, unknown_too);
    return q;
}

static PGresult *ask(struct batch *batch)
{
    CLEANUP(buf_done) struct buf images = buf_make(BATCH * sizeof(struct uuid) + 2);
    struct err err;
    struct query q;
    PGresult *rows;

    for (int i = 0; i < batch->count; i++)
        (void)buf_add_format(&images, "%c%s", i ? ',' : '{', batch->ids[i].text);
    (void)buf_add_text(&images, "}");
    q = results_of_nobody(images.bytes, batch->unknown_too);
    rows = pg_run(batch->pg, &q, &err);
    if (!rows)
        log_write(LOG_WARN, "spool_sweep_failed", "reason=%s", LOG_QUOTE(err.detail));
    return rows;
}

static void end_batch(struct batch *batch)
{
    CLEANUP(pg_clear) PGresult *rows = batch->count && !batch->failed ? ask(batch) : NULL;

    batch->failed |= batch->count && !rows;
    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        spool_remove(batch->spool, row_uuid(&row));
        batch->removed++;
    }
    batch->count = 0;
}

static void take(void *owner, struct uuid id)
{
    struct batch *batch = owner;

    if (batch->count == BATCH)
        end_batch(batch);
    batch->ids[batch->count++] = id;
}

void spool_sweep(struct spool *spool, struct pg *pg)
{
    struct batch batch = {.spool = spool, .pg = pg};

    spool_each(spool, MIN_AGE_S, take, &batch);
    end_batch(&batch);
    batch.unknown_too = true;
    spool_each(spool, UNKNOWN_AGE_S, take, &batch);
    end_batch(&batch);
    if (batch.removed)
        log_write(LOG_INFO, "spool_swept", "removed=%d", batch.removed);
}
