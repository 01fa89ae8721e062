#include "redis/redis_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *greeting(const struct redis_url *url)
{
    static char said[1200];
    const char *argv[REDIS_GREETING_WORDS];
    int count;

    said[0] = '\0';
    for (int step = 0; (count = redis_url_greeting(url, step, argv)); step++)
        for (int i = 0; i < count; i++)
            (void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s%s",
                           i      ? " "
                           : step ? "; "
                                  : "",
                           argv[i]);
    return said;
}

static void every_part_is_read(void **state)
{
    static const struct {
        const char *url, *place;
        int port;
        const char *greeting;
    } URLS[] = {
        {"redis://cache", "cache", 6379, "PING"},
        {"redis://127.0.0.1:7000", "127.0.0.1", 7000, "PING"},
        {"redis://127.0.0.1:7000/", "127.0.0.1", 7000, "PING"},
        {"redis://127.0.0.1:7000/0", "127.0.0.1", 7000, "PING"},
        {"redis://127.0.0.1/5", "127.0.0.1", 6379, "SELECT 5; PING"},
        {"redis://[::1]", "::1", 6379, "PING"},
        {"redis://[::1]:7000/2", "::1", 7000, "SELECT 2; PING"},
        {"redis://:secret@h:1/3", "h", 1, "AUTH secret; SELECT 3; PING"},
        {"redis://secret@h", "h", 6379, "AUTH secret; PING"},
        {"redis://anna:se%3Acret%40%2F@h", "h", 6379, "AUTH anna se:cret@/; PING"},
        {"redis://anna:a@b@h:1", "h", 1, "AUTH anna a@b; PING"},
        {"unix:/run/redis.sock", "/run/redis.sock", 0, "PING"},
        {"unix:///run/redis.sock", "/run/redis.sock", 0, "PING"},
        {"unix:///run/redis.sock?db=4", "/run/redis.sock", 0, "SELECT 4; PING"},
        {"unix://:secret@/run/redis.sock", "/run/redis.sock", 0, "AUTH secret; PING"},
    };
    struct redis_url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof URLS / sizeof *URLS; i++) {
        if (!redis_url_read(URLS[i].url, &url, &err))
            fail_msg("%s: %s", URLS[i].url, err.detail);
        assert_string_equal(url.place, URLS[i].place);
        assert_int_equal(url.port, URLS[i].port);
        assert_int_equal(url.is_unix, strncmp(URLS[i].url, "unix", 4) == 0);
        assert_string_equal(greeting(&url), URLS[i].greeting);
    }
}

static void what_is_no_place_is_refused_without_its_password(void **state)
{
    static const char *const URLS[] = {"",
                                       "redis",
                                       "redis://",
                                       "redis://:6379",
                                       "redis://h:0",
                                       "redis://h:65536",
                                       "redis://h:x",
                                       "redis://h:",
                                       "redis://h/x",
                                       "redis://h/-1",
                                       "redis://h/70000",
                                       "redis://[::1",
                                       "redis://[::1]x",
                                       "redis://user:@h",
                                       "redis://secret%zz@h",
                                       "rediss://secret@h",
                                       "http://secret@h",
                                       "unix:",
                                       "unix:/",
                                       "unix:relative",
                                       "unix://secret@",
                                       "unix:/run/r?database=1",
                                       "unix:/run/r?db=x"};
    struct redis_url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof URLS / sizeof *URLS; i++) {
        if (redis_url_read(URLS[i], &url, &err))
            fail_msg("%s is read as %s", URLS[i], url.place);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(strstr(err.detail, "secret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_is_read),
                                       cmocka_unit_test(what_is_no_place_is_refused_without_its_password)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
