#include "falsim/sim_draw.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "falsim/paint.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_files.h"
#include "falsim/sim_load.h"
#include "falsim/sim_make.h"
#include "falsim/sim_slow.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum { MAX_PIXELS = 17 * 1000 * 1000, MAX_SOURCE_BYTES = 32 << 20, MAX_RESULTS = 4, TOO_BIG_BYTES = 200 << 20 };

struct drawing {
    struct sim *sim;
    const struct sim_request *request;
    yajl_val input;
    struct paint_order order;
    struct buf source;
    int count, flagged; /* so many of them, the first ones, are judged indecent */
    struct sim_outcome *ret;
};

/* About four megapixels in the ratio that was asked for; the known ones as the real service makes them. */
static void size_of_ratio(const char *ratio, int *retwidth, int *retheight)
{
    static const struct {
        const char *ratio;
        int width, height;
    } KNOWN[] = {{"16:9", 2752, 1536}, {"1:1", 2048, 2048},  {"9:16", 1536, 2752},
                 {"4:3", 2368, 1792},  {"3:4", 1792, 2368},  {"3:2", 2496, 1664},
                 {"2:3", 1664, 2496},  {"21:9", 3136, 1344}, {"9:21", 1344, 3136}};

    *retwidth = KNOWN[0].width; /* also for a text that is no known ratio */
    *retheight = KNOWN[0].height;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcmp(KNOWN[i].ratio, ratio) == 0) {
            *retwidth = KNOWN[i].width;
            *retheight = KNOWN[i].height;
        }
}

static bool load_source(struct drawing *d, int *retwidth, int *retheight)
{
    bool takes_one =
        d->request->endpoint->model == MODEL_FLUX_LORA_VARIATION || d->request->endpoint->model == MODEL_FLUX_ULTRA;
    const char *url = takes_one ? json_get_text(d->input, "image_url") : NULL;
    struct err err;

    if (!url)
        return true;
    d->source = buf_make(MAX_SOURCE_BYTES);
    if (!sim_load(d->sim, url, &d->source, &err)) {
        sim_outcome_invalid(d->ret, "image_url", "file_download_error",
                            "Failed to download the file. Please check if the URL is accessible and try again.", NULL);
        return false;
    }
    d->order.source = (struct text){d->source.bytes, d->source.len};
    if (paint_measure(d->order.source, retwidth, retheight))
        return true;
    sim_outcome_invalid(d->ret, "image_url", "image_load_error",
                        "Failed to load the image. It may be corrupted or of an unsupported format.", NULL);
    return false;
}

static bool choose_size(struct drawing *d)
{
    int source_width = 1024, source_height = 768; /* landscape_4_3, the default */

    if (!load_source(d, &source_width, &source_height))
        return false;
    if (d->request->endpoint->model == MODEL_FLUX_ULTRA) {
        size_of_ratio(sim_text(d->input, "aspect_ratio", "16:9"), &d->order.width, &d->order.height);
    } else if (!sim_image_size(d->input, &d->order.width, &d->order.height)) {
        d->order.width = source_width;
        d->order.height = source_height;
    }
    if ((int64_t)d->order.width * d->order.height <= MAX_PIXELS)
        return true;
    sim_outcome_invalid(d->ret, "image_size", "image_too_large", "The image is too large",
                        "{\"max_width\":4096,\"max_height\":4096}");
    return false;
}

/* The seed as it came; NULL: the choice is ours. */
static const char *seed_digits(const struct drawing *d)
{
    yajl_val seed = json_get(d->input, "seed");

    return YAJL_IS_NUMBER(seed) ? YAJL_GET_NUMBER(seed) : NULL;
}

/* By the prompt they are black, by a rule they can be seen. */
static void flag(struct drawing *d, const char *prompt)
{
    struct sim_fault fault;

    if (!sim_bool(d->input, "enable_safety_checker", true))
        return;
    d->order.black = strstr(prompt, "nsfw-test") != NULL;
    if (d->order.black)
        d->flagged = d->count;
    else if (sim_faults_strike(d->sim->faults, "result", "nsfw", text_of(d->request->endpoint_id),
                               text_of(d->request->input), &fault))
        d->flagged = fault.times < d->count ? (int)fault.times : d->count;
}

static void choose_order(struct drawing *d)
{
    const char *prompt = sim_text(d->input, "prompt", ""), *seed = seed_digits(d);
    bool variation = d->request->endpoint->model == MODEL_FLUX_LORA_VARIATION;

    d->order.prompt = text_of(prompt);
    d->order.seed = seed ? strtoull(seed, NULL, 10) : d->request->seed;
    d->order.png = strcmp(sim_text(d->input, "output_format", "jpeg"), "png") == 0;
    d->order.keep = variation ? 1 - 0.88 * sim_number(d->input, "strength", 0.85)
                              : 0.8 * sim_number(d->input, "image_prompt_strength", 0.1);
    d->order.plain = d->sim->config.plain_pictures;
    d->count = (int)sim_number(d->input, "num_images", 1);
    flag(d, prompt);
}

/* The file as the order asks for it, or as a fault spoils it. */
static bool store(struct drawing *d, const char *name, struct text bytes, const char *fault, struct err *reterr)
{
    if (strcmp(fault, "404") == 0)
        return true;
    if (strcmp(fault, "too_big") == 0)
        return sim_files_write_hole(d->sim->files, name, TOO_BIG_BYTES, reterr);
    if (strcmp(fault, "garbage") == 0)
        return sim_files_write(d->sim->files, name, TEXT("<html>this is no picture</html>"), reterr);
    if (strcmp(fault, "truncated") == 0)
        bytes.len /= 2;
    return sim_files_write(d->sim->files, name, bytes, reterr);
}

static bool write_data_url(struct json_out *out, const char *type, struct text bytes)
{
    size_t room = (bytes.len + 2) / 3 * 4;
    char *to;

    json_key(out, "url");
    if (!buf_add_format(out->buf, "\"data:%s;base64,", type) || !(to = buf_reserve(out->buf, room + 1)))
        return false;
    out->buf->len += (size_t)EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)bytes.at, (int)bytes.len);
    out->comma = true;
    return buf_add(out->buf, "\"", 1);
}

/* One picture: paints it, stores it, describes it. */
static bool add_image(struct drawing *d, struct json_out *out, struct err *reterr)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(PAINT_MAX_BYTES);
    const char *type = d->order.png ? "image/png" : "image/jpeg";
    char name[96], url[400];
    struct sim_fault fault = {0};
    bool ok;

    if (!paint(&d->order, &bytes, reterr))
        return false;
    (void)snprintf(name, sizeof name, "out/%s_%d.%s", d->request->id.text, d->order.index, type + strlen("image/"));
    json_object(out);
    if (sim_bool(d->input, "sync_mode", false)) {
        ok = write_data_url(out, type, (struct text){bytes.bytes, bytes.len}) ||
             err_set(reterr, ERR_TOO_LARGE, "data_url", "no room");
    } else {
        (void)sim_faults_strike(d->sim->faults, "file", NULL, text_of(d->request->endpoint_id),
                                text_of(d->request->input), &fault);
        ok = store(d, name, (struct text){bytes.bytes, bytes.len}, fault.fault, reterr);
        sim_slow_url(d->sim, name, &fault, url, sizeof url);
        json_key_text(out, "url", url);
    }
    json_key_int64(out, "width", d->order.width);
    json_key_int64(out, "height", d->order.height);
    json_key_text(out, "content_type", type);
    json_end_object(out);
    return ok;
}

static bool add_images(struct drawing *d, struct json_out *out, struct err *reterr)
{
    struct sim_fault fault;
    bool struck = sim_faults_strike(d->sim->faults, "result", "missing_image null_file",
                                    text_of(d->request->endpoint_id), text_of(d->request->input), &fault);
    bool ok = true;

    json_key(out, "images");
    json_array(out);
    if (struck && strcmp(fault.fault, "null_file") == 0)
        json_null(out);
    for (d->order.index = 0; !struck && ok && d->order.index < d->count; d->order.index++)
        ok = add_image(d, out, reterr);
    json_end_array(out);
    return ok;
}

static void write_rest(struct drawing *d, struct json_out *out)
{
    const char *seed = seed_digits(d);

    json_key(out, "timings");
    json_object(out);
    json_key_double(out, "inference", (double)d->request->duration_us / 1e6);
    json_end_object(out);
    json_key(out, "seed");
    if (seed)
        json_raw(out, text_of(seed));
    else
        (void)buf_add_format(out->buf, "%" PRIu64, d->request->seed), out->comma = true;
    json_key(out, "has_nsfw_concepts");
    json_array(out);
    for (int i = 0; i < d->count; i++)
        json_bool(out, i < d->flagged);
    json_end_array(out);
    json_key_text(out, "prompt", sim_text(d->input, "prompt", ""));
    json_end_object(out);
}

void sim_draw(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    struct drawing d = {.sim = sim, .request = request, .input = input, .ret = ret};
    struct json_out out = json_out_begin(&ret->body);
    struct err err = {0};

    choose_order(&d);
    if (choose_size(&d)) {
        json_object(&out);
        if (add_images(&d, &out, &err))
            write_rest(&d, &out);
        if (err.kind || out.overflow)
            sim_outcome_failed(ret, "Internal server error");
    }
    buf_done(&d.source);
}
