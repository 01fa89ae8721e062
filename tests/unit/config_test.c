/* The configuration: from the environment, from .env, and everything wrong with it at once. */
#include "base/config.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "image/image.h"

#define SECRET "0123456789abcdef0123456789abcdef"

enum { MAX_LOADED = 64 };

static const char *const NAMES[] = {"LISTEN",
                                    "PUBLIC_URL",
                                    "DATABASE_URL",
                                    "REDIS_URL",
                                    "SECRET_KEY",
                                    "SERVICE_TOKEN",
                                    "AISHA_ROOT",
                                    "OBJECTS_DIR",
                                    "S3_ENDPOINT",
                                    "S3_REGION",
                                    "S3_ACCESS_KEY",
                                    "S3_SECRET_KEY",
                                    "S3_PUBLIC_ENDPOINT",
                                    "S3_PATH_STYLE",
                                    "S3_CREATE_BUCKETS",
                                    "STORAGE_PUBLIC",
                                    "FAL_API_KEY",
                                    "FAL_KEY",
                                    "FAL_QUEUE_URL",
                                    "FAL_REST_URL",
                                    "FAL_PLATFORM_URL",
                                    "FAL_MEDIA_HOSTS",
                                    "FAL_WEBHOOK_URL",
                                    "FAL_WEBHOOK_SECRET",
                                    "FALSIM_URL",
                                    "AVATAR_TEST_MODE",
                                    "FAL_TRAINING_TEST_MODE",
                                    "FAL_MOCK_TRAINING_DURATION",
                                    "FAL_ENABLE_WEBHOOK_SIMULATION",
                                    "HTTP_THREADS",
                                    "WORKERS",
                                    "MAX_CONNECTIONS",
                                    "HTTP_REQUEST_TIMEOUT",
                                    "HTTP_WRITE_TIMEOUT",
                                    "DATABASE_CONNECTIONS",
                                    "AVATARS_PER_USER",
                                    "AVATAR_MIN_PHOTOS",
                                    "AVATAR_MAX_PHOTOS",
                                    "PHOTO_MAX_SIZE",
                                    "UPLOAD_SPACE_MIB",
                                    "DECODERS",
                                    "LOG_LEVEL"};

static struct config loaded[MAX_LOADED]; /* their texts live as long as the process */
static int count;
static struct buf problems;
static char folder[] = "/tmp/aisha-config-XXXXXX", before[4096];

/* In an empty folder, with an environment that has no setting but the two that are required. */
static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        unsetenv(NAMES[i]);
    (void)unlink(".env");
    problems = buf_make(10000);
    setenv("DATABASE_URL", "postgresql:///aisha", 1);
    setenv("SECRET_KEY", SECRET, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&problems);
    return 0;
}

static const struct config *load(bool expected)
{
    struct config *config = &loaded[count++];

    assert_true(count <= MAX_LOADED);
    buf_clear(&problems);
    if (config_load(config, &problems) != expected)
        fail_msg("%s", problems.len ? problems.bytes : "no problem");
    return config;
}

static void write_env(const char *text)
{
    FILE *file = fopen(".env", "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* How many lines of the problems name this setting. */
static int complaints(const char *name)
{
    int found = 0;

    for (const char *at = problems.bytes; at && *at;) {
        found += strncmp(at, name, strlen(name)) == 0 && strchr(" :", at[strlen(name)]);
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    return found;
}

static int lines(void)
{
    int found = 0;

    for (size_t i = 0; i < problems.len; i++)
        found += problems.bytes[i] == '\n';
    return found;
}

static void has_sensible_values_when_little_is_set(void **state)
{
    const struct config *config = load(true);

    (void)state;
    assert_string_equal(config->listen, "127.0.0.1:8080");
    assert_string_equal(config->public_url, "http://127.0.0.1:8080");
    assert_string_equal(config->generation.queue_url, "https://queue.fal.run");
    assert_string_equal(config->generation.rest_url, "https://rest.fal.ai");
    assert_string_equal(config->generation.platform_url, "https://api.fal.ai/v1");
    assert_string_equal(config->generation.webhook_url, config->public_url);
    assert_null(config->generation.key);
    assert_null(config->redis_url);
    assert_null(config->service_token);
    assert_true(config->http_threads >= 1 && config->workers == 8 && config->max_connections == 4096);
    assert_true(config->request_timeout_s == 10 && config->write_timeout_s == 30);
    assert_true(!config->test_mode && config->webhook_simulation && config->secure_cookies);
    assert_int_equal(config->log_level, LOG_INFO);
}

static void reports_every_fault_at_once(void **state)
{
    static_assert(IMAGE_MAX_BYTES == 33554432, "what PHOTO_MAX_SIZE lets in can be read");
    static const char *const BAD[][2] = {{"LISTEN", "x"},
                                         {"PUBLIC_URL", "ftp://aisha.example"},
                                         {"DATABASE_URL", ""},
                                         {"SECRET_KEY", "0123456789abcdef0123456789abcde"},
                                         {"SERVICE_TOKEN", "short"},
                                         {"FAL_KEY", "no-colon"},
                                         {"FAL_QUEUE_URL", "https://a b"},
                                         {"FAL_REST_URL", "http://\xff"},
                                         {"FAL_WEBHOOK_SECRET", "short"},
                                         {"AVATAR_TEST_MODE", "yes"},
                                         {"HTTP_THREADS", "65"},
                                         {"WORKERS", "0"},
                                         {"MAX_CONNECTIONS", "many"},
                                         {"HTTP_REQUEST_TIMEOUT", "10s"},
                                         {"HTTP_WRITE_TIMEOUT", "-1"},
                                         {"PHOTO_MAX_SIZE", "33554433"},
                                         {"LOG_LEVEL", "loud"}};

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        setenv(BAD[i][0], BAD[i][1], 1);
    (void)load(false);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (complaints(BAD[i][0]) != 1)
            fail_msg("%s: %d complaints in\n%s", BAD[i][0], complaints(BAD[i][0]), problems.bytes);
    assert_int_equal(lines(), sizeof BAD / sizeof *BAD);
}

static void reads_env_files_of_many_hands(void **state)
{
    const struct config *config;

    (void)state;
    unsetenv("SECRET_KEY");
    write_env("# SECRET_KEY=commented\n\n  SECRET_KEY = \"" SECRET "\"  \r\nWORKERS=3\nFAL_KEY='id:a=b'\nno equals\n"
              "=nameless\nREDIS_URL=\nLOG_LEVEL=warn");
    config = load(true);
    assert_string_equal(config->secret_key, SECRET);
    assert_int_equal(config->workers, 3);
    assert_string_equal(config->generation.key, "id:a=b");
    assert_null(config->redis_url);
    assert_int_equal(config->log_level, LOG_WARN);
}

static void the_environment_wins_over_the_file(void **state)
{
    const struct config *config;

    (void)state;
    setenv("WORKERS", "5", 1);
    write_env("WORKERS=3\nOBJECTS_DIR=/pictures\n");
    config = load(true);
    assert_int_equal(config->workers, 5);
    assert_string_equal(config->objects_dir, "/pictures");
}

static void says_when_a_line_of_the_file_is_too_long(void **state)
{
    CLEANUP(buf_done) struct buf text = buf_make(10000);

    (void)state;
    (void)buf_add_text(&text, "SERVICE_TOKEN=");
    for (int i = 0; i < 5000; i++)
        (void)buf_add_text(&text, "a");
    write_env(text.bytes);
    (void)load(false);
    assert_int_equal(complaints(".env"), 1);
}

static void a_file_that_cannot_be_read_is_a_fault(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".env", 0700), 0);
    (void)load(false);
    assert_int_equal(complaints(".env"), 1);
    assert_int_equal(rmdir(".env"), 0);
}

static void takes_the_key_of_either_name(void **state)
{
    (void)state;
    setenv("FAL_API_KEY", "old:key", 1);
    assert_string_equal(load(true)->generation.key, "old:key");
    setenv("FAL_KEY", "new:key", 1);
    assert_string_equal(load(true)->generation.key, "new:key");
}

static void urls_have_a_host_and_end_without_a_slash(void **state)
{
    static const char *const BAD[] = {"http://", "https:///", "http:/x", "aisha.example", "http://a\"b", "http://a<b"};

    (void)state;
    setenv("PUBLIC_URL", "https://aisha.example//", 1);
    assert_string_equal(load(true)->public_url, "https://aisha.example");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        setenv("PUBLIC_URL", BAD[i], 1);
        (void)load(false);
        assert_int_equal(complaints("PUBLIC_URL"), 1);
    }
}

/* Every link to a picture begins with it, and has a limit. */
static void a_url_is_not_endless(void **state)
{
    char url[202];

    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, "https://", 8);
    url[200] = '\0';
    setenv("PUBLIC_URL", url, 1);
    assert_string_equal(load(true)->public_url, url);
    url[200] = 'a';
    url[201] = '\0';
    setenv("PUBLIC_URL", url, 1);
    (void)load(false);
    assert_int_equal(complaints("PUBLIC_URL"), 1);
}

static void cookies_are_secure_where_browsers_take_them(void **state)
{
    static const struct {
        const char *url;
        bool secure;
    } URLS[] = {{"https://aisha.example", true}, {"http://localhost:8080", true}, {"http://127.0.0.1:1", true},
                {"http://[::1]:1", true},        {"http://aisha.example", false}, {"http://10.0.0.1:8080", false}};

    (void)state;
    for (size_t i = 0; i < sizeof URLS / sizeof *URLS; i++) {
        setenv("PUBLIC_URL", URLS[i].url, 1);
        assert_int_equal(load(true)->secure_cookies, URLS[i].secure);
    }
}

static void test_mode_talks_to_the_simulator_alone(void **state)
{
    const struct config *config;

    (void)state;
    setenv("AVATAR_TEST_MODE", "true", 1);
    (void)load(false);
    assert_int_equal(complaints("FALSIM_URL"), 1);
    setenv("FALSIM_URL", "http://127.0.0.1:9000/", 1);
    setenv("FAL_QUEUE_URL", "https://queue.fal.run", 1);
    config = load(true);
    assert_string_equal(config->generation.queue_url, "http://127.0.0.1:9000");
    assert_string_equal(config->generation.rest_url, "http://127.0.0.1:9000");
    assert_string_equal(config->generation.platform_url, "http://127.0.0.1:9000/v1");
    assert_non_null(config->generation.key);
    assert_non_null(config->generation.webhook_url);
    setenv("FAL_ENABLE_WEBHOOK_SIMULATION", "false", 1);
    assert_null(load(true)->generation.webhook_url);
}

/* Either everything of the simulator or everything of fal.ai. */
static void goes_to(const struct provider *provider, bool simulator)
{
    const char *base = simulator ? "http://127.0.0.1:9000" : "https://";

    assert_int_equal(provider->simulated, simulator);
    assert_memory_equal(provider->queue_url, base, strlen(base));
    assert_memory_equal(provider->rest_url, base, strlen(base));
    assert_memory_equal(provider->platform_url, base, strlen(base));
}

static void either_kind_of_work_has_its_own_test_mode(void **state)
{
    (void)state;
    setenv("FALSIM_URL", "http://127.0.0.1:9000", 1);
    setenv("FAL_KEY", "id:secret", 1);
    for (int modes = 0; modes < 4; modes++) {
        const struct config *config;
        setenv("AVATAR_TEST_MODE", modes & 1 ? "true" : "false", 1);
        setenv("FAL_TRAINING_TEST_MODE", modes & 2 ? "true" : "false", 1);
        config = load(true);
        goes_to(&config->generation, modes & 1);
        goes_to(&config->training, modes & 2);
        assert_int_equal(provider_equal(&config->generation, &config->training), modes == 0 || modes == 3);
    }
}

/* Without a key only what is simulated is available, and the switch of simulated webhooks is about that alone. */
static void a_test_mode_gives_nothing_to_the_other_kind(void **state)
{
    const struct config *config;

    (void)state;
    setenv("FALSIM_URL", "http://127.0.0.1:9000", 1);
    setenv("FAL_TRAINING_TEST_MODE", "true", 1);
    setenv("FAL_ENABLE_WEBHOOK_SIMULATION", "false", 1);
    config = load(true);
    assert_null(config->generation.key);
    assert_non_null(config->generation.webhook_url);
    assert_non_null(config->training.key);
    assert_null(config->training.webhook_url);
    unsetenv("FALSIM_URL");
    (void)load(false);
    assert_int_equal(complaints("FALSIM_URL"), 1);
}

static void webhooks_stay_on_outside_of_test_mode(void **state)
{
    const struct config *config;

    (void)state;
    setenv("FAL_ENABLE_WEBHOOK_SIMULATION", "false", 1);
    setenv("FAL_WEBHOOK_URL", "https://hooks.example", 1);
    config = load(true);
    assert_string_equal(config->generation.webhook_url, "https://hooks.example");
    assert_string_equal(config->generation.queue_url, "https://queue.fal.run");
}

static void fewer_photos_are_needed_than_allowed(void **state)
{
    const struct config *config = load(true);

    (void)state;
    assert_true(config->avatar_min_photos == 10 && config->avatar_max_photos == 20);
    assert_true(config->photo_max_size == 20 << 20 && config->upload_space_mib == 4096 && config->decoders >= 1);
    setenv("AVATAR_MAX_PHOTOS", "9", 1);
    (void)load(false);
    assert_int_equal(complaints("AVATAR_MIN_PHOTOS"), 1);
    setenv("AVATAR_MIN_PHOTOS", "9", 1);
    assert_int_equal(load(true)->avatar_min_photos, 9);
}

static int enter_folder(void **state)
{
    (void)state;
    return getcwd(before, sizeof before) && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    (void)unlink(".env");
    return chdir(before) == 0 && rmdir(folder) == 0 ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_sensible_values_when_little_is_set),      TEST(reports_every_fault_at_once),
        TEST(fewer_photos_are_needed_than_allowed),        TEST(reads_env_files_of_many_hands),
        TEST(the_environment_wins_over_the_file),          TEST(says_when_a_line_of_the_file_is_too_long),
        TEST(a_file_that_cannot_be_read_is_a_fault),       TEST(takes_the_key_of_either_name),
        TEST(urls_have_a_host_and_end_without_a_slash),    TEST(a_url_is_not_endless),
        TEST(cookies_are_secure_where_browsers_take_them), TEST(test_mode_talks_to_the_simulator_alone),
        TEST(either_kind_of_work_has_its_own_test_mode),   TEST(a_test_mode_gives_nothing_to_the_other_kind),
        TEST(webhooks_stay_on_outside_of_test_mode),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
