#include "ops/health_api.h"

#include <string.h>
#include <unistd.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "redis/redis_watch.h"

struct next health_live(struct call *call)
{
    return reply_bytes(call, 200, "application/json", TEXT("{\"status\":\"ok\"}"));
}

static struct next asked_database(struct call *call, const PGresult *rows);

struct next health_show(struct call *call) { return await_rows_or_null(call, query_write("SELECT 1"), asked_database); }

static const char *state_word(bool ok) { return ok ? "ok" : "down"; }

static const char *redis_word(enum redis_state state)
{
    return state == REDIS_NONE ? "off" : state_word(state == REDIS_UP);
}

static struct next asked_database(struct call *call, const PGresult *rows)
{
    const struct local *local = local_of(call);
    enum redis_state redis = redis_watch_state(local->redis);
    bool storage = access(local->config->objects_dir, R_OK | W_OK | X_OK) == 0;
    bool up = rows && storage && !http_thread_stopping(call->thread);
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key_text(&out, "status", !up ? "down" : redis == REDIS_DOWN ? "degraded" : "ok");
    json_key_text(&out, "version", AISHA_VERSION);
    json_key(&out, "checks");
    json_object(&out);
    json_key_text(&out, "database", state_word(rows != NULL));
    json_key_text(&out, "redis", redis_word(redis));
    json_key_text(&out, "storage", state_word(storage));
    json_end_object(&out);
    json_end_object(&out);
    if (!up)
        reply_header(call, "retry-after", "2");
    return reply_json(call, up ? 200 : 503, &out);
}

struct next service_show(struct call *call)
{
    const struct config *config = local_of(call)->config;
    struct json_out out;
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    out = reply_json_begin(call);
    json_object(&out);
    json_key_bool(&out, "available", config->fal_key != NULL);
    json_key_bool(&out, "test_mode", config->test_mode);
    json_key_bool(&out, "training_test_mode", config->training_test_mode);
    json_key_bool(&out, "api_key_set", config->fal_key != NULL);
    json_key(&out, "supported_types");
    json_array(&out);
    json_text(&out, TEXT("portrait"));
    json_text(&out, TEXT("style"));
    json_end_array(&out);
    json_key_text(&out, "version", AISHA_VERSION);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
