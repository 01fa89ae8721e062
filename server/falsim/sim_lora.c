#include "falsim/sim_lora.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_files.h"
#include "falsim/sim_make.h"
#include "falsim/sim_slow.h"
#include "falsim/sim_weights.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum { MIB = 1 << 20, MAX_CONFIG = 8192 };
#define TOO_BIG_BYTES ((int64_t)5 << 30) /* beyond every limit; takes no room on the disk */

struct lora {
    struct sim *sim;
    const struct sim_request *request;
    char weights[96], config[96]; /* names of the files */
    struct buf settings;
    struct sim_fault fault, file; /* of the result, and of the weights */
};

/* "": none of these strikes. */
static struct sim_fault strike(const struct lora *lora, const char *op, const char *among)
{
    struct sim_fault fault = {0};

    (void)sim_faults_strike(lora->sim->faults, op, among, text_of(lora->request->endpoint_id),
                            text_of(lora->request->input), &fault);
    return fault;
}

/* As they should be, or as a fault spoils them. */
static bool write_weights(struct lora *lora, struct err *reterr)
{
    const char *fault = lora->file.fault;
    int64_t bytes = lora->sim->config.lora_mib * MIB;

    if (strcmp(fault, "404") == 0)
        return true;
    if (strcmp(fault, "garbage") == 0)
        return sim_files_write(lora->sim->files, lora->weights, TEXT("<html>these are no weights</html>"), reterr);
    if (strcmp(fault, "too_big") == 0)
        return sim_files_write_hole(lora->sim->files, lora->weights, TOO_BIG_BYTES, reterr);
    return sim_weights_write(lora->sim->files, lora->weights, bytes, lora->request->seed,
                             strcmp(fault, "truncated") == 0 ? bytes / 2 : -1, reterr);
}

static bool write_config(struct lora *lora, yajl_val input, struct err *reterr)
{
    struct json_out out = json_out_begin(&lora->settings);
    const char *phrase = json_get_text(input, "trigger_phrase");

    json_object(&out);
    json_key_text(&out, "images_data_url", json_get_text(input, "images_data_url"));
    json_key_text(&out, "trigger_word", phrase ? phrase : json_get_text(input, "trigger_word"));
    json_key_text(&out, "request_id", lora->request->id.text);
    json_key_double(&out, "steps", sim_number(input, "steps", 1000));
    json_key_bool(&out, "is_style", sim_bool(input, "is_style", false));
    json_end_object(&out);
    return out.overflow ? err_set(reterr, ERR_TOO_LARGE, "sim_lora", "a configuration over %d bytes", MAX_CONFIG)
                        : sim_files_write(lora->sim->files, lora->config,
                                          (struct text){lora->settings.bytes, lora->settings.len}, reterr);
}

/* The weights come with nulls, as from the service. size < 0: not said. */
static void write_file(struct json_out *out, const char *key, const char *url, const char *name, int64_t size)
{
    json_key(out, key);
    json_object(out);
    json_key_text(out, "url", url);
    json_key_text(out, "content_type", name ? "application/octet-stream" : NULL);
    json_key_text(out, "file_name", name);
    if (size < 0)
        json_key_null(out, "file_size");
    else
        json_key_int64(out, "file_size", size);
    json_end_object(out);
}

static void write_result(struct lora *lora, struct buf *to)
{
    struct json_out out = json_out_begin(to);
    bool wrong_size = strcmp(lora->fault.fault, "wrong_size") == 0;
    char url[400];

    json_object(&out);
    sim_slow_url(lora->sim, lora->weights, &lora->file, url, sizeof url);
    if (strcmp(lora->fault.fault, "null_file") == 0)
        json_key_null(&out, "diffusers_lora_file");
    else
        write_file(&out, "diffusers_lora_file", url, NULL, wrong_size ? 7 : -1);
    sim_slow_url(lora->sim, lora->config, NULL, url, sizeof url);
    if (strcmp(lora->fault.fault, "missing_config") != 0)
        write_file(&out, "config_file", url, "config.json", wrong_size ? 7 : (int64_t)lora->settings.len);
    json_end_object(&out);
}

void sim_lora_make(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    struct lora lora = {.sim = sim, .request = request, .settings = buf_make(MAX_CONFIG)};
    struct err err;

    (void)snprintf(lora.weights, sizeof lora.weights, "out/%s_pytorch_lora_weights.safetensors", request->id.text);
    (void)snprintf(lora.config, sizeof lora.config, "out/%s_config.json", request->id.text);
    lora.fault = strike(&lora, "result", "null_file missing_config wrong_size");
    lora.file = strike(&lora, "file", NULL);
    if (write_weights(&lora, &err) && write_config(&lora, input, &err)) {
        write_result(&lora, &ret->body);
    } else {
        log_write(LOG_ERROR, "lora_failed", "request=%s reason=%s", request->id.text, LOG_QUOTE(err.detail));
        sim_outcome_failed(ret, "Internal server error");
    }
    buf_done(&lora.settings);
}
