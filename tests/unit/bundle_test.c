#include "view/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"

enum { MAX_FILE = 8 << 20 };

static void has_a_version_of_16_digits(void **state)
{
    (void)state;
    assert_int_equal(strlen(bundle_version()), 16);
    assert_int_equal(strspn(bundle_version(), "0123456789abcdef"), 16);
}

static void finds_each_file_and_no_other(void **state)
{
    int count = 0;

    (void)state;
    for (const struct bundle_file *file; (file = bundle_at(count)); count++) {
        char longer[200];
        assert_ptr_equal(bundle_find(text_of(file->path)), file);
        assert_ptr_not_equal(bundle_find((struct text){file->path, strlen(file->path) - 1}), file);
        (void)snprintf(longer, sizeof longer, "%sx", file->path);
        assert_null(bundle_find(text_of(longer)));
    }
    assert_true(count > 3);
    assert_null(bundle_find(TEXT("")));
    assert_null(bundle_find(TEXT("openapi.yaml\0")));
    assert_null(bundle_find(TEXT("../openapi.yaml")));
}

/* By the first 16 digits of its hash, too. */
static void has_the_bytes_of_the_files(void **state)
{
    static const char *const FILES[] = {"openapi.yaml", "openapi.yaml", "static/robots.txt", "robots.txt"};
    const char *root = getenv("AISHA_ROOT");
    unsigned char sha256[SHA256_BYTES];
    char hex[HEX_ROOM(8)];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i += 2) {
        CLEANUP(buf_done) struct buf bytes = buf_make(MAX_FILE);
        const struct bundle_file *file = bundle_find(text_of(FILES[i + 1]));
        assert_non_null(file);
        assert_true(file_read(root ? root : ".", FILES[i], &bytes, &err));
        assert_true(text_equal(file->bytes, (struct text){bytes.bytes, bytes.len}));
        crypto_sha256(file->bytes, sha256);
        hex_write(sha256, 8, hex);
        assert_string_equal(file->hash, hex);
    }
}

static void has_compressed_forms_only_where_they_are_smaller(void **state)
{
    int compressed = 0;

    (void)state;
    for (int i = 0; bundle_at(i); i++) {
        const struct bundle_file *file = bundle_at(i);
        assert_true(!file->gzip.at || file->gzip.len < file->bytes.len);
        assert_true(!file->brotli.at || file->brotli.len < file->bytes.len);
        if (file->gzip.at)
            assert_memory_equal(file->gzip.at, "\x1f\x8b\x08", 3);
        if (strstr(file->content_type, "image/png"))
            assert_true(!file->gzip.at && !file->brotli.at);
        compressed += file->gzip.at && file->brotli.at;
    }
    assert_true(compressed > 0);
    assert_null(bundle_find(TEXT("robots.txt"))->brotli.at);
}

static void says_the_charset_of_text(void **state)
{
    (void)state;
    for (int i = 0; bundle_at(i); i++)
        if (strncmp(bundle_at(i)->content_type, "text/", 5) == 0)
            assert_non_null(strstr(bundle_at(i)->content_type, "; charset=utf-8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_version_of_16_digits),
        cmocka_unit_test(finds_each_file_and_no_other),
        cmocka_unit_test(has_the_bytes_of_the_files),
        cmocka_unit_test(has_compressed_forms_only_where_they_are_smaller),
        cmocka_unit_test(says_the_charset_of_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
