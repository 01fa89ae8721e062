#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "catalog/catalog.h"
#include "command_storage.h"
#include "commands.h"
#include "db/pg.h"
#include "db/rows.h"
#include "image/face.h"
#include "image/image.h"
#include "moderation/moderation.h"
#include "redis/redis_watch.h"
#include "styles/styles.h"
#include "view/texts.h"
#include "web/pages.h"

/* One line per part; returns how many faults it is (0 or 1). */
static int say(bool ok, const char *what, const char *words)
{
    (void)printf("%-14s %s  %s\n", what, ok ? "ok  " : "FAIL", words);
    return !ok;
}

static int check_database(const struct config *config)
{
    struct query q = query_read("SELECT count(*) FROM schema_migrations");
    struct pg *pg = pg_open(config->database_url);
    struct err err = {0};
    PGresult *rows = pg_run(pg, &q, &err);
    char words[280] = "schema is there";

    if (!rows)
        (void)snprintf(words, sizeof words, "%s (did `aisha migrate` run?)", err.detail);
    PQclear(rows);
    pg_close(pg);
    return say(rows != NULL, "PostgreSQL", words);
}

static int check_redis(const struct config *config)
{
    struct err err = {0};

    if (!config->redis_url)
        return say(true, "Redis", "off (REDIS_URL is not set): fine, caches only");
    return redis_answers(config->redis_url, &err) ? say(true, "Redis", "answers") : say(false, "Redis", err.detail);
}

static int check_folder(const struct config *config)
{
    return access(config->objects_dir, R_OK | W_OK | X_OK) == 0
               ? say(true, "OBJECTS_DIR", config->objects_dir)
               : say(false, "OBJECTS_DIR", "is not a folder that can be written to");
}

/* An object is put, read and deleted, wherever objects lie. */
static int check_objects(const struct config *config)
{
    struct err err = {0};
    bool ok = command_storage_try(config, &err);
    char words[CONFIG_URL_MAX + 100];

    (void)snprintf(words, sizeof words, "%s takes, keeps and gives objects",
                   config->s3_endpoint ? config->s3_endpoint : "the local disk");
    return say(ok, "objects", ok ? words : err.detail);
}

static int check_links(const struct config *config)
{
    char words[CONFIG_URL_MAX + 200];

    (void)snprintf(words, sizeof words, "%s: %s", config->s3_endpoint ? config->s3_public_endpoint : config->public_url,
                   config->storage_public ? "fal.ai may follow them" : "not for fal.ai, which is sent copies instead");
    return say(true, "links", words);
}

/* Made by the first process that works, when its parent is there. */
static bool can_be_made(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    char above[PATH_MAX];

    (void)snprintf(above, sizeof above, "%.*s", slash ? (int)(slash - dir) + 1 : 1, slash ? dir : ".");
    return errno == ENOENT && access(above, W_OK | X_OK) == 0;
}

static int check_spool(const struct config *config)
{
    if (config->spool_max_mib == 0)
        return say(true, "spool", "off (SPOOL_MAX_MIB=0): what the storage does not take is fetched again");
    return access(config->spool_dir, R_OK | W_OK | X_OK) == 0 || can_be_made(config->spool_dir)
               ? say(true, "spool", config->spool_dir)
               : say(false, "spool", "SPOOL_DIR is not a folder that can be written to");
}

static int check_data(const struct config *config)
{
    struct err err = {0};
    struct catalog *catalog = catalog_open(config->root, &err);
    int faults = say(catalog != NULL, "catalogue", catalog ? "presets, sizes and endpoints are sound" : err.detail);
    struct styles *styles = catalog ? styles_open(config->root, catalog, &err) : NULL;

    if (catalog)
        faults += say(styles != NULL, "styles", styles ? "categories, titles and prompts are sound" : err.detail);
    styles_close(styles);
    catalog_close(catalog);
    return faults;
}

static int check_moderation(const struct config *config)
{
    struct err err = {0};
    struct moderation *moderation = moderation_open(config->root, &err);
    const char *words = !moderation              ? err.detail
                        : config->safety_checker ? "words are sound, and the provider looks at what it makes"
                                                 : "words are sound; SAFETY_CHECKER=false: the provider does not look";
    int faults = say(moderation != NULL, "moderation", words);

    moderation_close(moderation);
    return faults;
}

static int check_faces(const struct config *config)
{
    char folder[PATH_MAX];
    struct err err = {0};
    struct face_finder *finder;

    (void)snprintf(folder, sizeof folder, "%s/" FACE_MODELS, config->root);
    finder = face_finder_open(folder, &err);
    face_finder_close(finder);
    return say(finder != NULL, "faces", finder ? "photos of people are looked at" : err.detail);
}

/* The log says where each fault of the texts is. */
static int check_pages(const struct config *config)
{
    struct err err = {0};
    struct texts *texts = texts_open(config->root, &err);
    int faults = say(texts != NULL, "texts", texts ? "the same in both languages" : err.detail);
    struct templates *templates = texts ? pages_open(config->root, texts, &err) : NULL;

    if (texts)
        faults += say(templates != NULL, "templates", templates ? "every page has one that is sound" : err.detail);
    templates_close(templates);
    texts_close(texts);
    return faults;
}

static int check_provider(const char *kind, const struct provider *provider)
{
    if (!provider->key)
        return say(true, kind, "FAL_KEY is not set: off");
    if (provider->simulated)
        return say(true, kind, "test mode: the simulator is used, nothing is paid");
    return say(true, kind,
               provider->webhook_url ? "fal.ai, key is set, webhooks are on" : "fal.ai, key is set, polling alone");
}

/* Our cookies are for secure origins only, wherever they come from. */
static int check_configuration(const struct config *config)
{
    char words[CONFIG_URL_MAX + 100];

    (void)snprintf(words, sizeof words, "%s%s", config->public_url,
                   config->secure_cookies ? "" : ": not https, so browsers cannot sign in; the API works");
    return say(true, "configuration", words);
}

int command_check(const struct config *config, const char *program)
{
    struct err err = {0};
    bool images = image_start(program, &err);
    int faults = check_configuration(config);

    faults += check_database(config) + check_redis(config) + check_folder(config) + check_objects(config) +
              check_links(config) + check_spool(config) + check_data(config) + check_moderation(config) +
              check_faces(config) + check_pages(config) + check_provider("generation", &config->generation) +
              check_provider("training", &config->training) +
              say(images, "images", images ? "JPEG, PNG and WebP" : err.detail);
    if (faults)
        (void)printf("%d of these need care\n", faults);
    return faults ? 1 : 0;
}
