/* What S3 says, and where it is: no server. */
#include "storage/s3_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "storage/s3_endpoint.h"

static const char LIST[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><KeyCount>2</KeyCount>"
    "<IsTruncated>true</IsTruncated>\n  <Contents>\n    <Key>a&amp;b/&#x444;.jpg</Key>"
    "<LastModified>2026-01-15T10:00:01.120Z</LastModified><ETag>&quot;x&quot;</ETag><Size>5000000000</Size>"
    "<Owner><ID>Key</ID><DisplayName>Size</DisplayName></Owner></Contents>"
    "<Contents><Size>0</Size><LastModified>1970-01-01T00:00:07Z</LastModified><Key>c</Key></Contents>"
    "<CommonPrefixes><Key>no</Key></CommonPrefixes></ListBucketResult>";

static struct {
    char keys[4][40];
    int64_t bytes[4], written_s[4];
    int count;
} seen;

static void on_object(void *owner, const struct s3_object *object)
{
    assert_ptr_equal(owner, &seen);
    assert_true(seen.count < 4 && text_copy(seen.keys[seen.count], 40, object->key));
    seen.bytes[seen.count] = object->bytes;
    seen.written_s[seen.count++] = object->written_s;
}

static bool list(struct text xml, bool *more)
{
    memset(&seen, 0, sizeof seen);
    return s3_xml_list(xml, on_object, &seen, more);
}

static void reads_a_list(void **state)
{
    bool more = false;

    (void)state;
    assert_true(list(text_of(LIST), &more));
    assert_true(more);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.keys[0], "a&b/\xd1\x84.jpg");
    assert_true(seen.bytes[0] == 5000000000 && seen.written_s[0] == 1768471201);
    assert_string_equal(seen.keys[1], "c");
    assert_true(seen.bytes[1] == 0 && seen.written_s[1] == 7);
    assert_true(list(TEXT("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"), &more));
    assert_false(more);
}

static void takes_no_part_of_a_list_for_the_whole(void **state)
{
    bool more;

    (void)state;
    for (size_t len = 0; len < sizeof LIST - 1; len++)
        assert_false(list((struct text){LIST, len}, &more));
    assert_false(list(TEXT("<Error><Code>x</Code></Error>"), &more));
    assert_false(
        list(TEXT("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"), &more));
    assert_false(list(TEXT("<ListBucketResult><Contents><Key>a</Key><LastModified>soon</LastModified></Contents>"
                           "</ListBucketResult>"),
                      &more));
    assert_false(
        list(TEXT("<ListBucketResult><Contents><Key>a</Key><LastModified>2026-01-15 10:00:01.120Z</LastModified>"
                  "</Contents></ListBucketResult>"),
             &more));
}

static void refuses_entities_depth_and_endless_values(void **state)
{
    static char deep[4000], wide[20000];
    bool more;

    (void)state;
    assert_false(list(TEXT("<!DOCTYPE a [<!ENTITY b \"ccc\">]><ListBucketResult>&b;</ListBucketResult>"), &more));
    for (int i = 0; i < 1000; i++)
        memcpy(deep + 3 * i, "<a>", 3);
    assert_false(list(text_of(deep), &more));
    (void)snprintf(wide, sizeof wide, "<ListBucketResult><Contents><Key>%05000d</Key></Contents></ListBucketResult>",
                   1);
    assert_false(list(text_of(wide), &more));
    assert_int_equal(seen.count, 0);
    assert_false(list(TEXT("<ListBucketResult>\xff\xfe</ListBucketResult>"), &more));
}

static void reads_single_values(void **state)
{
    struct text xml = TEXT("<Error><Code>SlowDown</Code><a><Code>inner</Code></a><Code>second</Code></Error>");
    char to[20];

    (void)state;
    assert_true(s3_xml_value(xml, "Error", "Code", to, sizeof to));
    assert_string_equal(to, "SlowDown");
    assert_false(s3_xml_value(xml, "Error", "Message", to, sizeof to));
    assert_false(s3_xml_value(xml, "Other", "Code", to, sizeof to));
    assert_false(s3_xml_value(xml, "Error", "Code", to, 8));
    assert_string_equal(to, "");
    assert_false(s3_xml_value((struct text){xml.at, xml.len - 1}, "Error", "Code", to, sizeof to));
    assert_string_equal(to, "");
    assert_false(s3_xml_value(TEXT(""), "Error", "Code", to, sizeof to));
    assert_false(s3_xml_value(TEXT("no XML"), "Error", "Code", to, sizeof to));
}

static void assert_place(const char *url, bool path_style, const char *host, const char *path)
{
    struct s3_endpoint endpoint;
    struct s3_place place;
    struct err err;

    assert_true(s3_endpoint_read(url, path_style, &endpoint, &err));
    assert_true(s3_endpoint_place(&endpoint, TEXT("bucket"), TEXT("a/b c"), &place));
    assert_string_equal(place.host, host);
    assert_string_equal(place.path, path);
    assert_true(s3_endpoint_place(&endpoint, TEXT("bucket"), TEXT(""), &place));
    assert_string_equal(place.path, path_style ? "/bucket" : "/");
}

static void places_objects_in_the_path_or_in_the_host(void **state)
{
    (void)state;
    assert_place("http://127.0.0.1:9000", true, "127.0.0.1:9000", "/bucket/a/b c");
    assert_place("https://s3.example/", true, "s3.example", "/bucket/a/b c");
    assert_place("https://s3.example:443", false, "bucket.s3.example", "/a/b c");
    assert_place("http://s3.example:443", false, "bucket.s3.example:443", "/a/b c");
    assert_place("http://s3.example:80", true, "s3.example", "/bucket/a/b c");
}

static void takes_the_address_of_a_server_alone(void **state)
{
    static const char *const WRONG[] = {
        "",  "s3.example",           "ftp://s3.example",       "https://s3.example/path",
        "/", "https://s3.example?x", "https://u:p@s3.example", "https://s3.example//"};
    static char key[1100];
    struct s3_endpoint endpoint;
    struct s3_place place;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        if (s3_endpoint_read(WRONG[i], true, &endpoint, &err) || strcmp(err.code, "s3_endpoint") != 0)
            fail_msg("%s", WRONG[i]);
    memset(key, 'x', sizeof key);
    assert_true(s3_endpoint_read("https://s3.example", true, &endpoint, &err));
    assert_false(s3_endpoint_place(&endpoint, TEXT("b"), (struct text){key, sizeof key}, &place));
    assert_true(s3_endpoint_place(&endpoint, TEXT("b"), (struct text){key, 1024}, &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_list),
        cmocka_unit_test(takes_no_part_of_a_list_for_the_whole),
        cmocka_unit_test(refuses_entities_depth_and_endless_values),
        cmocka_unit_test(reads_single_values),
        cmocka_unit_test(places_objects_in_the_path_or_in_the_host),
        cmocka_unit_test(takes_the_address_of_a_server_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
