#include "falsim/sim_train.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "falsim/paint_dice.h"
#include "falsim/sim.h"
#include "falsim/sim_load.h"
#include "falsim/sim_lora.h"
#include "falsim/sim_make.h"
#include "falsim/sim_zip.h"

enum { MAX_ARCHIVE_BYTES = 512 << 20, MIN_PICTURES = 4 };

static const char EXTENSIONS[] = "[\".zip\"]";

static bool check_archive(struct sim *sim, const char *field, const char *url, struct sim_outcome *ret)
{
    CLEANUP(buf_done) struct buf archive = buf_make(MAX_ARCHIVE_BYTES);
    char ctx[160];
    struct sim_zip zip;
    struct err err;

    if (!sim_load(sim, url, &archive, &err)) {
        sim_outcome_invalid(ret, field, "file_download_error",
                            "Failed to download the file. Please check if the URL is accessible and try again.", NULL);
        return false;
    }
    if (!sim_zip_look((struct text){archive.bytes, archive.len}, &zip)) {
        log_write(LOG_WARN, "archive_refused", "reason=%s", LOG_QUOTE(zip.why));
        (void)snprintf(ctx, sizeof ctx, "{\"supported_extensions\":%s}", EXTENSIONS);
        sim_outcome_invalid(ret, field, "invalid_archive", "The archive could not be opened", ctx);
        return false;
    }
    if (zip.pictures >= MIN_PICTURES)
        return true;
    (void)snprintf(
        ctx, sizeof ctx,
        "{\"min_count\":%d,\"provided_count\":%d,\"supported_extensions\":[\".jpg\",\".jpeg\",\".png\",\".webp\"]}",
        MIN_PICTURES, zip.pictures);
    sim_outcome_invalid(ret, field, "archive_file_count_below_minimum", "The archive has too few pictures", ctx);
    return false;
}

static void write_finetune(const struct sim_request *request, struct sim_outcome *ret)
{
    struct dice dice = dice_make(request->seed, text_of(request->id.text), 0);
    uint64_t a = dice_next(&dice), b = dice_next(&dice);

    (void)buf_add_format(
        &ret->body, "{\"finetune_id\":\"%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64 "\"}",
        a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 48 & 0xfff, b & 0xffffffffffff);
}

void sim_train(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    bool pro = request->endpoint->model == MODEL_PRO_TRAINER;
    const char *field = pro ? "data_url" : "images_data_url";

    if (!check_archive(sim, field, sim_text(input, field, ""), ret))
        return;
    if (pro)
        write_finetune(request, ret);
    else
        sim_lora_make(sim, request, input, ret);
}
