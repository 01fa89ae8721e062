#include "ops/health_api.h"

#include <string.h>
#include <unistd.h>

#include "db/rows.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "ops/disk.h"
#include "redis/redis_watch.h"
#include "storage/storage_watch.h"

struct next health_live(struct call *call)
{
    return reply_bytes(call, 200, "application/json", TEXT("{\"status\":\"ok\"}"));
}

/* Everything that is looked at, and in words what is wrong. */
struct health {
    bool database, storage, stopping, useless;
    const char *redis, *provider, *disk, *workers;                   /* the contract's words */
    const char *storage_why, *provider_why, *disk_why, *workers_why; /* NULL: nothing to say */
};

static struct next asked_database(struct call *call, const PGresult *rows);

/* An endpoint that failed a while ago, and that nobody has asked for since, is no news. */
static struct query state_of_work(void)
{
    return query_write(
        "SELECT (SELECT COALESCE(reason, '') FROM breakers WHERE endpoint = '' AND open_until IS NOT NULL),"
        " EXISTS (SELECT FROM breakers WHERE endpoint <> '' AND open_until > now() - interval '10 minutes'),"
        " EXISTS (SELECT FROM workers WHERE beat_at > now() - interval '15 seconds')");
}

struct next health_show(struct call *call) { return await_rows_or_null(call, state_of_work(), asked_database); }

static const char *state_word(bool ok) { return ok ? "ok" : "down"; }

static const char *redis_word(enum redis_state state)
{
    return state == REDIS_NONE ? "off" : state_word(state == REDIS_UP);
}

static const char *stop_words(const char *reason)
{
    return strcmp(reason, "fal_key_refused") == 0
               ? "fal.ai refuses the key: nothing is submitted until it takes one again"
               : "fal.ai refuses the account (balance used up, or locked): nothing is submitted until that has changed";
}

static void look_at_work(struct health *h, const struct config *config, const PGresult *rows)
{
    struct row row;
    const char *stopped;
    bool delayed;

    h->provider = h->workers = "unknown";
    if (!rows)
        return;
    row = rows_at(rows, 0);
    stopped = row_text_or_null(&row);
    delayed = row_bool(&row);
    h->workers = state_word(row_bool(&row));
    if (*h->workers != 'o')
        h->workers_why = "no worker has given a sign of life for 15 seconds: accepted work waits";
    h->provider = !config->generation.key ? "off" : stopped ? "stopped" : delayed ? "delayed" : "ok";
    if (config->generation.key && stopped)
        h->provider_why = stop_words(stopped);
    else if (config->generation.key && delayed)
        h->provider_why = "an endpoint of fal.ai fails: what is accepted waits until it works again";
}

/* A full spool costs what it is for; a full store all new pictures. */
static void look_at_disks(struct health *h, const struct config *config)
{
    enum disk_state objects = disk_look(config->objects_dir),
                    spool = config->spool_max_mib ? disk_look(config->spool_dir) : DISK_OK;

    h->disk = objects == DISK_FULL ? "down" : objects == DISK_LOW || spool != DISK_OK ? "low" : "ok";
    if (objects != DISK_OK)
        h->disk_why = "the disk of OBJECTS_DIR is nearly full";
    else if (spool != DISK_OK)
        h->disk_why = "the disk of SPOOL_DIR is nearly full";
}

/* Without its folder a process can do nothing, and others may have theirs. An S3 server that is away is so for all:
   pages and the API go on, and what is made waits in the spool. */
static void look_at_storage(struct health *h, const struct local *local)
{
    h->useless = access(local->config->objects_dir, R_OK | W_OK | X_OK) != 0;
    h->storage = local->storage_watch ? storage_watch_ok(local->storage_watch) : !h->useless;
    if (h->useless)
        h->storage_why = "OBJECTS_DIR cannot be written to";
    else if (!h->storage)
        h->storage_why = "the S3 server does not take, keep and give objects: pictures cannot be seen, new ones wait"
                         " in SPOOL_DIR";
}

static const char *status_of(const struct health *h)
{
    if (!h->database || h->useless || h->stopping || strcmp(h->disk, "down") == 0)
        return "down";
    return strcmp(h->redis, "down") == 0 || h->storage_why || h->provider_why || h->disk_why || h->workers_why
               ? "degraded"
               : "ok";
}

static void write_health(struct json_out *out, const struct health *h)
{
    json_object(out);
    json_key_text(out, "status", status_of(h));
    json_key_text(out, "version", AISHA_VERSION);
    json_key(out, "checks");
    json_object(out);
    json_key_text(out, "database", state_word(h->database));
    json_key_text(out, "redis", h->redis);
    json_key_text(out, "storage", state_word(h->storage));
    json_key_text(out, "disk", h->disk);
    json_key_text(out, "provider", h->provider);
    json_key_text(out, "workers", h->workers);
    json_end_object(out);
    json_key(out, "reasons");
    json_object(out);
    if (h->storage_why)
        json_key_text(out, "storage", h->storage_why);
    if (h->disk_why)
        json_key_text(out, "disk", h->disk_why);
    if (h->provider_why)
        json_key_text(out, "provider", h->provider_why);
    if (h->workers_why)
        json_key_text(out, "workers", h->workers_why);
    json_end_object(out);
    json_end_object(out);
}

static struct next asked_database(struct call *call, const PGresult *rows)
{
    const struct local *local = local_of(call);
    struct health h = {.database = rows != NULL,
                       .stopping = http_thread_stopping(call->thread),
                       .redis = redis_word(redis_watch_state(local->redis))};
    struct json_out out = reply_json_begin(call);
    bool down;

    look_at_work(&h, local->config, rows);
    look_at_disks(&h, local->config);
    look_at_storage(&h, local);
    write_health(&out, &h);
    down = strcmp(status_of(&h), "down") == 0;
    if (down)
        reply_header(call, "retry-after", "2");
    return reply_json(call, down ? 503 : 200, &out);
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
    json_key_bool(&out, "available", config->generation.key != NULL);
    json_key_bool(&out, "test_mode", config->test_mode);
    json_key_bool(&out, "training_test_mode", config->training_test_mode);
    json_key_bool(&out, "api_key_set", config->fal.key != NULL);
    json_key(&out, "supported_types");
    json_array(&out);
    if (config->training.key) {
        json_text(&out, TEXT("portrait"));
        json_text(&out, TEXT("style"));
    }
    json_end_array(&out);
    json_key_text(&out, "version", AISHA_VERSION);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
