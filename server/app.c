#include "app.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "batches/batch_job.h"
#include "catalog/catalog.h"
#include "db/db.h"
#include "decoder/decoder.h"
#include "endpoints/endpoint_watch.h"
#include "events/event_bell.h"
#include "events/event_hub.h"
#include "fal/jwks.h"
#include "generations/generation_job.h"
#include "generations/spool_sweep.h"
#include "http/await_cached.h"
#include "http/server.h"
#include "image/face.h"
#include "image/image.h"
#include "jobs/bell.h"
#include "jobs/sweeper.h"
#include "jobs/workers.h"
#include "local.h"
#include "moderation/moderation.h"
#include "redis/redis_url.h"
#include "redis/redis_watch.h"
#include "routes.h"
#include "storage/object_link.h"
#include "storage/storage_watch.h"
#include "styles/styles.h"
#include "sweeps.h"
#include "trainings/training_job.h"
#include "users/access.h"
#include "view/templates.h"
#include "view/texts.h"
#include "web/page.h"
#include "web/pages.h"

enum {
    STOP_MS = 8000,
    LAST_MS = 9500,
    MAX_BODY = 1 << 20,
    MAX_QUEUED = 1000,
    OPERATION_MS = 4500,    /* with what comes beside it an answer within five seconds */
    OTHER_DESCRIPTORS = 48, /* beside those of workers and loops: logs, journals, polls, sockets that are listened on */
};

static const char FILES_PREFIX[] = "/files/";

struct app {
    const struct config *config;
    int max_connections;
    struct catalog *catalog;
    struct endpoint_watch *endpoint_watch;
    struct styles *styles;
    struct moderation *moderation;
    struct texts *texts;
    struct templates *templates;
    struct redis_watch *redis;
    struct redis_url redis_url;
    struct cache_counts *cache_counts;
    struct storage_watch *storage_watch; /* NULL: objects lie on local disk */
    struct event_bell *event_bell;
    struct jobs_bell *jobs_bell;
    struct jwks *jwks, *training_jwks;
    struct decoder *decoder;
    struct spool *spool;
    struct workers *workers;
    struct sweeper *sweeper;
    char job_kinds[WORKERS_KINDS_ROOM];
    struct http_server *server;
    struct buf objects_origins; /* that pages load pictures from and send photos to; empty: our own */
};

static const struct job_kind JOB_KINDS[] = {
    {"generation", generation_step, 12, generation_give_up},
    {"training", training_step, 12, training_give_up},
    {"batch", batch_job_step, 12, batch_job_give_up},
    {0},
};

/* Each loop's own */

struct db *local_db(struct local *local) { return local->db; }
struct cache *local_cache(struct local *local) { return local->cache; }

static struct mac *mac_for(const struct config *config, const char *purpose)
{
    unsigned char key[SHA256_BYTES];

    mac_derive_key(text_of(config->secret_key), purpose, key);
    return mac_open(key, sizeof key);
}

static void open_macs(struct local *local, const struct config *config)
{
    local->links = object_links_open(config);
    local->cursor_mac = mac_for(config, "cursor");
    local->csrf_mac = mac_for(config, "csrf");
    local->hook_mac = mac_for(config, "hook");
    local->has_service_token = config->service_token != NULL;
    if (config->service_token)
        crypto_sha256(text_of(config->service_token), local->service_sha256);
}

static struct local *thread_start(struct http_thread *thread, void *program, struct err *reterr)
{
    const struct app *app = program;
    const struct db_config db = {app->config->database_url, (int)app->config->database_connections,
                                 (int)app->config->database_connections, MAX_QUEUED, OPERATION_MS};
    struct local *local = calloc(1, sizeof *local);

    (void)reterr;
    if (!local)
        abort();
    local->thread = thread;
    local->config = app->config;
    local->catalog = app->catalog;
    local->endpoint_watch = app->endpoint_watch;
    local->styles = app->styles;
    local->moderation = app->moderation;
    local->texts = app->texts;
    local->templates = app->templates;
    local->redis = app->redis;
    local->storage_watch = app->storage_watch;
    local->job_kinds = app->job_kinds;
    local->bell = app->jobs_bell;
    local->event_bell = app->event_bell;
    local->jwks = app->jwks;
    local->training_jwks = app->training_jwks;
    local->decoder = app->decoder;
    open_macs(local, app->config);
    local->db = db_open(&thread->loop, &db);
    local->cache = cache_open(&thread->loop, app->config->redis_url ? &app->redis_url : NULL, app->config->secret_key,
                              app->cache_counts);
    local->events = event_hub_open(&thread->loop, local->db, app->event_bell);
    return local;
}

static void thread_stopping(struct http_thread *thread) { event_hub_stop(thread->local->events); }

static void thread_end(struct local *local)
{
    event_hub_close(local->events);
    cache_close(local->cache);
    db_close(local->db);
    object_links_close(local->links);
    mac_close(local->cursor_mac);
    mac_close(local->csrf_mac);
    mac_close(local->hook_mac);
    free(local);
}

static bool may_serve(struct local *local, struct text path, struct text query)
{
    struct text bucket, key;

    return object_link_check(local->links, path, query, clock_wall_s(), &bucket, &key) == SIGNED_URL_OK;
}

/* Start and stop */

static void find_objects(struct app *app)
{
    static const char *const BUCKETS[] = {"aisha-v2-generated", "aisha-v2-photos", NULL};
    struct object_links *links = object_links_open(app->config);

    app->objects_origins = buf_make(1024);
    object_link_origins(links, BUCKETS, &app->objects_origins);
    object_links_close(links);
}

static bool open_shared(struct app *app, const char *program, struct err *reterr)
{
    const struct config *config = app->config;

    (void)mkdir(config->objects_dir, 0700); /* its parent must be there */
    if (access(config->objects_dir, R_OK | W_OK | X_OK) != 0)
        return err_set(reterr, ERR_INVALID, "objects_dir", "OBJECTS_DIR=%s cannot be written to", config->objects_dir);
    app->event_bell = event_bell_open();
    app->jobs_bell = bell_open();
    app->cache_counts = cache_counts_open();
    find_objects(app);
    return image_start(program, reterr) && (app->catalog = catalog_open(config->root, reterr)) &&
           (app->styles = styles_open(config->root, app->catalog, reterr)) &&
           (app->moderation = moderation_open(config->root, reterr)) &&
           (app->texts = texts_open(config->root, reterr)) &&
           (app->templates = pages_open(config->root, app->texts, reterr)) &&
           (app->endpoint_watch = endpoint_watch_open(config->database_url, app->catalog)) &&
           (app->redis = redis_watch_open(config->redis_url, reterr)) &&
           (!config->redis_url || redis_url_read(config->redis_url, &app->redis_url, reterr)) &&
           (!config->s3_endpoint || (app->storage_watch = storage_watch_open(config, reterr)));
}

/* NULL in *ret when the provider calls nobody. */
static bool open_jwks(const struct provider *provider, struct jwks **ret, struct err *reterr)
{
    char url[600];

    if (!provider->key || !provider->webhook_url)
        return true;
    (void)snprintf(url, sizeof url, "%s/.well-known/jwks.json", provider->rest_url);
    return (*ret = jwks_open(url, provider->simulated, reterr)) != NULL;
}

static bool open_key_sets(struct app *app, struct err *reterr)
{
    const struct config *config = app->config;

    if (!open_jwks(&config->generation, &app->jwks, reterr))
        return false;
    if (!provider_equal(&config->generation, &config->training))
        return open_jwks(&config->training, &app->training_jwks, reterr);
    app->training_jwks = app->jwks;
    return true;
}

static bool open_decoder(struct app *app, const char *program, struct err *reterr)
{
    char models[1200];

    (void)snprintf(models, sizeof models, "%s/" FACE_MODELS, app->config->root);
    return (app->decoder = decoder_open(program, models, (int)app->config->decoders, reterr)) != NULL;
}

/* With SPOOL_MAX_MIB=0 nothing waits there any more, and a folder that cannot be made is no fault. */
static bool open_spool(struct app *app, struct err *reterr)
{
    const struct config *config = app->config;
    struct err err;

    if (!(app->spool = spool_open(config->spool_dir, (int64_t)config->spool_max_mib << 20, &err)))
        return config->spool_max_mib == 0 || err_set(reterr, ERR_INVALID, "spool_dir", "SPOOL_DIR: %s", err.detail);
    if (spool_due(app->spool, SPOOL_SWEEP_S)) {
        struct pg *pg = pg_open(config->database_url);
        spool_sweep(app->spool, pg);
        pg_close(pg);
    }
    return true;
}

static bool start_workers(struct app *app, struct err *reterr)
{
    const struct workers_config config = {.config = app->config,
                                          .catalog = app->catalog,
                                          .kinds = JOB_KINDS,
                                          .admit = generation_admit,
                                          .bell = app->jobs_bell,
                                          .event_bell = app->event_bell,
                                          .spool = app->spool};

    return (app->workers = workers_start(&config, reterr)) != NULL;
}

/* What was mended may be due, and users may be waiting to see it. */
static void on_mended(void *owner)
{
    struct app *app = owner;

    bell_ring_all(app->jobs_bell);
    event_bell_ring(app->event_bell);
}

static bool start_sweeper(struct app *app, struct err *reterr)
{
    const struct sweeper_config config = {.config = app->config, .sweeps = SWEEPS, .mended = on_mended, .owner = app};

    return (app->sweeper = sweeper_start(&config, reterr)) != NULL;
}

static bool start_http(struct app *app, struct err *reterr)
{
    const struct config *c = app->config;
    const struct http_config config = {.listen = c->listen,
                                       .threads = (int)c->http_threads,
                                       .max_connections = app->max_connections,
                                       .max_body = MAX_BODY,
                                       .request_timeout_s = (int)c->request_timeout_s,
                                       .write_timeout_s = (int)c->write_timeout_s,
                                       .public_origin = c->public_url,
                                       .upload_dir = c->temp_dir,
                                       .upload_space = (int64_t)c->upload_space_mib << 20,
                                       .objects_origins = app->objects_origins.bytes};
    const struct http_site site = {.routes = routes,
                                   .authenticate = access_authenticate,
                                   .problem_page = page_problem,
                                   .files_prefix = FILES_PREFIX,
                                   .files_root = c->objects_dir,
                                   .may_serve = may_serve,
                                   .thread_start = thread_start,
                                   .thread_stopping = thread_stopping,
                                   .thread_end = thread_end,
                                   .program = app};

    if (!(app->server = http_server_start(&config, &site, reterr)))
        return false;
    log_write(LOG_INFO, "listening", "url=http://%s port=%d public_url=%s threads=%ld", c->listen,
              http_server_port(app->server), c->public_url, c->http_threads);
    return true;
}

static void wait_for_signal(void)
{
    sigset_t ends;
    int which;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigwait(&ends, &which);
    log_write(LOG_INFO, "stopping", "signal=%s", sigabbrev_np(which));
}

/* Threads inherit the mask: the signals wait for wait_for_signal. */
static void block_signals(void)
{
    sigset_t ends;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
}

/* A statement in a database that is frozen has no end, and there may be others of that kind. What they hold is taken
   over as from a process that was killed. */
static void *on_last_moment(void *arg)
{
    const struct timespec rest = {.tv_sec = LAST_MS / 1000, .tv_nsec = LAST_MS % 1000 * 1000000L};

    (void)arg;
    (void)nanosleep(&rest, NULL);
    log_write(LOG_WARN, "stopped", "ms=%d clean=0", LAST_MS);
    _Exit(0);
}

static void limit_stop(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, on_last_moment, NULL) != 0 || pthread_detach(thread) != 0)
        abort();
}

/* No new work and no new requests; what runs may finish until the deadline. */
static void stop(struct app *app)
{
    int64_t began_ms = clock_monotonic_ms();
    bool clean = true;

    limit_stop();
    if (app->sweeper)
        sweeper_quiet(app->sweeper);
    if (app->workers)
        workers_quiet(app->workers);
    if (app->server)
        clean = http_server_stop(app->server, STOP_MS);
    if (app->workers)
        workers_stop(app->workers, STOP_MS - (int)(clock_monotonic_ms() - began_ms));
    if (app->sweeper)
        sweeper_stop(app->sweeper);
    log_write(LOG_INFO, "stopped", "ms=%lld clean=%d", (long long)(clock_monotonic_ms() - began_ms), clean);
    if (!clean)
        _Exit(0); /* a call was cut off: what it still points to stays where it is */
}

static void close_shared(struct app *app)
{
    if (app->training_jwks != app->jwks)
        jwks_close(app->training_jwks);
    buf_done(&app->objects_origins);
    jwks_close(app->jwks);
    decoder_close(app->decoder);
    spool_close(app->spool);
    redis_watch_close(app->redis);
    cache_counts_close(app->cache_counts);
    storage_watch_close(app->storage_watch);
    templates_close(app->templates);
    texts_close(app->texts);
    styles_close(app->styles);
    moderation_close(app->moderation);
    endpoint_watch_close(app->endpoint_watch);
    catalog_close(app->catalog);
    if (app->jobs_bell)
        bell_close(app->jobs_bell);
    if (app->event_bell)
        event_bell_close(app->event_bell);
}

/* One descriptor per connection: as many as the system allows, but for those that everything else needs. */
static int raise_connection_limit(const struct config *config)
{
    long others = OTHER_DESCRIPTORS + 4 * config->workers + 4 * config->http_threads * config->database_connections;
    long room = config->max_connections;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < (rlim_t)(room + others))
            room = (long)limit.rlim_cur > 2 * others ? (long)limit.rlim_cur - others : (long)limit.rlim_cur / 2;
    }
    if (room < config->max_connections)
        log_write(LOG_WARN, "connections_limited", "descriptors=%ld connections=%ld", (long)limit.rlim_cur, room);
    return (int)room;
}

bool app_serve(const struct config *config, struct app_roles roles, const char *program, struct err *reterr)
{
    struct app app = {.config = config};
    bool started;

    workers_name_kinds(JOB_KINDS, app.job_kinds);
    app.max_connections = raise_connection_limit(config);
    block_signals();
    started =
        open_shared(&app, program, reterr) && open_key_sets(&app, reterr) &&
        (!roles.work || (open_spool(&app, reterr) && start_workers(&app, reterr) && start_sweeper(&app, reterr))) &&
        (!roles.http || (open_decoder(&app, program, reterr) && start_http(&app, reterr)));
    if (started)
        wait_for_signal();
    stop(&app);
    close_shared(&app);
    return started;
}
