#include "generations/result_file.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "fal/fal.h"
#include "image/image.h"
#include "storage/spool.h"

struct query result_files_of(struct uuid generation)
{
    struct query q = query_read("SELECT image_id, position, has_nsfw_content, url, spooled_on FROM generation_outputs"
                                " WHERE generation_id = $1 ORDER BY position");

    query_add_uuid(&q, generation);
    return q;
}

struct result_file result_file_from_row(struct row row)
{
    struct result_file file = {.image_id = row_uuid(&row)};

    file.position = row_int64(&row);
    file.nsfw = row_bool(&row);
    file.url = row_text(&row);
    file.spooled_on = row_text_or_null(&row);
    return file;
}

static bool is_marked(const struct job_tools *tools, const struct result_file *file)
{
    return tools->spool && file->spooled_on && strcmp(file->spooled_on, spool_name(tools->spool)) == 0;
}

/* Also without a mark: a process may have died right before it. */
static bool is_here(const struct job_tools *tools, struct result_file *file)
{
    struct err err;

    file->bytes = buf_make(IMAGE_MAX_BYTES);
    file->here = tools->spool && spool_get(tools->spool, file->image_id, &file->bytes, &err);
    if (!file->here && is_marked(tools, file))
        log_write(LOG_WARN, "spool_lost", "id=%s reason=%s", file->image_id.text, LOG_QUOTE(err.code));
    return file->here;
}

bool result_file_fetch(const struct job_tools *tools, struct result_file *file, struct err *reterr)
{
    if (is_here(tools, file))
        return true;
    if (!tools->fal)
        return err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set: results are not fetched");
    if (fal_download(tools->fal, file->url, IMAGE_MAX_BYTES, &file->bytes, reterr))
        return true;
    if (strcmp(reterr->code, "fal_media_gone") == 0 && file->spooled_on && !is_marked(tools, file))
        return err_set(reterr, ERR_BUSY, "spooled_elsewhere", "%s waits on the machine of spool %s",
                       file->image_id.text, file->spooled_on);
    return false;
}

void result_file_spoil(const struct job_tools *tools, const struct result_file *file)
{
    if (file->here)
        spool_remove(tools->spool, file->image_id);
}

static struct query result_files_spooled(const struct job *job, const char *images, const char *name)
{
    struct query q = query_write("WITH held AS (SELECT ref FROM jobs WHERE " JOB_HELD " FOR UPDATE)"
                                 " UPDATE generation_outputs SET spooled_on = $4 FROM held WHERE generation_id = ref"
                                 " AND image_id = ANY ($3::uuid[])");

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    query_add_text(&q, images);
    query_add_text(&q, name);
    return q;
}

/* Bytes on this machine's disk. */
static bool keep(const struct job_tools *tools, struct result_file *file)
{
    struct err err;

    if (file->here || !file->sound)
        return file->here;
    file->here = spool_put(tools->spool, file->image_id, (struct text){file->bytes.bytes, file->bytes.len}, &err);
    if (file->here)
        log_write(LOG_WARN, "spooled", "id=%s bytes=%zu", file->image_id.text, file->bytes.len);
    else
        log_write(LOG_WARN, "not_spooled", "id=%s reason=%s", file->image_id.text, LOG_QUOTE(err.detail));
    return file->here;
}

bool result_files_keep(const struct job_tools *tools, const struct job *job, struct result_file *files, int count,
                       struct err *reterr)
{
    char images[FAL_IMAGES_MAX * sizeof(struct uuid) + 2];
    size_t used = 0;
    struct query q;

    if (!tools->spool)
        return true;
    for (int i = 0; i < count; i++)
        if (keep(tools, &files[i]) && !is_marked(tools, &files[i]))
            used +=
                (size_t)snprintf(images + used, sizeof images - used, "%c%s", used ? ',' : '{', files[i].image_id.text);
    if (!used)
        return true;
    (void)snprintf(images + used, sizeof images - used, "}");
    q = result_files_spooled(job, images, spool_name(tools->spool));
    return pg_do(tools->pg, &q, reterr);
}

void result_file_forget(const struct job_tools *tools, const struct result_file *file)
{
    if (file->here)
        spool_remove(tools->spool, file->image_id);
}
