/* From the provider's files to our own: finetunes and files vanish there. Fetched in pieces, looked through, stored
   with size and SHA-256; then one transaction gives the model to its avatar. A repeated step writes the same objects
   again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "avatars/avatar.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "jobs/job_move.h"
#include "storage/store.h"
#include "trainings/safetensors.h"
#include "trainings/training_job.h"

enum {
    MAX_CONFIG_BYTES = 1 << 20,
    LOST_TRIES = 6,                /* failures in a row, over a minute */
    KEEP_TRYING_S = 7 * 24 * 3600, /* while the storage or the provider is away */
};
static const int64_t MAX_MODEL_BYTES = (int64_t)4 << 30;

static bool fetch_model(const struct job_tools *tools, const struct training_attempt *a, int fd,
                        struct training_model *model, struct err *reterr)
{
    struct fal_file file;

    if (!fal_download_to(tools->training_fal, a->lora_url, MAX_MODEL_BYTES, fd, &file, reterr) ||
        !safetensors_check(fd, file.bytes, reterr))
        return false;
    model->bytes = file.bytes;
    memcpy(model->sha256, file.sha256, sizeof model->sha256);
    return store_put_file(tools->store, TEXT(AVATAR_MODEL_BUCKET), text_of(model->key), fd, file.bytes, reterr);
}

static bool copy_model(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                       struct training_model *model, struct err *reterr)
{
    int fd = file_unnamed(tools->config->temp_dir, reterr);
    bool ok;

    if (fd < 0)
        return false;
    (void)snprintf(model->key, sizeof model->key, "%s/%s.safetensors", a->avatar.text, job->ref.text);
    ok = fetch_model(tools, a, fd, model, reterr);
    close(fd);
    return ok;
}

/* What a picture needs is the model alone: a config that is not there any more, or is none, holds nothing up. */
static bool has_no_config(const struct err *why)
{
    return strcmp(why->code, "fal_media_gone") == 0 || strcmp(why->code, "fetch_too_large") == 0;
}

static bool copy_config(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                        struct training_model *model, struct err *reterr)
{
    struct buf config = {0};
    bool ok = fal_download(tools->training_fal, a->config_url, MAX_CONFIG_BYTES, &config, reterr);

    (void)snprintf(model->config_key, sizeof model->config_key, "%s/%s.json", a->avatar.text, job->ref.text);
    if (ok)
        ok = store_put(tools->store, TEXT(AVATAR_MODEL_BUCKET), text_of(model->config_key),
                       (struct text){config.bytes, config.len}, reterr);
    else if (has_no_config(reterr)) {
        log_write(LOG_WARN, "training_config_gone", "training=%s", job->ref.text);
        model->config_key[0] = '\0';
        ok = true;
    }
    buf_done(&config);
    return ok;
}

static bool copy(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                 struct training_model *model, struct err *reterr)
{
    if (a->lora_url && !copy_model(tools, job, a, model, reterr))
        return false;
    return !a->config_url || copy_config(tools, job, a, model, reterr);
}

/* Broken, gone, or larger than any model; everything else passes. */
static bool is_lost(const struct err *why)
{
    return strcmp(why->code, "model_broken") == 0 || strcmp(why->code, "fal_media_gone") == 0 ||
           strcmp(why->code, "fetch_too_large") == 0;
}

/* Whoever asks for its end waits no longer for a model that does not come: neither shall the next training. */
static bool failed(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                   struct job_next *ret, struct err *reterr)
{
    if (a->told_late && is_lost(reterr) && job->attempts >= LOST_TRIES) {
        ret->delay_ms = 0;
        return job_move(tools, training_late_over(job), reterr);
    }
    if (a->cancel_requested) {
        ret->delay_ms = 0;
        return job_move(tools, training_cancelled(job), reterr);
    }
    if (is_lost(reterr) && job->attempts >= LOST_TRIES)
        return training_fail(tools, job, "model_missing", ret, reterr);
    if (a->age_s < KEEP_TRYING_S && !is_lost(reterr)) { /* it is paid for */
        reterr->kind = ERR_BUSY;
        ret->delay_ms = a->age_s < 60 ? 2000 : 15000;
    }
    return false;
}

bool training_store(const struct job_tools *tools, const struct job *job, const struct training_attempt *a,
                    struct job_next *ret, struct err *reterr)
{
    struct training_model model = {0};

    if (!copy(tools, job, a, &model, reterr))
        return failed(tools, job, a, ret, reterr);
    ret->delay_ms = 0;
    if (!job_move(tools, training_completed(job, &model), reterr))
        return false;
    log_write(LOG_INFO, "training_completed", "training=%s bytes=%" PRId64, job->ref.text, model.bytes);
    return true;
}
