/* The photos as one archive, at an address that the provider can follow and that ends. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "jobs/job_move.h"
#include "photos/photo.h"
#include "storage/archive.h"
#include "storage/object_link.h"
#include "storage/store.h"
#include "trainings/training_job.h"

enum { LIVES_S = 24 * 3600, MAX_PHOTO_BYTES = 16 << 20 };

struct packing {
    const struct job_tools *tools;
    int count;
    struct archive_file files[PHOTOS_MOST];
    char keys[PHOTOS_MOST][PHOTO_KEY_ROOM];
};

static struct query photos_to_pack(struct uuid user, struct uuid avatar)
{
    struct query q = query_read("SELECT object_key, bytes FROM photos WHERE user_id = $1 AND avatar_id = $2"
                                " ORDER BY id LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    query_add_int64(&q, PHOTOS_MOST);
    return q;
}

static bool list(struct packing *packing, const struct training_attempt *a, struct err *reterr)
{
    struct query q = photos_to_pack(a->user, a->avatar);
    CLEANUP(pg_clear) PGresult *rows = pg_run(packing->tools->pg, &q, reterr);

    if (!rows)
        return false;
    packing->count = rows_count(rows);
    for (int i = 0; i < packing->count; i++) {
        struct row row = rows_at(rows, i);
        (void)snprintf(packing->files[i].name, ARCHIVE_NAME_ROOM, "photo_%02d.jpg", i + 1);
        (void)text_copy(packing->keys[i], PHOTO_KEY_ROOM, row_piece(&row));
        packing->files[i].bytes = row_int64(&row);
        if (packing->files[i].bytes > MAX_PHOTO_BYTES)
            return err_set(reterr, ERR_INTERNAL, "archive_failed", "a photo of %lld bytes",
                           (long long)packing->files[i].bytes);
    }
    return true;
}

static bool load(void *owner, int index, struct buf *ret, struct err *reterr)
{
    const struct packing *packing = owner;

    return store_get(packing->tools->store, TEXT(PHOTO_BUCKET), text_of(packing->keys[index]), ret, reterr);
}

void training_archive_key(const struct job *job, const struct training_attempt *a, char to[STORE_KEY_MAX + 1])
{
    (void)snprintf(to, STORE_KEY_MAX + 1, "trainings/%s/%lld.zip", job->ref.text, (long long)a->attempts + 1);
}

/* Into our own storage when the provider can reach that, else into its. key "" then. */
static bool publish(const struct job_tools *tools, const struct job *job, const struct training_attempt *a, int fd,
                    int64_t bytes, char key[STORE_KEY_MAX + 1], char url[OBJECT_LINK_ROOM], struct err *reterr)
{
    key[0] = '\0';
    if (!object_links_are_public(tools->links)) {
        return fal_upload(tools->training_fal, fd, bytes, "application/zip", "photos.zip", LIVES_S, url, reterr);
    }
    training_archive_key(job, a, key);
    if (!store_put_file(tools->store, TEXT(PHOTO_BUCKET), text_of(key), fd, bytes, reterr))
        return false;
    (void)object_link_get(tools->links, text_of(tools->config->public_url), TEXT(PHOTO_BUCKET), text_of(key),
                          clock_wall_s(), LIVES_S, url);
    return true;
}

static bool pack(const struct job_tools *tools, const struct job *job, const struct training_attempt *a, int fd,
                 struct packing *packing, struct err *reterr)
{
    char key[STORE_KEY_MAX + 1], url[OBJECT_LINK_ROOM];
    int64_t bytes;

    if (!archive_write(fd, packing->files, packing->count, load, packing, &bytes, reterr) ||
        !publish(tools, job, a, fd, bytes, key, url, reterr))
        return false;
    return job_move(tools, training_packed(job, *key ? key : NULL, url, LIVES_S), reterr);
}

bool training_pack(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                   struct job_next *ret, struct err *reterr)
{
    struct packing packing = {.tools = tools};
    bool ok;
    int fd;

    if (!list(&packing, a, reterr))
        return false;
    if (packing.count == 0) /* no statement leads here */
        return training_fail(tools, job, "internal", ret, reterr);
    if ((fd = file_unnamed(tools->config->temp_dir, reterr)) < 0)
        return false;
    ok = pack(tools, job, a, fd, &packing, reterr);
    close(fd);
    ret->delay_ms = ok ? 0 : 2000;
    return ok;
}
