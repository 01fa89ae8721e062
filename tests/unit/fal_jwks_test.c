/* The thread that keeps the signing keys, against a server that has them, changes them, or fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fal/jwks.h"
#include "support/tiny_http.h"

enum { PATIENCE_MS = 5000, NOW_S = 1767225600 };

#define BODY "{\"request_id\":\"r\",\"status\":\"OK\"}"
#define HEAD "HTTP/1.1 200 OK\r\n\r\n"

struct bench {
    struct tiny_http *tiny;
    struct jwks *jwks;
    unsigned char seed[ED25519_KEY_BYTES]; /* signs */
    char signature[HEX_ROOM(ED25519_SIGNATURE_BYTES)];
    char answers[2][256];
    struct err err;
};

static struct fal_webhook_headers sign(struct bench *bench)
{
    unsigned char digest[SHA256_BYTES], raw[ED25519_SIGNATURE_BYTES];
    char digits[HEX_ROOM(SHA256_BYTES)], message[256];
    int len;

    crypto_sha256(TEXT(BODY), digest);
    hex_write(digest, sizeof digest, digits);
    len = snprintf(message, sizeof message, "r\nu\n%d\n%s", NOW_S, digits);
    ed25519_sign(bench->seed, (struct text){message, (size_t)len}, raw);
    hex_write(raw, sizeof raw, bench->signature);
    return (struct fal_webhook_headers){TEXT("r"), TEXT("u"), TEXT("1767225600"), text_of(bench->signature)};
}

/* The key set of a server whose key has this seed. */
static const char *key_set(struct bench *bench, int slot, unsigned char first_byte)
{
    unsigned char seed[ED25519_KEY_BYTES] = {first_byte}, key[ED25519_KEY_BYTES];
    char x[BASE64URL_ROOM(ED25519_KEY_BYTES)];

    ed25519_public_key(seed, key);
    base64url_write(key, sizeof key, x);
    (void)snprintf(bench->answers[slot], sizeof bench->answers[slot],
                   HEAD "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}]}", x);
    return bench->answers[slot];
}

static int set_up(void **state)
{
    static struct bench bench;

    log_set_level(LOG_ERROR);
    bench = (struct bench){.tiny = tiny_open(), .seed = {1}};
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    jwks_close(bench->jwks);
    tiny_close(bench->tiny);
    return 0;
}

/* Asks for the keys from now on. */
static void open_jwks(struct bench *bench)
{
    char url[100];

    (void)snprintf(url, sizeof url, "%s/.well-known/jwks.json", tiny_url(bench->tiny));
    bench->jwks = jwks_open(url, true, &bench->err);
    assert_non_null(bench->jwks);
}

static void open_with(struct bench *bench, const char *bytes, enum tiny_then then)
{
    tiny_will_answer(bench->tiny, &(struct tiny_answer){bytes, then}, 1);
    open_jwks(bench);
}

static enum jwks_verdict verify(struct bench *bench)
{
    struct fal_webhook_headers headers = sign(bench);

    return jwks_verify(bench->jwks, &headers, TEXT(BODY), NOW_S, &bench->err);
}

static bool comes_to(struct bench *bench, enum jwks_verdict wanted)
{
    int64_t begin_ms = clock_monotonic_ms();

    while (clock_monotonic_ms() - begin_ms < PATIENCE_MS) {
        if (verify(bench) == wanted)
            return true;
        (void)poll(NULL, 0, 10);
    }
    return false;
}

static void loads_the_keys_at_start(void **state)
{
    struct bench *bench = *state;
    char sent[1000];

    open_with(bench, key_set(bench, 0, 1), TINY_CLOSE);
    assert_true(comes_to(bench, JWKS_VERIFIED));
    assert_true(jwks_has_keys(bench->jwks));
    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_memory_equal(sent, "GET /.well-known/jwks.json HTTP/1.1\r\n", 37);
    assert_null(strstr(sent, "Authorization"));
}

static void says_so_while_it_has_no_keys(void **state)
{
    struct bench *bench = *state;
    int64_t begin_ms;

    open_with(bench, "", TINY_HANG);
    begin_ms = clock_monotonic_ms();
    assert_int_equal(verify(bench), JWKS_UNAVAILABLE);
    assert_true(clock_monotonic_ms() - begin_ms < 500);
    assert_false(jwks_has_keys(bench->jwks));
}

static void tries_again_until_there_are_keys(void **state)
{
    struct bench *bench = *state;

    open_with(bench, "HTTP/1.1 500 Internal Server Error\r\n\r\n{\"keys\":[]}", TINY_CLOSE);
    while (tiny_requests(bench->tiny) == 0)
        (void)poll(NULL, 0, 10);
    tiny_will_answer(bench->tiny, &(struct tiny_answer){key_set(bench, 0, 1), TINY_CLOSE}, 1);
    assert_true(comes_to(bench, JWKS_VERIFIED));
    assert_int_equal(tiny_requests(bench->tiny), 2);
}

static void fetches_anew_when_no_key_fits_but_once_a_minute(void **state)
{
    struct bench *bench = *state;
    const struct tiny_answer answers[] = {{key_set(bench, 0, 2), TINY_CLOSE}, {key_set(bench, 1, 1), TINY_CLOSE}};

    tiny_will_answer(bench->tiny, answers, 2);
    open_jwks(bench);
    assert_true(comes_to(bench, JWKS_VERIFIED)); /* not by the first set: the second was asked for */
    assert_int_equal(tiny_requests(bench->tiny), 2);
    bench->seed[0] = 3;
    for (int i = 0; i < 30; i++) {
        assert_int_equal(verify(bench), JWKS_BAD);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(tiny_requests(bench->tiny), 2);
}

static void does_not_fetch_for_what_no_key_could_mend(void **state)
{
    struct bench *bench = *state;
    struct fal_webhook_headers headers;

    open_with(bench, key_set(bench, 0, 1), TINY_CLOSE);
    assert_true(comes_to(bench, JWKS_VERIFIED));
    headers = sign(bench);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(jwks_verify(bench->jwks, &headers, TEXT(BODY), NOW_S + 1000, &bench->err), JWKS_BAD);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(tiny_requests(bench->tiny), 1);
}

static void keeps_its_keys_when_a_later_fetch_fails(void **state)
{
    struct bench *bench = *state;

    open_with(bench, key_set(bench, 0, 1), TINY_CLOSE);
    assert_true(comes_to(bench, JWKS_VERIFIED));
    tiny_will_answer(bench->tiny, &(struct tiny_answer){HEAD "{}", TINY_CLOSE}, 1);
    bench->seed[0] = 3;
    assert_int_equal(verify(bench), JWKS_BAD);
    while (tiny_requests(bench->tiny) < 2)
        (void)poll(NULL, 0, 10);
    (void)poll(NULL, 0, 100);
    bench->seed[0] = 1;
    assert_int_equal(verify(bench), JWKS_VERIFIED);
}

static void ends_soon_in_the_middle_of_a_fetch(void **state)
{
    struct bench *bench = *state;
    int64_t begin_ms;

    open_with(bench, "", TINY_HANG);
    while (tiny_requests(bench->tiny) == 0)
        (void)poll(NULL, 0, 10);
    begin_ms = clock_monotonic_ms();
    jwks_close(bench->jwks);
    bench->jwks = NULL;
    assert_true(clock_monotonic_ms() - begin_ms < 3000);
}

static void refuses_an_address_without_tls(void **state)
{
    struct err err;

    (void)state;
    assert_null(jwks_open("http://rest.fal.ai/.well-known/jwks.json", false, &err));
    assert_null(jwks_open("jwks", false, &err));
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(loads_the_keys_at_start),
        WITH_SERVER(says_so_while_it_has_no_keys),
        WITH_SERVER(tries_again_until_there_are_keys),
        WITH_SERVER(fetches_anew_when_no_key_fits_but_once_a_minute),
        WITH_SERVER(does_not_fetch_for_what_no_key_could_mend),
        WITH_SERVER(keeps_its_keys_when_a_later_fetch_fails),
        WITH_SERVER(ends_soon_in_the_middle_of_a_fetch),
        cmocka_unit_test(refuses_an_address_without_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
