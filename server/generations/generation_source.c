/* The picture that a variation starts from, at an address that the provider can follow and that ends. It is written
   down before the attempt, so that whoever looks for a lost one knows what was sent. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "gallery/image.h"
#include "generations/generation_job.h"
#include "generations/source_link.h"
#include "image/image.h"
#include "jobs/job_move.h"
#include "storage/object_link.h"
#include "storage/store.h"

static bool put(const struct job_tools *tools, const struct attempt *a, struct text picture, char url[OBJECT_LINK_ROOM],
                struct err *reterr)
{
    char name[40];
    const char *type = a->source_type, *slash = strchr(type, '/');
    int fd = file_unnamed(tools->config->temp_dir, reterr);
    bool ok;

    if (fd < 0)
        return false;
    (void)snprintf(name, sizeof name, "picture.%s", slash ? slash + 1 : "jpeg");
    ok = file_write(fd, picture)
             ? fal_upload(tools->fal, fd, (int64_t)picture.len, type, name, SOURCE_LINK_S, url, reterr)
             : file_failed("the picture to send along", reterr);
    close(fd);
    return ok;
}

/* Into their storage, for when ours cannot be reached from there. Once: it lives longer than the wish may wait. */
static bool upload(const struct job_tools *tools, const struct attempt *a, char url[OBJECT_LINK_ROOM],
                   struct err *reterr)
{
    CLEANUP(buf_done) struct buf picture = buf_make(IMAGE_MAX_BYTES);

    if (a->source_url)
        return text_copy(url, OBJECT_LINK_ROOM, text_of(a->source_url)) ||
               err_set(reterr, ERR_INTERNAL, "internal", "a kept address is too long");
    return store_get(tools->store, TEXT(IMAGE_BUCKET), text_of(a->source_key), &picture, reterr) &&
           put(tools, a, (struct text){picture.bytes, picture.len}, url, reterr);
}

static bool publish(const struct job_tools *tools, const struct attempt *a, char url[OBJECT_LINK_ROOM],
                    struct err *reterr)
{
    return source_link(tools->links, tools->config->public_url, text_of(a->source_key), url) ||
           upload(tools, a, url, reterr);
}

bool generation_source(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                       char url[OBJECT_LINK_ROOM], struct err *reterr)
{
    if (!publish(tools, a, url, reterr)) {
        log_write(LOG_WARN, "source_not_published", "generation=%s reason=%s", job->ref.text,
                  LOG_QUOTE(reterr->detail));
        return false;
    }
    return job_move(tools, attempt_source(job, url), reterr);
}
