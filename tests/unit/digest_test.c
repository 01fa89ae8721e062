#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crypto.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_hashes),
        cmocka_unit_test(can_be_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
