#include "base/digest.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "base/file.h"

static const char *hash(enum digest_kind kind, const char *const pieces[], int count)
{
    static char hex[HEX_ROOM(DIGEST_BYTES_MAX)];
    unsigned char bytes[DIGEST_BYTES_MAX];
    struct digest *digest = digest_open(kind);

    for (int i = 0; i < count; i++)
        digest_add(digest, text_of(pieces[i]));
    hex_write(bytes, digest_done(digest, bytes), hex);
    return hex;
}

static void gives_the_published_hashes(void **state)
{
    (void)state;
    assert_string_equal(hash(DIGEST_MD5, NULL, 0), "d41d8cd98f00b204e9800998ecf8427e"); /* RFC 1321 */
    assert_string_equal(hash(DIGEST_MD5, (const char *[]){"message ", "", "digest"}, 3),
                        "f96b697d7cb7938d525a2f31aaf161d0");
    assert_string_equal(hash(DIGEST_SHA256, (const char *[]){"a", "bc"}, 2), /* FIPS 180-2 */
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void can_be_given_up(void **state)
{
    struct digest *digest = digest_open(DIGEST_SHA256);

    (void)state;
    digest_add(digest, TEXT("x"));
    digest_close(digest); /* the leak checker looks */
    digest_close(NULL);
}

static void hashes_a_part_of_a_file_and_refuses_one_behind_its_end(void **state)
{
    unsigned char part[DIGEST_BYTES_MAX], expected[SHA256_BYTES];
    struct err err;
    int fd = file_unnamed("/tmp", &err);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "xxabcyy", 7), 7);
    crypto_sha256(TEXT("abc"), expected);
    assert_true(digest_file(DIGEST_SHA256, fd, 2, 3, part));
    assert_memory_equal(part, expected, sizeof expected);
    assert_false(digest_file(DIGEST_SHA256, fd, 2, 6, part));
    assert_int_equal(errno, 0);
    (void)close(fd);
    assert_false(digest_file(DIGEST_SHA256, fd, 2, 3, part));
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_hashes),
        cmocka_unit_test(can_be_given_up),
        cmocka_unit_test(hashes_a_part_of_a_file_and_refuses_one_behind_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
