/* Who can follow an address, by the address alone. */
#include "base/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(enum url_reach reach, const char *const *urls)
{
    for (; *urls; urls++)
        if (url_reach(*urls) != reach)
            fail_msg("%s is %d", *urls, (int)url_reach(*urls));
}

static void this_machine_is_loopback(void **state)
{
    (void)state;
    expect(URL_LOOPBACK, (const char *const[]){"http://127.0.0.1:9000", "https://127.255.0.1", "http://[::1]:9000/x",
                                               "http://localhost", "http://LOCALHOST:1", "http://s3.localhost:9000",
                                               "http://[::ffff:127.0.0.1]:80", "http://user:word@127.0.0.1:80/", NULL});
}

static void what_no_stranger_can_reach_is_private(void **state)
{
    (void)state;
    expect(URL_PRIVATE,
           (const char *const[]){"http://10.0.0.1:9000", "http://172.16.0.1", "http://172.31.255.255",
                                 "http://192.168.1.1", "http://169.254.169.254", "http://100.64.0.1",
                                 "http://0.0.0.0:1", "http://[fd00::1]:9000", "http://[fe80::1]", "http://[::]",
                                 "http://minio:9000", "http://s3.local", "http://s3.svc.cluster.INTERNAL",
                                 "http://nas.home.arpa", "http://[::ffff:10.0.0.1]", "http://", "http://[::1", NULL});
}

static void the_rest_is_public(void **state)
{
    (void)state;
    expect(URL_PUBLIC, (const char *const[]){"https://s3.example.com", "https://s3.example.com:9000/path",
                                             "http://172.15.0.1", "http://172.32.0.1", "http://100.128.0.1",
                                             "http://8.8.8.8", "http://[2001:db8::1]:9000", "https://local.example",
                                             "https://10.example", "https://localhost.example", NULL});
}

static void an_origin_has_nothing_before_and_behind_it(void **state)
{
    static const char *const BARE[] = {"https://s3.example", "http://127.0.0.1:9000", "http://[::1]:9000"},
                             *const NOT[] = {"https://s3.example/",
                                             "https://s3.example/path",
                                             "https://s3.example?x",
                                             "https://s3.example#x",
                                             "https://user@s3.example",
                                             "s3.example",
                                             "https://",
                                             "https://S3.example",
                                             "https://s3.example:",
                                             "https://s3.example:0",
                                             "https://s3.example:65536",
                                             "https://s3.example:9k",
                                             "https://[::1",
                                             "https://[::g]",
                                             "ftp://s3.example",
                                             "https://s3.example:+80",
                                             "https://s3 .example"};

    (void)state;
    for (size_t i = 0; i < sizeof BARE / sizeof *BARE; i++)
        assert_true(url_is_origin(BARE[i]));
    for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++)
        if (url_is_origin(NOT[i]))
            fail_msg("%s", NOT[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_machine_is_loopback),
        cmocka_unit_test(what_no_stranger_can_reach_is_private),
        cmocka_unit_test(the_rest_is_public),
        cmocka_unit_test(an_origin_has_nothing_before_and_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
