#include "falsim/sim_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "falsim/sim.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_table.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum { MAX_LINE = 2 * SIM_MAX_OUTPUT };
#define MAX_FILE_BYTES ((int64_t)1 << 30) /* then it is rewritten */

struct sim_state {
    struct sim *sim;
    char *path;
    int fd;
    int64_t len;
};

/* Writing */

static bool write_line(struct sim_state *state, struct buf *line, struct err *reterr)
{
    ssize_t wrote;

    if (!buf_add(line, "\n", 1))
        return err_set(reterr, ERR_TOO_LARGE, "state", "a line of %zu bytes", line->len);
    for (size_t done = 0; done < line->len; done += (size_t)wrote) {
        wrote = write(state->fd, line->bytes + done, line->len - done);
        if (wrote < 0 && errno == EINTR)
            wrote = 0;
        else if (wrote < 0)
            return err_set(reterr, ERR_INTERNAL, "state", "%s: %s", state->path, strerror(errno));
    }
    state->len += (int64_t)line->len;
    return true;
}

static struct json_out begin(struct buf *line, const char *op, const struct sim_request *request)
{
    struct json_out out = json_out_begin(line);

    json_object(&out);
    json_key_text(&out, "op", op);
    if (request)
        json_key_text(&out, "id", request->id.text);
    return out;
}

static bool end(struct sim_state *state, struct json_out *out, struct err *reterr)
{
    json_end_object(out);
    if (out->overflow)
        return err_set(reterr, ERR_TOO_LARGE, "state", "a line over %d bytes", MAX_LINE);
    return write_line(state, out->buf, reterr);
}

static bool write_accepted(struct sim_state *state, const struct sim_request *r, struct err *reterr)
{
    CLEANUP(buf_done) struct buf line = buf_make(MAX_LINE);
    struct json_out out = begin(&line, "accepted", r);
    char seed[24];

    (void)snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    json_key_text(&out, "endpoint", r->endpoint_id);
    json_key_text(&out, "input", r->input); /* as text: its depth is then not ours */
    json_key_text(&out, "webhook", r->webhook);
    json_key_text(&out, "seed", seed);
    json_key_bool(&out, "low_priority", r->low_priority);
    json_key_int64(&out, "sent_us", r->sent_us);
    json_key_int64(&out, "start_by_us", r->start_by_us);
    json_key_int64(&out, "duration_us", r->duration_us);
    return end(state, &out, reterr);
}

static bool write_finished(struct sim_state *state, const struct sim_request *r, struct err *reterr)
{
    CLEANUP(buf_done) struct buf line = buf_make(MAX_LINE);
    struct json_out out = begin(&line, "finished", r);

    json_key_int64(&out, "status_code", r->status_code);
    json_key_text(&out, "output", r->output);
    json_key_text(&out, "error", r->error);
    json_key_text(&out, "error_type", r->error_type);
    json_key_bool(&out, "cancelled", r->cancelled);
    json_key_int64(&out, "started_us", r->started_us);
    json_key_int64(&out, "finished_us", r->finished_us);
    return end(state, &out, reterr);
}

static bool write_expired(struct sim_state *state, const struct sim_request *r, struct err *reterr)
{
    CLEANUP(buf_done) struct buf line = buf_make(1024);
    struct json_out out = begin(&line, "expired", r);

    return end(state, &out, reterr);
}

static bool write_delivery(struct sim_state *state, const struct sim_request *r, int i, struct err *reterr)
{
    CLEANUP(buf_done) struct buf line = buf_make(1024);
    struct json_out out = begin(&line, "delivered", r);

    json_key_int64(&out, "at_us", r->deliveries[i].at_us);
    json_key_int64(&out, "status", r->deliveries[i].status);
    return end(state, &out, reterr);
}

static bool write_key(struct sim_state *state, const unsigned char *seed, struct err *reterr)
{
    CLEANUP(buf_done) struct buf line = buf_make(1024);
    struct json_out out = begin(&line, "key", NULL);
    char hex[HEX_ROOM(ED25519_KEY_BYTES)];

    hex_write(seed, ED25519_KEY_BYTES, hex);
    json_key_text(&out, "seed", hex);
    return end(state, &out, reterr);
}

static bool write_request(struct sim_state *state, const struct sim_request *r, struct err *reterr)
{
    bool ok = write_accepted(state, r, reterr) && (r->stage != STAGE_DONE || write_finished(state, r, reterr)) &&
              (!r->expired || write_expired(state, r, reterr));

    for (int i = 0; ok && i < r->delivery_count; i++)
        ok = write_delivery(state, r, i, reterr);
    return ok;
}

static bool write_all(struct sim_state *state, struct err *reterr)
{
    unsigned char seeds[2][ED25519_KEY_BYTES];
    int keys = sim_keys_copy(state->sim->keys, seeds);
    bool ok = true;

    for (int i = 0; ok && i < keys; i++)
        ok = write_key(state, seeds[i], reterr);
    for (struct sim_request *r = sim_table_oldest(state->sim->table); ok && r;
         r = sim_table_newer(state->sim->table, r))
        ok = write_request(state, r, reterr);
    return ok;
}

/* The same again beside the old file, then in its place. */
static bool rewrite(struct sim_state *state, struct err *reterr)
{
    char fresh[1024];
    int old = state->fd;

    (void)snprintf(fresh, sizeof fresh, "%s.new", state->path);
    state->fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (state->fd < 0) {
        state->fd = old;
        return err_set(reterr, ERR_INTERNAL, "state", "%s: %s", fresh, strerror(errno));
    }
    state->len = 0;
    if (write_all(state, reterr) && rename(fresh, state->path) == 0) {
        if (old >= 0)
            (void)close(old);
        return true;
    }
    (void)close(state->fd);
    state->fd = old;
    return err_set(reterr, ERR_INTERNAL, "state", "%s could not be rewritten", state->path);
}

/* Reading */

static char *copy(const char *text)
{
    char *ret = text ? strdup(text) : NULL;

    if (text && !ret)
        abort();
    return ret;
}

static void read_accepted(struct sim *sim, yajl_val line, const struct uuid *id)
{
    const char *endpoint = json_get_text(line, "endpoint"), *input = json_get_text(line, "input");
    struct sim_request *r = endpoint && input ? calloc(1, sizeof *r) : NULL;

    if (!r)
        return;
    r->id = *id;
    (void)snprintf(r->endpoint_id, sizeof r->endpoint_id, "%s", endpoint);
    r->endpoint = sim_endpoint_named(text_of(endpoint));
    r->input = copy(input);
    r->webhook = copy(json_get_text(line, "webhook"));
    (void)json_get_uint64(line, "seed", &r->seed);
    r->low_priority = YAJL_IS_TRUE(json_get(line, "low_priority"));
    r->sent_us = json_get_int64(line, "sent_us", 0);
    r->start_by_us = json_get_int64(line, "start_by_us", 0);
    r->duration_us = json_get_int64(line, "duration_us", 0);
    list_init(&r->link);
    if (sim_table_find(sim->table, text_of(r->id.text)) || !sim_table_add(sim->table, r))
        sim_request_free(r);
}

static void read_finished(struct sim *sim, yajl_val line, struct sim_request *r)
{
    const char *output = json_get_text(line, "output"), *error = json_get_text(line, "error");
    const char *error_type = json_get_text(line, "error_type");

    if (!output || r->stage == STAGE_DONE)
        return;
    sim_request_set_output(r, (int)json_get_int64(line, "status_code", 500), text_of(output));
    (void)snprintf(r->error, sizeof r->error, "%s", error ? error : "");
    (void)snprintf(r->error_type, sizeof r->error_type, "%s", error_type ? error_type : "");
    r->cancelled = YAJL_IS_TRUE(json_get(line, "cancelled"));
    r->started_us = json_get_int64(line, "started_us", 0);
    r->finished_us = json_get_int64(line, "finished_us", 0);
    sim_table_finish(sim->table, r);
}

static void read_line(struct sim *sim, yajl_val line)
{
    const char *op = json_get_text(line, "op"), *id_text = json_get_text(line, "id");
    const char *key = json_get_text(line, "seed");
    unsigned char seed[ED25519_KEY_BYTES];
    struct sim_request *r;
    struct uuid id;

    if (op && strcmp(op, "key") == 0 && key && hex_read(text_of(key), seed, sizeof seed))
        sim_keys_add(sim->keys, seed);
    if (!op || !id_text || !uuid_read(text_of(id_text), &id))
        return;
    if (strcmp(op, "accepted") == 0)
        read_accepted(sim, line, &id);
    if (!(r = sim_table_find(sim->table, text_of(id.text))))
        return;
    if (strcmp(op, "finished") == 0)
        read_finished(sim, line, r);
    if (strcmp(op, "expired") == 0)
        r->expired = true;
    if (strcmp(op, "delivered") == 0)
        sim_request_add_delivery(r, json_get_int64(line, "at_us", 0), (int)json_get_int64(line, "status", 0));
}

static void read_file(struct sim *sim, FILE *file, const char *path)
{
    char *bytes = NULL;
    size_t room = 0;
    ssize_t len;

    for (int64_t number = 1; (len = getline(&bytes, &room, file)) > 0; number++) {
        yajl_val line;
        struct err err;
        if (len > MAX_LINE || !json_parse((struct text){bytes, (size_t)len}, &line, &err)) {
            log_write(LOG_WARN, "state_line_dropped", "file=%s line=%" PRId64, LOG_QUOTE(path), number);
            continue;
        }
        read_line(sim, line);
        yajl_tree_free(line);
    }
    free(bytes);
}

struct sim_state *sim_state_open(struct sim *sim, const char *path, struct err *reterr)
{
    struct sim_state *state = calloc(1, sizeof *state);
    FILE *file = fopen(path, "re");

    if (!state)
        abort();
    *state = (struct sim_state){.sim = sim, .path = copy(path), .fd = -1};
    if (file) {
        read_file(sim, file, path);
        (void)fclose(file);
    }
    if (rewrite(state, reterr))
        return state;
    sim_state_close(state);
    return NULL;
}

void sim_state_close(struct sim_state *state)
{
    if (!state)
        return;
    if (state->fd >= 0)
        (void)close(state->fd);
    free(state->path);
    free(state);
}

/* What cannot be written is said once per line: the simulator goes on without a memory. */
static void settle(struct sim_state *state, bool ok, struct err *err)
{
    if (ok && state->len > MAX_FILE_BYTES)
        ok = rewrite(state, err);
    if (!ok)
        log_write(LOG_ERROR, "state_not_written", "reason=%s", LOG_QUOTE(err->detail));
}

bool sim_state_accepted(struct sim_state *state, const struct sim_request *request, struct err *reterr)
{
    return !state || write_accepted(state, request, reterr);
}

void sim_state_finished(struct sim_state *state, const struct sim_request *request)
{
    struct err err;

    if (state)
        settle(state, write_finished(state, request, &err), &err);
}

void sim_state_expired(struct sim_state *state, const struct sim_request *request)
{
    struct err err;

    if (state)
        settle(state, write_expired(state, request, &err), &err);
}

void sim_state_delivered(struct sim_state *state, const struct sim_request *request)
{
    struct err err;

    if (state && request->delivery_count)
        settle(state, write_delivery(state, request, request->delivery_count - 1, &err), &err);
}

void sim_state_key(struct sim_state *state, const unsigned char seed[ED25519_KEY_BYTES])
{
    struct err err;

    if (state)
        settle(state, write_key(state, seed, &err), &err);
}
