/* Hashes, MACs and signatures against published vectors; their text forms both ways. */
#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/uuid.h"

static const char *hex(const void *bytes, size_t len)
{
    static char text[HEX_ROOM(ED25519_SIGNATURE_BYTES)];

    hex_write(bytes, len, text);
    return text;
}

static void sha256_of_the_standard(void **state) /* FIPS 180-4, examples */
{
    unsigned char digest[SHA256_BYTES];

    (void)state;
    crypto_sha256(TEXT("abc"), digest);
    assert_string_equal(hex(digest, sizeof digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256((struct text){NULL, 0}, digest);
    assert_string_equal(hex(digest, sizeof digest), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

struct hmac_vector {
    const char *key, *message, *digest; /* key in hex */
};

static const struct hmac_vector HMACS[] = {
    /* RFC 4231, cases 1, 2 and 6 */
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

static void hmac_of_the_standard(void **state)
{
    unsigned char key[131], digest[SHA256_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof HMACS / sizeof *HMACS; i++) {
        size_t len = HMACS[i].key ? strlen(HMACS[i].key) / 2 : sizeof key;
        struct mac *mac;
        memset(key, 0xaa, sizeof key);
        if (HMACS[i].key)
            assert_true(hex_read(text_of(HMACS[i].key), key, len));
        mac = mac_open(key, len);
        for (int again = 0; again < 2; again++) { /* one key signs many messages */
            mac_sign(mac, text_of(HMACS[i].message), digest);
            assert_string_equal(hex(digest, sizeof digest), HMACS[i].digest);
        }
        mac_close(mac);
    }
    mac_close(NULL);
}

static void a_derived_key_depends_on_secret_and_purpose(void **state)
{
    unsigned char key[SHA256_BYTES], other[SHA256_BYTES];

    (void)state;
    mac_derive_key(TEXT("Jefe"), "what do ya want for nothing?", key);
    assert_string_equal(hex(key, sizeof key), HMACS[1].digest);
    mac_derive_key(TEXT("Jefe"), "url", key);
    mac_derive_key(TEXT("Jefe"), "cursor", other);
    assert_memory_not_equal(key, other, sizeof key);
    mac_derive_key(TEXT("jefe"), "url", other);
    assert_memory_not_equal(key, other, sizeof key);
}

/* RFC 8032, 7.1, test 3 */
#define SEED "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
#define PUBLIC "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
#define SIGNATURE                                                                                                      \
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"                                                 \
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
#define MESSAGE "\xaf\x82"

static void ed25519_of_the_standard(void **state)
{
    unsigned char seed[ED25519_KEY_BYTES], key[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];

    (void)state;
    assert_true(hex_read(TEXT(SEED), seed, sizeof seed));
    ed25519_public_key(seed, key);
    assert_string_equal(hex(key, sizeof key), PUBLIC);
    ed25519_sign(seed, TEXT(MESSAGE), signature);
    assert_string_equal(hex(signature, sizeof signature), SIGNATURE);
    assert_true(ed25519_verify(key, TEXT(MESSAGE), signature));
}

static void no_changed_bit_passes_for_signed(void **state)
{
    unsigned char key[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];

    (void)state;
    assert_true(hex_read(TEXT(PUBLIC), key, sizeof key));
    assert_true(hex_read(TEXT(SIGNATURE), signature, sizeof signature));
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 0x20;
        assert_false(ed25519_verify(key, TEXT(MESSAGE), signature));
        signature[i] ^= 0x20;
    }
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] ^= 1;
        assert_false(ed25519_verify(key, TEXT(MESSAGE), signature));
        key[i] ^= 1;
    }
    assert_false(ed25519_verify(key, TEXT(MESSAGE "\0"), signature));
    assert_false(ed25519_verify(key, TEXT(""), signature));
    assert_true(ed25519_verify(key, TEXT(MESSAGE), signature));
}

static void equal_looks_at_all_bytes(void **state)
{
    (void)state;
    assert_true(crypto_equal(TEXT("secret"), TEXT("secret")));
    assert_false(crypto_equal(TEXT("secret"), TEXT("secres")));
    assert_false(crypto_equal(TEXT("secret"), TEXT("Secret")));
    assert_false(crypto_equal(TEXT("secret"), TEXT("secre")));
    assert_true(crypto_equal(TEXT(""), TEXT("")));
}

static void hex_goes_both_ways(void **state)
{
    unsigned char b[3];

    (void)state;
    assert_true(hex_read(TEXT("00Ff7a"), b, 3));
    assert_string_equal(hex(b, 3), "00ff7a");
    assert_false(hex_read(TEXT("00ff7"), b, 3));
    assert_false(hex_read(TEXT("00ff7a0"), b, 3));
    assert_false(hex_read(TEXT("00ff7g"), b, 3));
    assert_false(hex_read(TEXT("00ff7\0"), b, 3));
    assert_false(hex_read(TEXT("0x0f7a"), b, 3));
}

static const char *const BASE64[][3] = {
    /* RFC 4648, 10 */
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff", "+/8=", "-_8"},
};

static void base64_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BASE64 / sizeof *BASE64; i++) {
        char text[BASE64_ROOM(6)], url[BASE64URL_ROOM(6)];
        base64_write(BASE64[i][0], strlen(BASE64[i][0]), text);
        base64url_write(BASE64[i][0], strlen(BASE64[i][0]), url);
        assert_string_equal(text, BASE64[i][1]);
        assert_string_equal(url, BASE64[i][2]);
    }
}

static void base64url_is_read_padded_or_not(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 40; len++) {
        unsigned char b[40], back[40];
        char text[BASE64URL_ROOM(40) + 4];
        crypto_random(b, sizeof b);
        base64url_write(b, len, text);
        assert_true(base64url_read(text_of(text), back, len));
        assert_memory_equal(back, b, len);
        for (size_t at = strlen(text); at % 4; at++)
            memcpy(text + at, "=", 2);
        memset(back, 0, sizeof back);
        if (!base64url_read(text_of(text), back, len))
            fail_msg("\"%s\" is not read", text);
        assert_memory_equal(back, b, len);
    }
}

static void base64url_refuses_what_is_no_text_of_these_bytes(void **state)
{
    static const char *const BAD[] = {"Zm9",  "Zm9vY",  "Zm9=", "Zm==",  "Zm9vYg==", "Zm8+",   "Zm8/", "Zm8 ",
                                      "Zm8.", "Z=m9v=", "====", "Zm9_=", "",         "Zm8===", "Zn",   "=Zm8"};
    unsigned char b[2];

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (base64url_read(text_of(BAD[i]), b, 2))
            fail_msg("\"%s\" passed for two bytes", BAD[i]);
    assert_false(base64url_read(TEXT("Zm9"), b, 2)); /* bits that no byte has */
    assert_false(base64url_read(TEXT("Zm\0"), b, 2));
}

static void tokens_are_long_and_never_the_same(void **state)
{
    char a[64], b[64];

    (void)state;
    crypto_token("ais_", a, sizeof a);
    crypto_token("ais_", b, sizeof b);
    assert_int_equal(strlen(a), 44);
    assert_memory_equal(a, "ais_", 4);
    assert_int_equal(strspn(a + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 40);
    assert_string_not_equal(a, b);
}

static void uuids_are_ordered_by_their_time(void **state)
{
    struct uuid before = uuid_make(), read;

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct uuid id = uuid_make();
        assert_true(strncmp(before.text, id.text, 13) <= 0); /* the millisecond */
        assert_string_not_equal(before.text, id.text);
        assert_int_equal(id.text[14], '7');
        assert_non_null(strchr("89ab", id.text[19]));
        assert_true(uuid_read(text_of(id.text), &read));
        assert_string_equal(read.text, id.text);
        before = id;
    }
}

static void uuids_have_one_form(void **state)
{
    static const char *const BAD[] = {"",
                                      "01990000-0000-7000-8000-00000000000",
                                      "01990000-0000-7000-8000-0000000000000",
                                      "0199000000007000800000000000000000000",
                                      "01990000-0000-7000-8000-00000000000g",
                                      "01990000-0000-7000_8000-000000000000",
                                      "{1990000-0000-7000-8000-000000000000",
                                      "0199000-00000-7000-8000-000000000000"};
    struct uuid id;

    (void)state;
    assert_true(uuid_read(TEXT("0199ABCD-0000-7000-8000-00000000FFFF"), &id));
    assert_string_equal(id.text, "0199abcd-0000-7000-8000-00000000ffff");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(uuid_read(text_of(BAD[i]), &id));
    assert_string_equal(id.text, "0199abcd-0000-7000-8000-00000000ffff"); /* untouched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_the_standard),
        cmocka_unit_test(hmac_of_the_standard),
        cmocka_unit_test(a_derived_key_depends_on_secret_and_purpose),
        cmocka_unit_test(ed25519_of_the_standard),
        cmocka_unit_test(no_changed_bit_passes_for_signed),
        cmocka_unit_test(equal_looks_at_all_bytes),
        cmocka_unit_test(hex_goes_both_ways),
        cmocka_unit_test(base64_of_the_standard),
        cmocka_unit_test(base64url_is_read_padded_or_not),
        cmocka_unit_test(base64url_refuses_what_is_no_text_of_these_bytes),
        cmocka_unit_test(tokens_are_long_and_never_the_same),
        cmocka_unit_test(uuids_are_ordered_by_their_time),
        cmocka_unit_test(uuids_have_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
