/* From the provider's files to our own pictures. All are fetched first, for the provider keeps them for minutes; then
   each is checked and put into the store; then one transaction makes them visible. While the store takes nothing, they
   wait on this machine's disk (storage/spool.h) and are delivered from there. */
#include <string.h>

#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "generations/result_file.h"
#include "generations/spool_sweep.h"
#include "generations/stored_image.h"
#include "storage/spool.h"

enum {
    KEEP_TRYING_S = 24 * 3600,
    KEEP_SPOOLED_S = 7 * 24 * 3600,
    LOST_TRIES = 9, /* failures in a row, over four minutes: then the others are delivered without what is lost */
};

struct results {
    int count;
    PGresult *rows; /* texts of files are borrowed from it */
    struct result_file files[FAL_IMAGES_MAX];
    struct stored_image images[FAL_IMAGES_MAX];
};

static void results_done(struct results *r)
{
    for (int i = 0; i < r->count; i++)
        buf_done(&r->files[i].bytes);
    PQclear(r->rows);
}

static bool load(const struct job_tools *tools, const struct job *job, struct results *r, struct err *reterr)
{
    struct query q = result_files_of(job->ref);

    r->rows = pg_run(tools->pg, &q, reterr);
    if (!r->rows)
        return false;
    r->count = rows_count(r->rows) < FAL_IMAGES_MAX ? rows_count(r->rows) : FAL_IMAGES_MAX;
    for (int i = 0; i < r->count; i++) {
        struct result_file *file = &r->files[i];
        *file = result_file_from_row(rows_at(r->rows, i));
        r->images[i] = (struct stored_image){.id = file->image_id, .position = file->position, .nsfw = file->nsfw};
    }
    return true;
}

static bool any_spooled(const struct results *r)
{
    for (int i = 0; i < r->count; i++)
        if (r->files[i].here || r->files[i].spooled_on)
            return true;
    return false;
}

static bool any_here(const struct results *r)
{
    for (int i = 0; i < r->count; i++)
        if (r->files[i].here)
            return true;
    return false;
}

/* Broken or gone; everything else passes. */
static bool is_lost(const struct err *why)
{
    return strncmp(why->code, "image_", 6) == 0 || strcmp(why->code, "fal_media_gone") == 0;
}

static void leave_out(struct results *r, int i)
{
    buf_done(&r->files[i].bytes);
    r->count--;
    memmove(&r->files[i], &r->files[i + 1], (size_t)(r->count - i) * sizeof *r->files);
    memmove(&r->images[i], &r->images[i + 1], (size_t)(r->count - i) * sizeof *r->images);
}

/* Of several pictures one that stays lost does not take the others with it: they are delivered, and charged. */
static bool may_leave_out(const struct job *job, const struct results *r, const struct err *why)
{
    return job->attempts >= LOST_TRIES && r->count > 1 && is_lost(why);
}

static bool fetch_all(const struct job_tools *tools, const struct job *job, struct results *r, struct err *reterr)
{
    for (int i = 0; i < r->count;)
        if (result_file_fetch(tools, &r->files[i], reterr))
            i++;
        else if (may_leave_out(job, r, reterr))
            leave_out(r, i);
        else
            return false;
    return true;
}

static bool is_storage(const struct err *why) { return strncmp(why->code, "storage", 7) == 0; }

/* Checked in any case; put while the store takes them. */
static bool deliver(const struct job_tools *tools, struct result_file *file, struct stored_image *image, bool may_put,
                    struct err *reterr)
{
    CLEANUP(image_files_done) struct image_files files = {0};

    file->sound = image_prepare((struct text){file->bytes.bytes, file->bytes.len}, &files, reterr);
    if (!file->sound) {
        result_file_spoil(tools, file);
        return false;
    }
    stored_image_describe(image, &files);
    return !may_put || stored_image_put(tools->store, image, &files, reterr);
}

/* A store that is away is the reason, whatever else there is: it must not cost a picture. */
static bool deliver_all(const struct job_tools *tools, const struct job *job, struct results *r, struct err *reterr)
{
    bool taken = !any_here(r) || stored_image_try(tools->store, reterr), ok = taken;
    struct err err = {0};

    for (int i = 0; i < r->count; i++) {
        if ((!taken && r->files[i].here) || deliver(tools, &r->files[i], &r->images[i], taken, &err))
            continue; /* what waits already was checked, and is not decoded again before the store is back */
        if (may_leave_out(job, r, &err)) {
            leave_out(r, i--);
            continue;
        }
        if (ok || is_storage(&err))
            *reterr = err;
        ok = false;
        taken = taken && !is_storage(&err);
    }
    return ok;
}

/* It is paid for: only a picture that is broken or gone is a failure of the job. */
static bool put_off(const struct attempt *a, const struct results *r, struct job_next *ret, struct err *reterr)
{
    if (a->age_s < (any_spooled(r) ? KEEP_SPOOLED_S : KEEP_TRYING_S) && !is_lost(reterr)) {
        reterr->kind = ERR_BUSY;
        ret->delay_ms = a->age_s < 60 ? 2000 : 15000;
    }
    return false;
}

static bool make_visible(const struct job_tools *tools, const struct job *job, const struct results *r,
                         struct err *reterr)
{
    if (!pg_begin(tools->pg, reterr) || !job_hold(tools->pg, job, reterr))
        return false;
    for (int i = 0; i < r->count; i++) {
        struct query q = stored_image_insert(job->ref, &r->images[i]);
        if (!pg_do(tools->pg, &q, reterr))
            return false;
    }
    if (!job_move(tools, generation_completed(job), reterr) || !pg_commit(tools->pg, reterr))
        return false;
    event_bell_ring(tools->event_bell);
    return true;
}

static void tidy(const struct job_tools *tools, const struct results *r)
{
    for (int i = 0; i < r->count; i++)
        result_file_forget(tools, &r->files[i]);
    if (tools->spool && spool_due(tools->spool, SPOOL_SWEEP_S))
        spool_sweep(tools->spool, tools->pg);
}

bool generation_store(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                      struct job_next *ret, struct err *reterr)
{
    CLEANUP(results_done) struct results r = {0};
    struct err err;

    if (!load(tools, job, &r, reterr))
        return false;
    if (r.count == 0)
        return generation_fail(tools, job, "result_missing", ret, reterr);
    if (!fetch_all(tools, job, &r, reterr))
        return put_off(a, &r, ret, reterr);
    if (!deliver_all(tools, job, &r, reterr)) {
        if (is_storage(reterr) && !result_files_keep(tools, job, r.files, r.count, &err))
            *reterr = err;
        return put_off(a, &r, ret, reterr);
    }
    ret->done = true;
    if (!make_visible(tools, job, &r, reterr))
        return false;
    tidy(tools, &r);
    return true;
}

void generation_forget_spooled(const struct job_tools *tools, const struct job *job)
{
    struct query q = query_read("SELECT id FROM images WHERE generation_id = $1");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct err err;

    query_add_uuid(&q, job->ref);
    rows = tools->spool ? pg_run(tools->pg, &q, &err) : NULL; /* else the spool's own sweep finds it */
    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        spool_remove(tools->spool, row_uuid(&row));
    }
}
