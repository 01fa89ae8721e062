#include "falsim/sim_train.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "falsim/paint_dice.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_files.h"
#include "falsim/sim_load.h"
#include "falsim/sim_make.h"
#include "falsim/sim_zip.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum { MAX_ARCHIVE_BYTES = 512 << 20, MIN_PICTURES = 4 };

static const char EXTENSIONS[] = "[\".zip\"]";

static bool check_archive(struct sim *sim, const char *field, const char *url, struct sim_outcome *ret)
{
    CLEANUP(buf_done) struct buf archive = buf_make(MAX_ARCHIVE_BYTES);
    char ctx[160];
    struct err err;
    int count;

    if (!sim_load(sim, url, &archive, &err)) {
        sim_outcome_invalid(ret, field, "file_download_error",
                            "Failed to download the file. Please check if the URL is accessible and try again.", NULL);
        return false;
    }
    if (!archive.len || !sim_zip_count((struct text){archive.bytes, archive.len}, &count)) {
        (void)snprintf(ctx, sizeof ctx, "{\"supported_extensions\":%s}", EXTENSIONS);
        sim_outcome_invalid(ret, field, "invalid_archive", "The archive could not be opened", ctx);
        return false;
    }
    if (count >= MIN_PICTURES)
        return true;
    (void)snprintf(
        ctx, sizeof ctx,
        "{\"min_count\":%d,\"provided_count\":%d,\"supported_extensions\":[\".jpg\",\".jpeg\",\".png\",\".webp\"]}",
        MIN_PICTURES, count);
    sim_outcome_invalid(ret, field, "archive_file_count_below_minimum", "The archive has too few pictures", ctx);
    return false;
}

/* A file in the safetensors layout: length of the header, header, one tensor. */
static bool write_weights(struct sim *sim, const char *name, struct err *reterr)
{
    static const char HEADER[] = "{\"lora.weight\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}";
    char file[8 + sizeof HEADER - 1 + 16] = {(char)(sizeof HEADER - 1)};

    memcpy(file + 8, HEADER, sizeof HEADER - 1);
    return sim_files_write(sim->files, name, (struct text){file, sizeof file}, reterr);
}

static void write_file(struct json_out *out, const char *key, const char *url, int64_t size)
{
    json_key(out, key);
    json_object(out);
    json_key_text(out, "url", url);
    json_key_text(out, "content_type", size ? "application/octet-stream" : NULL);
    json_key_text(out, "file_name", size ? "config.json" : NULL);
    if (size)
        json_key_int64(out, "file_size", size);
    else
        json_key_null(out, "file_size");
    json_end_object(out);
}

static void make_config(struct buf *to, const struct sim_request *request, yajl_val input)
{
    struct json_out out = json_out_begin(to);

    json_object(&out);
    json_key_text(&out, "trigger_phrase", json_get_text(input, "trigger_phrase"));
    json_key_text(&out, "trigger_word", json_get_text(input, "trigger_word"));
    json_key_text(&out, "request_id", request->id.text);
    json_key_double(&out, "steps", sim_number(input, "steps", 1000));
    json_end_object(&out);
}

static void write_lora(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    CLEANUP(buf_done) struct buf config = buf_make(8192);
    char weights[96], settings[96], url[400];
    struct json_out out = json_out_begin(&ret->body);
    struct sim_fault fault;
    struct err err;

    make_config(&config, request, input);
    (void)snprintf(weights, sizeof weights, "out/%s_pytorch_lora_weights.safetensors", request->id.text);
    (void)snprintf(settings, sizeof settings, "out/%s_config.json", request->id.text);
    if (!write_weights(sim, weights, &err) ||
        !sim_files_write(sim->files, settings, (struct text){config.bytes, config.len}, &err)) {
        sim_outcome_failed(ret, "Internal server error");
        return;
    }
    json_object(&out);
    (void)snprintf(url, sizeof url, "%s/files/%s", sim->public_url, weights);
    if (sim_faults_strike(sim->faults, "result", "null_file", text_of(request->endpoint_id), text_of(request->input),
                          &fault))
        json_key_null(&out, "diffusers_lora_file");
    else
        write_file(&out, "diffusers_lora_file", url, 0);
    (void)snprintf(url, sizeof url, "%s/files/%s", sim->public_url, settings);
    write_file(&out, "config_file", url, (int64_t)config.len);
    json_end_object(&out);
}

void sim_train(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    bool pro = request->endpoint->model == MODEL_PRO_TRAINER;
    const char *field = pro ? "data_url" : "images_data_url";
    struct dice dice = dice_make(request->seed, text_of(request->id.text), 0);
    uint64_t a = dice_next(&dice), b = dice_next(&dice);

    if (!check_archive(sim, field, sim_text(input, field, ""), ret))
        return;
    if (!pro) {
        write_lora(sim, request, input, ret);
        return;
    }
    (void)buf_add_format(
        &ret->body, "{\"finetune_id\":\"%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64 "\"}",
        a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 48 & 0xfff, b & 0xffffffffffff);
}
