/* The rules of fetch that need no connection: addresses, origins, listed hosts, header lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "fetch/address.h"
#include "fetch/origin.h"
#include "fetch/policy.h"
#include "fetch/response.h"

static bool v4(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
    return address_is_public((struct sockaddr *)&address);
}

static bool v6(const char *text)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};

    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return address_is_public((struct sockaddr *)&address);
}

static void tells_public_addresses_from_the_rest(void **state)
{
    static const char *const CLOSED_4[] = {
        "0.0.0.0",      "10.1.2.3",     "100.64.0.1",   "100.127.255.255", "127.0.0.1",   "169.254.169.254",
        "172.16.0.1",   "172.31.255.1", "192.0.0.8",    "192.0.2.1",       "192.168.1.1", "198.18.0.1",
        "198.19.255.1", "198.51.100.9", "203.0.113.77", "224.0.0.1",       "240.0.0.1",   "255.255.255.255"};
    static const char *const CLOSED_6[] = {
        "::",      "::1",        "::ffff:8.8.8.8", "64:ff9b::808:808", "fe80::1", "fc00::1",     "ff02::1",
        "2001::1", "2001:10::1", "2001:1ff::1",    "2001:db8::1",      "2002::1", "3fff:fff::1", "4000::1"};

    (void)state;
    for (size_t i = 0; i < sizeof CLOSED_4 / sizeof *CLOSED_4; i++)
        if (v4(CLOSED_4[i]))
            fail_msg("%s", CLOSED_4[i]);
    for (size_t i = 0; i < sizeof CLOSED_6 / sizeof *CLOSED_6; i++)
        if (v6(CLOSED_6[i]))
            fail_msg("%s", CLOSED_6[i]);
    assert_true(v4("8.8.8.8") && v4("100.63.255.255") && v4("172.32.0.1") && v4("198.20.0.1") && v4("223.255.255.255"));
    assert_true(v6("2606:4700::1111") && v6("2001:200::1") && v6("2a00::1") && v6("3ffe::1"));
    assert_false(address_is_public(&(struct sockaddr){.sa_family = AF_UNIX}));
}

static void reads_origins_as_curl_will_connect(void **state)
{
    struct origin a, b;

    (void)state;
    assert_true(origin_read("https://Queue.fal.run/x?y", &a) && origin_read("https://queue.fal.run:443", &b));
    assert_true(origin_equal(&a, &b));
    assert_true(origin_read("http://0x7f.1:80/", &a));
    assert_string_equal(a.host, "127.0.0.1");
    assert_false(origin_read("https://queue.fal.run@evil.example/", &a));
    assert_false(origin_read("//queue.fal.run", &a));
    assert_false(origin_read("https://a/ b", &a));
    assert_false(origin_read("https://a/\nb", &a));
    assert_false(origin_read("ftp://a/", &a));
    assert_false(origin_read("", &a));
}

static void matches_hosts_by_whole_labels(void **state)
{
    struct origin origin;

    (void)state;
    assert_true(origin_read("https://V3.fal.media/", &origin));
    assert_true(origin_host_listed(&origin, TEXT("a.b, *.fal.media")));
    assert_false(origin_host_listed(&origin, TEXT("fal.media")));
    assert_false(origin_host_listed(&origin, TEXT("")));
    assert_false(origin_host_listed(&origin, TEXT("*.,*")));
    assert_true(origin_read("https://fal.media/", &origin));
    assert_true(origin_host_listed(&origin, TEXT("fal.media,*.fal.media")));
    assert_false(origin_host_listed(&origin, TEXT("*.fal.media")));
}

static void forgets_the_headers_of_an_interim_answer(void **state)
{
    struct fetch_response response = {0};

    (void)state;
    response_header(&response, TEXT("HTTP/1.1 103 Early Hints\r\n"));
    response_header(&response, TEXT("x-fal-error-type: early\r\n"));
    response_header(&response, TEXT("HTTP/1.1 200 OK\r\n"));
    response_header(&response, TEXT("x-fal-request-timeout-type:  user \r\n"));
    response_header(&response, TEXT("x-fal-request-id: \x01\r\n"));
    response_header(&response, TEXT("nonsense"));
    assert_string_equal(response.error_type, "");
    assert_string_equal(response.timeout_type, "user");
    assert_string_equal(response.request_id, "");
}

static bool storage_allows(const char *storage, const char *url)
{
    struct policy policy;
    struct origin origin;
    struct err err;
    bool public_only;

    assert_true(policy_make(&(struct fetch_config){.storage = storage}, &policy, &err));
    assert_true(origin_read(url, &origin));
    assert_false(policy_allows(&policy, FETCH_FAL, &origin, &public_only));
    return policy_allows(&policy, FETCH_STORAGE, &origin, &public_only) && !public_only;
}

static void knows_the_store_and_its_buckets_alone(void **state)
{
    (void)state;
    assert_true(storage_allows("http://10.0.0.5:9000", "http://10.0.0.5:9000/b/k"));
    assert_true(storage_allows("https://s3.example", "https://bucket-1.S3.example/k"));
    assert_false(storage_allows("https://s3.example", "https://a.b.s3.example/k"));
    assert_false(storage_allows("https://s3.example", "https://.s3.example/k"));
    assert_false(storage_allows("https://s3.example", "https://example/k"));
    assert_false(storage_allows("https://s3.example", "https://evils3.example/k"));
    assert_false(storage_allows("https://s3.example", "http://s3.example/k"));
    assert_false(storage_allows("https://s3.example", "https://s3.example:8443/k"));
    assert_false(storage_allows("http://10.0.0.5:9000", "http://10.0.0.5:9001/b/k"));
    assert_false(storage_allows(NULL, "https://s3.example/"));
}

static void speaks_plain_http_where_it_was_configured_alone(void **state)
{
    struct policy policy;
    struct err err;

    (void)state;
    assert_true(policy_make(&(struct fetch_config){.storage = "http://10.0.0.5:9000"}, &policy, &err));
    assert_string_equal(policy_protocols(&policy, FETCH_STORAGE), "https,http");
    assert_string_equal(policy_protocols(&policy, FETCH_MEDIA), "https");
    assert_true(policy_make(&(struct fetch_config){.storage = "https://s3.example", .loopback = true}, &policy, &err));
    assert_string_equal(policy_protocols(&policy, FETCH_STORAGE), "https");
    assert_string_equal(policy_protocols(&policy, FETCH_FAL), "https,http");
    assert_false(policy_make(&(struct fetch_config){.storage = "s3://bucket"}, &policy, &err));
    assert_string_equal(err.code, "fetch_origin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_public_addresses_from_the_rest),
        cmocka_unit_test(reads_origins_as_curl_will_connect),
        cmocka_unit_test(matches_hosts_by_whole_labels),
        cmocka_unit_test(forgets_the_headers_of_an_interim_answer),
        cmocka_unit_test(knows_the_store_and_its_buckets_alone),
        cmocka_unit_test(speaks_plain_http_where_it_was_configured_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
