#include "base/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config_storage.h"
#include "base/file.h"
#include "base/text.h"

enum { MAX_ENV_FILE = 64 * 1024 };

enum setting_type { SETTING_TEXT, SETTING_URL, SETTING_NUMBER, SETTING_FLAG };

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset;
    const char *otherwise; /* NULL: none */
    long min, max;         /* of numbers; of a text: its length */
    bool required;
    const char *hint; /* for people */
};

#define AT(member) offsetof(struct config, member)

static const struct setting SETTINGS[] = {
    {"LISTEN", SETTING_TEXT, AT(listen), "127.0.0.1:8080", 3, 190, false, "host:port"},
    {"PUBLIC_URL", SETTING_URL, AT(public_url), NULL, 0, 0, false, "what people type: https://aisha.example"},
    {"DATABASE_URL", SETTING_TEXT, AT(database_url), NULL, 1, 2000, true, "postgresql://user@host/database"},
    {"REDIS_URL", SETTING_TEXT, AT(redis_url), NULL, 1, 2000, false, "redis://host:port or unix:/path"},
    {"SECRET_KEY", SETTING_TEXT, AT(secret_key), NULL, 32, 1000, true, "at least 32 random characters"},
    {"SERVICE_TOKEN", SETTING_TEXT, AT(service_token), NULL, 32, 1000, false, "at least 32 random characters"},
    {"AISHA_ROOT", SETTING_TEXT, AT(root), ".", 1, 1000, false, "the folder of migrations/ and templates/"},
    {"OBJECTS_DIR", SETTING_TEXT, AT(objects_dir), "var/objects", 1, 1000, false, "a folder for pictures"},
    {"S3_ENDPOINT", SETTING_URL, AT(s3_endpoint), NULL, 0, 0, false, "where we reach it: https://host:port"},
    {"S3_REGION", SETTING_TEXT, AT(s3_region), "us-east-1", 1, 32, false, "as the server wants it"},
    {"S3_ACCESS_KEY", SETTING_TEXT, AT(s3_access_key), NULL, 1, 128, false, "3 to 128 letters and digits"},
    {"S3_SECRET_KEY", SETTING_TEXT, AT(s3_secret_key), NULL, 1, 200, false, "the other half of the key"},
    {"S3_PUBLIC_ENDPOINT", SETTING_URL, AT(s3_public_endpoint), NULL, 0, 0, false, "where others reach it"},
    {"S3_PATH_STYLE", SETTING_FLAG, AT(s3_path_style), "true", 0, 0, false, "false: https://bucket.host"},
    {"S3_CREATE_BUCKETS", SETTING_FLAG, AT(s3_create_buckets), "true", 0, 0, false, ""},
    {"STORAGE_PUBLIC", SETTING_TEXT, AT(storage_public_name), NULL, 1, 5, false, "true or false"},
    {"SPOOL_DIR", SETTING_TEXT, AT(spool_dir), "var/spool", 1, 1000, false, "a folder on a local disk"},
    {"TEMP_DIR", SETTING_TEXT, AT(temp_dir), "/var/tmp", 1, 1000, false, "a folder on a local disk"},
    {"SPOOL_MAX_MIB", SETTING_NUMBER, AT(spool_max_mib), "20480", 0, 10000000, false, "MiB; 0: no spool"},
    {"FAL_API_KEY", SETTING_TEXT, AT(fal.key), NULL, 3, 500, false, "id:secret"},
    {"FAL_KEY", SETTING_TEXT, AT(fal.key), NULL, 3, 500, false, "id:secret"},
    {"FAL_QUEUE_URL", SETTING_URL, AT(fal.queue_url), "https://queue.fal.run", 0, 0, false, ""},
    {"FAL_REST_URL", SETTING_URL, AT(fal.rest_url), "https://rest.fal.ai", 0, 0, false, ""},
    {"FAL_PLATFORM_URL", SETTING_URL, AT(fal.platform_url), "https://api.fal.ai/v1", 0, 0, false, ""},
    {"FAL_MEDIA_HOSTS", SETTING_TEXT, AT(fal_media_hosts), "fal.media,*.fal.media", 1, 1000, false, ""},
    {"FAL_WEBHOOK_URL", SETTING_URL, AT(fal.webhook_url), NULL, 0, 0, false, "the base that fal.ai can reach"},
    {"FAL_WEBHOOK_SECRET", SETTING_TEXT, AT(fal_webhook_secret), NULL, 16, 1000, false, "at least 16 characters"},
    {"FALSIM_URL", SETTING_URL, AT(falsim_url), NULL, 0, 0, false, "http://127.0.0.1:port of aisha-falsim"},
    {"AVATAR_TEST_MODE", SETTING_FLAG, AT(test_mode), "false", 0, 0, false, ""},
    {"FAL_TRAINING_TEST_MODE", SETTING_FLAG, AT(training_test_mode), "false", 0, 0, false, ""},
    {"SAFETY_CHECKER", SETTING_FLAG, AT(safety_checker), "true", 0, 0, false, ""},
    {"FAL_MOCK_TRAINING_DURATION", SETTING_NUMBER, AT(mock_training_s), "30", 0, 86400, false, "seconds"},
    {"FAL_ENABLE_WEBHOOK_SIMULATION", SETTING_FLAG, AT(webhook_simulation), "true", 0, 0, false, ""},
    {"HTTP_THREADS", SETTING_NUMBER, AT(http_threads), "0", 0, 64, false, "0: one per core"},
    {"WORKERS", SETTING_NUMBER, AT(workers), "8", 1, 256, false, ""},
    {"MAX_CONNECTIONS", SETTING_NUMBER, AT(max_connections), "4096", 1, 100000, false, ""},
    {"HTTP_REQUEST_TIMEOUT", SETTING_NUMBER, AT(request_timeout_s), "10", 1, 600, false, "seconds"},
    {"HTTP_WRITE_TIMEOUT", SETTING_NUMBER, AT(write_timeout_s), "30", 1, 600, false, "seconds"},
    {"DATABASE_CONNECTIONS", SETTING_NUMBER, AT(database_connections), "2", 1, 16, false, "per thread and kind"},
    {"AVATARS_PER_USER", SETTING_NUMBER, AT(avatars_per_user), "10", 1, 1000, false, ""},
    {"AVATAR_MIN_PHOTOS", SETTING_NUMBER, AT(avatar_min_photos), "10", 1, 100, false, ""},
    {"AVATAR_MAX_PHOTOS", SETTING_NUMBER, AT(avatar_max_photos), "20", 1, 100, false, ""},
    {"PHOTO_MAX_SIZE", SETTING_NUMBER, AT(photo_max_size), "20971520", 65536, 33554432, false, "bytes"},
    {"UPLOAD_SPACE_MIB", SETTING_NUMBER, AT(upload_space_mib), "4096", 64, 10000000, false, "MiB"},
    {"DECODERS", SETTING_NUMBER, AT(decoders), "0", 0, 64, false, "0: one per core but one"},
    {"DEFAULT_QUOTA", SETTING_NUMBER, AT(default_quota), "1000", 0, 1000000000, false, "credits"},
    {"FAL_CONCURRENCY", SETTING_NUMBER, AT(fal_concurrency), "2", 1, 10000, false, "what the account at fal.ai allows"},
    {"FAL_USER_CONCURRENCY", SETTING_NUMBER, AT(fal_user_concurrency), "4", 1, 10000, false, ""},
    {"RESEND_MAX_CREDITS", SETTING_NUMBER, AT(resend_max_credits), "50", 0, 1000000, false, "credits"},
    {"LOG_LEVEL", SETTING_TEXT, AT(log_level_name), "info", 1, 10, false, "debug, info, warn or error"},
};

/* .env: NAME=value lines; '#' begins a comment line; quotes around a value are taken off. The environment wins. */

static void set_from_line(struct text line, struct buf *problems)
{
    struct text value = line, name = text_trim(text_cut(&value, '='));
    char name_copy[128], value_copy[4096];

    if (!value.at || !name.len || name.at[0] == '#')
        return;
    value = text_trim(value);
    if (value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') && value.at[value.len - 1] == value.at[0])
        value = (struct text){value.at + 1, value.len - 2};
    if (text_copy(name_copy, sizeof name_copy, name) && text_copy(value_copy, sizeof value_copy, value))
        (void)setenv(name_copy, value_copy, 0);
    else
        (void)buf_add_format(problems, ".env: the line of %.40s is too long\n", name_copy);
}

static void read_env_file(struct buf *problems)
{
    CLEANUP(buf_done) struct buf file = buf_make(MAX_ENV_FILE);
    struct text rest;
    struct err err;

    if (access(".env", F_OK) != 0)
        return;
    if (!file_read(NULL, ".env", &file, &err)) {
        (void)buf_add_format(problems, ".env: %s\n", err.detail);
        return;
    }
    rest = (struct text){file.bytes, file.len};
    while (rest.at && rest.len) {
        struct text line = text_cut(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        set_from_line(line, problems);
    }
}

static bool url_is_fine(const char *value)
{
    size_t scheme = strncmp(value, "http://", 7) == 0 ? 7 : strncmp(value, "https://", 8) == 0 ? 8 : 0;

    return scheme && value[scheme] && value[scheme] != '/' && strlen(value) <= CONFIG_URL_MAX &&
           !strpbrk(value, " \t\"'<>\\") && text_is_utf8(text_of(value));
}

static void set_text(char **at, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        abort();
    free(*at);
    *at = copy;
}

/* NULL: fine; else what is wrong. */
static const char *set_value(const struct setting *s, const char *value, struct config *config)
{
    void *at = (char *)config + s->offset;
    size_t len = strlen(value);
    int64_t number;

    switch (s->type) {
    case SETTING_NUMBER:
        if (!text_int64(text_of(value), s->min, s->max, &number))
            return "is not a number in its range";
        *(long *)at = (long)number;
        return NULL;
    case SETTING_FLAG:
        *(bool *)at = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
        return *(bool *)at || strcmp(value, "false") == 0 || strcmp(value, "0") == 0 ? NULL : "must be true or false";
    case SETTING_URL:
        if (!url_is_fine(value))
            return "must be a URL that begins with http:// or https://, of 200 characters at most";
        break;
    case SETTING_TEXT:
        if ((long)len < s->min || (long)len > s->max)
            return "is too short or too long";
    }
    set_text(at, value);
    while (s->type == SETTING_URL && len && (*(char **)at)[len - 1] == '/')
        (*(char **)at)[--len] = '\0';
    return NULL;
}

static void read_setting(const struct setting *s, struct config *config, struct buf *problems)
{
    const char *value = getenv(s->name), *wrong;

    if (value && !*value)
        value = NULL; /* empty is unset */
    if (!value)
        value = s->otherwise;
    if (!value && s->required)
        (void)buf_add_format(problems, "%s is not set: %s\n", s->name, s->hint);
    if (!value)
        return;
    wrong = set_value(s, value, config);
    if (wrong && s->type == SETTING_NUMBER)
        (void)buf_add_format(problems, "%s %s (%ld to %ld)\n", s->name, wrong, s->min, s->max);
    else if (wrong)
        (void)buf_add_format(problems, "%s %s%s%s\n", s->name, wrong, *s->hint ? ": " : "", s->hint);
}

/* What follows from several settings together. */

static bool is_loopback(const char *url)
{
    return strncmp(url, "http://127.", 11) == 0 || strncmp(url, "http://localhost", 16) == 0 ||
           strncmp(url, "http://[::1]", 12) == 0;
}

static void derive_public_url(struct config *config)
{
    CLEANUP(buf_done) struct buf url = buf_make(600);

    if (config->public_url || !config->listen)
        return;
    (void)buf_add_format(&url, "http://%s", config->listen);
    set_text(&config->public_url, url.bytes);
}

/* The simulator has fal.ai's services on one origin. */
static struct provider simulated(const struct config *config)
{
    CLEANUP(buf_done) struct buf platform = buf_make(600);
    struct provider simulator = {.queue_url = config->falsim_url, .rest_url = config->falsim_url, .simulated = true};

    (void)buf_add_format(&platform, "%s/v1", config->falsim_url);
    set_text(&simulator.platform_url, platform.bytes);
    if (config->fal.key)
        simulator.key = config->fal.key;
    else
        set_text(&simulator.key, "simulator:key");
    simulator.webhook_url = config->webhook_simulation ? config->fal.webhook_url : NULL;
    return simulator;
}

/* In test mode the same client talks to the simulator; either kind of work has its own. */
static void derive_providers(struct config *config, struct buf *problems)
{
    bool any = config->test_mode || config->training_test_mode;
    struct provider simulator = {0};

    if (any && !config->falsim_url)
        (void)buf_add_text(problems, "FALSIM_URL is not set: test mode needs the address of aisha-falsim\n");
    if (config->fal.key && !strchr(config->fal.key, ':'))
        (void)buf_add_text(problems, "FAL_KEY must have the form id:secret\n");
    if (!config->fal.webhook_url && config->public_url)
        set_text(&config->fal.webhook_url, config->public_url);
    if (any && config->falsim_url)
        simulator = simulated(config);
    config->generation = config->test_mode ? simulator : config->fal;
    config->training = config->training_test_mode ? simulator : config->fal;
}

static bool same(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

bool provider_equal(const struct provider *a, const struct provider *b)
{
    return a->simulated == b->simulated && same(a->queue_url, b->queue_url) && same(a->rest_url, b->rest_url) &&
           same(a->platform_url, b->platform_url) && same(a->key, b->key) && same(a->webhook_url, b->webhook_url);
}

static void one_per_core(long *count)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (*count == 0)
        *count = cores < 1 ? 1 : cores > 64 ? 64 : cores;
}

/* What may take all day keeps no page waiting: measured with four users who upload, on two cores, 99 % of other
   requests were answered within 28 ms with two decoders, and within 4 ms with one. */
static void leave_one_core(long *count)
{
    bool by_itself = *count == 0;

    one_per_core(count);
    if (by_itself && *count > 1)
        --*count;
}

bool config_load(struct config *ret, struct buf *problems)
{
    *ret = (struct config){0};
    read_env_file(problems);
    for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++)
        read_setting(&SETTINGS[i], ret, problems);
    derive_public_url(ret);
    derive_providers(ret, problems);
    config_derive_storage(ret, problems);
    if (ret->log_level_name && !log_level_read(ret->log_level_name, &ret->log_level))
        (void)buf_add_text(problems, "LOG_LEVEL must be debug, info, warn or error\n");
    if (ret->avatar_min_photos > ret->avatar_max_photos)
        (void)buf_add_text(problems, "AVATAR_MIN_PHOTOS must not be more than AVATAR_MAX_PHOTOS\n");
    one_per_core(&ret->http_threads);
    leave_one_core(&ret->decoders);
    ret->secure_cookies =
        ret->public_url && (strncmp(ret->public_url, "https://", 8) == 0 || is_loopback(ret->public_url));
    return problems->len == 0;
}
