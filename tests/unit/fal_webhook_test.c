/* The signature's published steps against one known vector, and everything that must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fal/fal_webhook.h"

#define ID "78b5784e-0822-4cd8-a8f0-002dfaca4a44"
#define BODY                                                                                                           \
    "{\"error\": null, \"gateway_request_id\": \"" ID "\", \"payload\": {\"finetune_id\": "                            \
    "\"0f0e0d0c-0b0a-4908-8706-050403020100\"}, \"request_id\": \"" ID "\", \"status\": \"OK\"}"
#define SIGNATURE                                                                                                      \
    "e2b3f76f4ecb8b8946088f234286f1af444fec59017a66e3e66b68061d4ca4e7"                                                 \
    "4648845966d6a5d555abc1900c56002645b1cd32d2321344bef0db0f06a85e0c"
#define X "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
#define KEY(x) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x "\"}"

/* A struct text in the initialiser of something static, where a compound literal may not stand. */
#define PIECE(literal)                                                                                                 \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    }

static const int64_t NOW_S = 1767225600;

static const struct fal_webhook_headers GOOD = {.request_id = PIECE(ID),
                                                .user_id = PIECE("user_01TEST"),
                                                .timestamp = PIECE("1767225600"),
                                                .signature = PIECE(SIGNATURE)};

static struct err err;

static struct key_set keys_of(const char *json)
{
    struct key_set keys;

    assert_true(key_set_read(text_of(json), &keys, &err));
    return keys;
}

static bool check_at(const struct fal_webhook_headers *headers, struct text body, int64_t now_s)
{
    struct key_set keys = keys_of("{\"keys\":[" KEY(X) "]}");

    err = (struct err){0};
    return fal_webhook_check(&keys, headers, body, now_s, &err);
}

static void assert_rejected(struct fal_webhook_headers headers, struct text body, const char *code)
{
    assert_false(check_at(&headers, body, NOW_S));
    assert_string_equal(err.code, code);
    assert_int_equal(err_http_status(err.kind), 401);
}

static void verifies_the_known_vector(void **state)
{
    (void)state;
    assert_int_equal(TEXT(BODY).len, 215);
    assert_true(check_at(&GOOD, TEXT(BODY), NOW_S));
}

static void takes_keys_with_and_without_padding_among_others(void **state)
{
    struct key_set keys =
        keys_of("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"x\"},{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X
                "\"},7," KEY("AAAA") "," KEY("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") "," KEY(X "=") "]}");

    (void)state;
    assert_int_equal(keys.count, 2);
    assert_true(fal_webhook_check(&keys, &GOOD, TEXT(BODY), NOW_S, &err));
}

static void refuses_key_sets_without_a_usable_key(void **state)
{
    static const char *const BAD[] = {
        "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[" KEY("short") "]}", "<html>"};
    struct key_set keys;

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(key_set_read(text_of(BAD[i]), &keys, &err));
}

static void keeps_no_more_keys_than_it_has_room_for(void **state)
{
    struct key_set keys;
    char json[4096] = "{\"keys\":[" KEY(X);
    size_t len = strlen(json);

    (void)state;
    for (int i = 0; i < 40; i++)
        len += (size_t)snprintf(json + len, sizeof json - len, ",%s", KEY(X));
    (void)snprintf(json + len, sizeof json - len, "]}");
    assert_true(key_set_read(text_of(json), &keys, &err));
    assert_int_equal(keys.count, KEY_SET_MAX);
}

static void allows_five_minutes_either_way(void **state)
{
    (void)state;
    assert_true(check_at(&GOOD, TEXT(BODY), NOW_S + 300));
    assert_true(check_at(&GOOD, TEXT(BODY), NOW_S - 300));
    assert_false(check_at(&GOOD, TEXT(BODY), NOW_S + 301));
    assert_string_equal(err.code, "webhook_stale");
    assert_false(check_at(&GOOD, TEXT(BODY), NOW_S - 301));
    assert_string_equal(err.code, "webhook_stale");
}

static void rejects_any_flipped_bit_of_body_and_signature(void **state)
{
    char body[sizeof BODY] = BODY, signature[sizeof SIGNATURE] = SIGNATURE;
    struct fal_webhook_headers headers = GOOD;

    (void)state;
    for (size_t i = 0; i < sizeof BODY - 1; i += 7) {
        body[i] ^= 1;
        assert_rejected(GOOD, (struct text){body, sizeof BODY - 1}, "webhook_bad_signature");
        body[i] ^= 1;
    }
    headers.signature = (struct text){signature, 128};
    for (size_t i = 0; i < 128; i++) {
        char kept = signature[i];
        signature[i] = kept == '0' ? '1' : '0';
        assert_rejected(headers, TEXT(BODY), "webhook_bad_signature");
        signature[i] = kept;
    }
    assert_rejected(GOOD, TEXT(BODY " "), "webhook_bad_signature");
}

static void rejects_changed_headers(void **state)
{
    struct fal_webhook_headers headers = GOOD;

    (void)state;
    headers.user_id = TEXT("user_02TEST");
    assert_rejected(headers, TEXT(BODY), "webhook_bad_signature");
    headers = GOOD;
    headers.timestamp = TEXT("1767225601");
    assert_rejected(headers, TEXT(BODY), "webhook_bad_signature");
    headers = GOOD;
    headers.request_id = TEXT("88b5784e-0822-4cd8-a8f0-002dfaca4a44");
    assert_rejected(headers, TEXT(BODY), "webhook_bad_signature");
}

static void rejects_absent_headers_and_line_breaks_in_them(void **state)
{
    static const struct text BAD[] = {{NULL, 0}, {"a\rb", 3}, {"a\nb", 3}, {"a\0b", 3}};

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct fal_webhook_headers each[] = {GOOD, GOOD, GOOD, GOOD};
        each[0].request_id = each[1].user_id = each[2].timestamp = each[3].signature = BAD[i];
        for (int j = 0; j < 4; j++)
            assert_rejected(each[j], TEXT(BODY), "webhook_unsigned");
    }
}

static void rejects_strange_timestamps_and_signatures(void **state)
{
    static const struct text TIMES[] = {PIECE("-1767225600"), PIECE("1767225600.0"),
                                        PIECE(" 1767225600"), PIECE("0x6955b900"),
                                        PIECE("-"),           PIECE("99999999999999999999999")};
    static const struct text SIGNATURES[] = {PIECE("00"), PIECE(SIGNATURE "00"), PIECE("zz")};
    char garbage[129];

    (void)state;
    for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) {
        struct fal_webhook_headers headers = GOOD;
        headers.timestamp = TIMES[i];
        assert_rejected(headers, TEXT(BODY), "webhook_malformed");
    }
    for (size_t i = 0; i < sizeof SIGNATURES / sizeof *SIGNATURES; i++) {
        struct fal_webhook_headers headers = GOOD;
        headers.signature = SIGNATURES[i];
        assert_rejected(headers, TEXT(BODY), "webhook_malformed");
    }
    memset(garbage, 'g', 128);
    struct fal_webhook_headers headers = GOOD;
    headers.signature = (struct text){garbage, 128};
    assert_rejected(headers, TEXT(BODY), "webhook_malformed");
}

/* A call as fal.ai would sign it with the vector's key. */
static struct fal_webhook_headers sign(struct text body, char signature[HEX_ROOM(ED25519_SIGNATURE_BYTES)])
{
    unsigned char seed[ED25519_KEY_BYTES], digest[SHA256_BYTES], raw[ED25519_SIGNATURE_BYTES];
    char digits[HEX_ROOM(SHA256_BYTES)], message[512];
    int len;

    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (unsigned char)i;
    crypto_sha256(body, digest);
    hex_write(digest, sizeof digest, digits);
    len = snprintf(message, sizeof message, ID "\nuser_01TEST\n1767225600\n%s", digits);
    ed25519_sign(seed, (struct text){message, (size_t)len}, raw);
    hex_write(raw, sizeof raw, signature);
    struct fal_webhook_headers headers = GOOD;
    headers.signature = text_of(signature);
    return headers;
}

static void rejects_a_signed_body_about_another_request(void **state)
{
    static const struct text BODIES[] = {PIECE("{\"request_id\":\"other\",\"status\":\"OK\"}"),
                                         PIECE("{\"status\":\"OK\"}"), PIECE("[]")};
    char signature[HEX_ROOM(ED25519_SIGNATURE_BYTES)];

    (void)state;
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++)
        assert_rejected(sign(BODIES[i], signature), BODIES[i], "webhook_wrong_request");
    assert_rejected(sign(TEXT("{"), signature), TEXT("{"), "webhook_malformed");
    assert_true(check_at(&(struct fal_webhook_headers[]){sign(TEXT(BODY), signature)}[0], TEXT(BODY), NOW_S));
}

static void reads_a_finished_job(void **state)
{
    struct fal_webhook hook;

    (void)state;
    assert_true(fal_webhook_parse(TEXT(BODY), &hook, &err));
    assert_string_equal(hook.request_id, ID);
    assert_true(hook.ok && hook.complete);
    assert_string_equal(hook.outcome.finetune_id, "0f0e0d0c-0b0a-4908-8706-050403020100");
    assert_true(
        fal_webhook_parse(TEXT("{\"request_id\":\"r\",\"status\":\"OK\",\"payload\":{\"images\":[{\"url\":\"u\"}],"
                               "\"seed\":15860307465884635512,\"has_nsfw_concepts\":[true]}}"),
                          &hook, &err));
    assert_int_equal(hook.outcome.image_count, 1);
    assert_true(hook.outcome.images[0].nsfw && hook.outcome.seed == UINT64_C(15860307465884635512));
}

static void reads_a_failed_job(void **state)
{
    struct fal_webhook hook;

    (void)state;
    assert_true(
        fal_webhook_parse(TEXT("{\"error\":\"Invalid status code: 422\",\"request_id\":\"r\",\"status\":\"ERROR\","
                               "\"payload\":{\"detail\":[{\"type\":\"content_policy_violation\"}]}}"),
                          &hook, &err));
    assert_true(!hook.ok && hook.complete);
    assert_int_equal(hook.outcome.failure, FAL_MODERATION_BLOCKED);
}

static void sends_to_the_result_when_the_payload_is_missing(void **state)
{
    struct fal_webhook hook;

    (void)state;
    assert_true(fal_webhook_parse(TEXT("{\"request_id\":\"r\",\"status\":\"OK\",\"payload\":null,"
                                       "\"payload_error\":\"not serializable\"}"),
                                  &hook, &err));
    assert_true(hook.ok && !hook.complete);
    assert_true(fal_webhook_parse(TEXT("{\"error\":\"Invalid status code: 404\",\"request_id\":\"r\","
                                       "\"status\":\"ERROR\",\"payload\":null}"),
                                  &hook, &err));
    assert_true(!hook.ok && !hook.complete);
    assert_int_equal(hook.outcome.failure, FAL_RESULT_MISSING);
    assert_true(fal_webhook_parse(TEXT("{\"request_id\":\"r\",\"status\":\"ERROR\"}"), &hook, &err));
    assert_int_equal(hook.outcome.failure, FAL_PROVIDER_UNAVAILABLE);
}

static void refuses_bodies_of_another_form(void **state)
{
    static const char *const BAD[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"request_id\":\"r\"}",
                                      "{\"status\":\"OK\"}",
                                      "{\"request_id\":\"r\",\"status\":\"COMPLETED\"}",
                                      "{\"request_id\":7,\"status\":\"OK\"}",
                                      "{\"request_id\":\"a/b\",\"status\":\"OK\"}",
                                      "{\"request_id\":\"r\\u0000\",\"status\":\"OK\"}"};
    struct fal_webhook hook;

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (fal_webhook_parse(text_of(BAD[i]), &hook, &err))
            fail_msg("%s", BAD[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_the_known_vector),
        cmocka_unit_test(takes_keys_with_and_without_padding_among_others),
        cmocka_unit_test(refuses_key_sets_without_a_usable_key),
        cmocka_unit_test(keeps_no_more_keys_than_it_has_room_for),
        cmocka_unit_test(allows_five_minutes_either_way),
        cmocka_unit_test(rejects_any_flipped_bit_of_body_and_signature),
        cmocka_unit_test(rejects_changed_headers),
        cmocka_unit_test(rejects_absent_headers_and_line_breaks_in_them),
        cmocka_unit_test(rejects_strange_timestamps_and_signatures),
        cmocka_unit_test(rejects_a_signed_body_about_another_request),
        cmocka_unit_test(reads_a_finished_job),
        cmocka_unit_test(reads_a_failed_job),
        cmocka_unit_test(sends_to_the_result_when_the_payload_is_missing),
        cmocka_unit_test(refuses_bodies_of_another_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
