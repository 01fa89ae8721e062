#include "falsim/sim_hook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_json.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_state.h"
#include "falsim/sim_table.h"
#include "fetch/fetch.h"
#include "json/json_in.h"

enum { CONNECT_TIMEOUT_MS = 5000, FIRST_TIMEOUT_MS = 15000, TIMEOUT_MS = 120000, MAX_ANSWER = 64 << 10, OLD_S = 3600 };

static char *copy(const char *text)
{
    char *ret = strdup(text);

    if (!ret)
        abort();
    return ret;
}

/* The body is made once: what is signed is what is sent, at every try. */
static void make_body(struct sim_hook *hook, const struct sim_request *request)
{
    CLEANUP(buf_done) struct buf payload = buf_make(SIM_MAX_OUTPUT);
    struct err err;
    yajl_val output;
    bool parsed = json_parse(text_of(request->output), &output, &err);

    hook->body = buf_make(2 * SIM_MAX_OUTPUT);
    if (!parsed || !sim_json_python(&payload, output))
        buf_clear(&payload);
    yajl_tree_free(output);
    if (request->status_code == 200)
        (void)buf_add_text(&hook->body, "{\"error\": null, ");
    else
        (void)buf_add_format(&hook->body, "{\"error\": \"Invalid status code: %d\", ", request->status_code);
    (void)buf_add_format(&hook->body, "\"gateway_request_id\": \"%s\", \"payload\": ", request->id.text);
    (void)buf_add_text(&hook->body, payload.len ? payload.bytes : "null");
    if (!payload.len)
        (void)buf_add_text(&hook->body,
                           ", \"payload_error\": \"Response payload is not JSON serializable. Either return a JSON "
                           "serializable object or use the queue endpoint to retrieve the response.\"");
    (void)buf_add_format(&hook->body, ", \"request_id\": \"%s\", \"status\": \"%s\"}", request->id.text,
                         request->status_code == 200 ? "OK" : "ERROR");
}

void sim_hook_make(struct sim_hook *ret, const struct sim_request *request)
{
    *ret = (struct sim_hook){.id = request->id, .url = copy(request->webhook), .input = copy(request->input)};
    memcpy(ret->endpoint_id, request->endpoint_id, sizeof ret->endpoint_id);
    make_body(ret, request);
}

void sim_hook_done(struct sim_hook *hook)
{
    free(hook->url);
    free(hook->input);
    buf_done(&hook->body);
}

struct signature {
    char request_id[96], user_id[64], timestamp[64], hex[200];
};

static void rotate(struct sim *sim)
{
    unsigned char seed[ED25519_KEY_BYTES];

    sim_keys_rotate(sim->keys, sim->config.seed, seed);
    sim_table_lock(sim->table);
    sim_state_key(sim->state, seed);
    sim_table_unlock(sim->table);
}

static void sign(struct sim *sim, const struct sim_hook *hook, const char *fault, struct signature *ret)
{
    CLEANUP(buf_done) struct buf message = buf_make(1024);
    unsigned char hash[SHA256_BYTES], signature[ED25519_SIGNATURE_BYTES], strange[ED25519_KEY_BYTES];
    char hash_hex[HEX_ROOM(SHA256_BYTES)], hex[HEX_ROOM(ED25519_SIGNATURE_BYTES)];
    int64_t now = clock_wall_s() - (strcmp(fault, "old_timestamp") == 0 ? OLD_S : 0);
    static const char USER[] = "user_falsim";

    if (strncmp(fault, "key_", 4) == 0)
        rotate(sim);
    if (strcmp(fault, "key_replaced") == 0) /* two are published: the old one goes */
        rotate(sim);
    crypto_sha256((struct text){hook->body.bytes, hook->body.len}, hash);
    hex_write(hash, sizeof hash, hash_hex);
    (void)buf_add_format(&message, "%s\n%s\n%" PRId64 "\n%s", hook->id.text, USER, now, hash_hex);
    if (strcmp(fault, "forged") == 0) {
        crypto_random(strange, sizeof strange);
        ed25519_sign(strange, (struct text){message.bytes, message.len}, signature);
    } else {
        sim_keys_sign(sim->keys, (struct text){message.bytes, message.len}, signature);
    }
    if (strcmp(fault, "bad_signature") == 0)
        signature[7] ^= 1;
    hex_write(signature, sizeof signature, hex);
    (void)snprintf(ret->request_id, sizeof ret->request_id, "X-Fal-Webhook-Request-Id: %s", hook->id.text);
    (void)snprintf(ret->user_id, sizeof ret->user_id, "X-Fal-Webhook-User-Id: %s", USER);
    (void)snprintf(ret->timestamp, sizeof ret->timestamp, "X-Fal-Webhook-Timestamp: %" PRId64, now);
    (void)snprintf(ret->hex, sizeof ret->hex, "X-Fal-Webhook-Signature: %s", hex);
}

int sim_hook_post(struct sim *sim, const struct sim_hook *hook)
{
    struct sim_fault fault = {0};
    struct signature s;
    struct fetch_response response = {0};
    struct err err;
    struct fetch *fetch =
        fetch_open(&(struct fetch_config){.origins = {hook->url}, .loopback = true, .stop = &sim->stopping}, &err);

    if (!fetch)
        return 0;
    (void)sim_faults_strike(sim->faults, "webhook", "forged bad_signature old_timestamp key_rotated key_replaced",
                            text_of(hook->endpoint_id), text_of(hook->input), &fault);
    sign(sim, hook, fault.fault, &s);
    (void)fetch_do(fetch,
                   &(struct fetch_request){.method = FETCH_POST,
                                           .url = hook->url,
                                           .headers = {"Content-Type: application/json", "User-Agent: falsim-webhook",
                                                       s.request_id, s.user_id, s.timestamp, s.hex},
                                           .body = {hook->body.bytes, hook->body.len},
                                           .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                           .timeout_ms = hook->tries ? TIMEOUT_MS : FIRST_TIMEOUT_MS,
                                           .max_bytes = MAX_ANSWER,
                                           .fresh = true},
                   &response, &err);
    fetch_response_done(&response);
    fetch_close(fetch);
    return response.status;
}
