/* What the provider calls: whose word counts, and what is asked of the database then. */
#include "hooks/fal_hook_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "fal/jwks.h"
#include "hooks/hook_token.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/json_same.h"
#include "support/tiny_http.h"

#define REQUEST "78b5784e-0822-4cd8-a8f0-002dfaca4a44"
#define RESULT                                                                                                         \
    "{\"request_id\":\"" REQUEST "\",\"status\":\"OK\",\"payload\":{\"seed\":18446744073709551615,\"images\":["        \
    "{\"url\":\"https://v3.fal.media/a.jpg\",\"width\":10,\"height\":20,\"content_type\":\"image/jpeg\"},"             \
    "{\"url\":\"https://v3.fal.media/b.jpg\",\"width\":10,\"height\":20,\"content_type\":\"image/jpeg\"}],"            \
    "\"has_nsfw_concepts\":[false,true]}}"
#define END "{\"request_id\":\"" REQUEST "\",\"status\":\"OK\"}"
#define FAILURE                                                                                                        \
    "{\"request_id\":\"" REQUEST "\",\"status\":\"ERROR\",\"error\":\"Invalid status code: 422\",\"payload\":"         \
    "{\"detail\":[{\"type\":\"content_policy_violation\",\"loc\":[\"body\"],\"msg\":\"x\"}]}}"

enum { SUBMISSION = 4711, PATIENCE_MS = 5000 };

static const struct route ROUTES[] = {
    {"POST", "/api/v1/webhooks/fal/{token}", ACCESS_PUBLIC, FAL_HOOK_MAX_BODY, fal_hook_receive},
    {"POST", "/api/avatar/status_update", ACCESS_PUBLIC, FAL_HOOK_MAX_BODY, fal_hook_status_update},
    {0},
};

static const unsigned char SEED[ED25519_KEY_BYTES] = {1, 2, 3}, STRANGER[ED25519_KEY_BYTES] = {9};

static struct bench {
    struct tiny_http *tiny;
    char path[100], time[24], signature[HEX_ROOM(ED25519_SIGNATURE_BYTES)];
} bench;

static void await_keys(void)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (!jwks_has_keys(house_local()->jwks) && clock_monotonic_ms() < until)
        (void)poll(NULL, 0, 5);
    assert_true(jwks_has_keys(house_local()->jwks));
}

static void open_keys(void)
{
    unsigned char key[ED25519_KEY_BYTES];
    char x[BASE64URL_ROOM(ED25519_KEY_BYTES)], answer[300], url[100];
    struct err err;

    ed25519_public_key(SEED, key);
    base64url_write(key, sizeof key, x);
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 200 OK\r\n\r\n{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}]}", x);
    bench.tiny = tiny_open();
    tiny_will_answer(bench.tiny, &(struct tiny_answer){answer, TINY_CLOSE}, 1);
    (void)snprintf(url, sizeof url, "%s/.well-known/jwks.json", tiny_url(bench.tiny));
    assert_non_null(house_local()->jwks = jwks_open(url, true, &err));
    house_local()->training_jwks = house_local()->jwks;
    await_keys();
}

static int set_up(void **state)
{
    char token[HOOK_TOKEN_ROOM];

    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    house_open(ROUTES, NULL);
    fake_db_reset();
    hook_token_write(house_local()->hook_mac, SUBMISSION, token);
    (void)snprintf(bench.path, sizeof bench.path, "/api/v1/webhooks/fal/%s", token);
    open_keys();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jwks_close(house_local()->jwks);
    tiny_close(bench.tiny);
    house_close();
    return 0;
}

static void sign(const char *body, const unsigned char *seed, int64_t sent_s)
{
    unsigned char digest[SHA256_BYTES], raw[ED25519_SIGNATURE_BYTES];
    char digits[HEX_ROOM(SHA256_BYTES)], message[300];
    int len;

    crypto_sha256(text_of(body), digest);
    hex_write(digest, sizeof digest, digits);
    (void)snprintf(bench.time, sizeof bench.time, "%lld", (long long)sent_s);
    len = snprintf(message, sizeof message, REQUEST "\nuser\n%s\n%s", bench.time, digits);
    ed25519_sign(seed, (struct text){message, (size_t)len}, raw);
    hex_write(raw, sizeof raw, bench.signature);
}

static struct loopback *send_to(const char *path, const char *body)
{
    return house_send(&(struct loopback_message){
        .method = "POST",
        .path = path,
        .headers = {"content-type", "application/json", "x-fal-webhook-request-id", REQUEST, "x-fal-webhook-user-id",
                    "user", "x-fal-webhook-timestamp", bench.time, "x-fal-webhook-signature", bench.signature},
        .body = body});
}

static struct loopback *send_signed(const char *path, const char *body)
{
    sign(body, SEED, clock_wall_s());
    return send_to(path, body);
}

static void check(struct loopback *l, int status, const char *code)
{
    if (loopback_status(l) != status || strcmp(house_code(l), code) != 0)
        fail_msg("%d %s: %s", loopback_status(l), house_code(l), loopback_body(l));
    loopback_close(l);
}

static void check_refused(struct loopback *l, int status, const char *code)
{
    assert_false(fake_db_waits());
    check(l, status, code);
}

static void answer_rows(int count) { fake_db_answer(fake_rows(1, count, (const char *[]){"1"})); }

static void a_signed_result_is_written_down_at_once(void **state)
{
    struct loopback *l = send_signed(bench.path, RESULT);
    const char *outputs;

    (void)state;
    assert_true(fake_db_waits() && strstr(fake_db_sql(), "webhook_inbox"));
    assert_string_equal(fake_db_value(0), "4711");
    assert_string_equal(fake_db_value(1), REQUEST);
    assert_string_equal(fake_db_value(2), "t");
    assert_string_equal(fake_db_value(3), "18446744073709551615");
    outputs = fake_db_value(4);
    assert_non_null(strstr(outputs, "\"position\":0"));
    assert_non_null(strstr(outputs, "\"url\":\"https://v3.fal.media/b.jpg\",\"nsfw\":true"));
    assert_false(loopback_answered(l)); /* not before it is durable */
    answer_rows(1);
    assert_string_equal(loopback_body(l), "{\"status\":\"accepted\"}");
    check(l, 200, "");
}

static void one_that_was_heard_before_is_ignored_but_fine(void **state)
{
    struct loopback *l = send_signed(bench.path, RESULT);

    (void)state;
    answer_rows(0);
    assert_string_equal(loopback_body(l), "{\"status\":\"ignored\"}");
    check(l, 200, "");
}

static void without_a_result_it_only_says_to_look(void **state)
{
    static const char *const BODIES[] = {END, FAILURE};

    (void)state;
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        struct loopback *l = send_signed(bench.path, BODIES[i]);
        assert_string_equal(fake_db_value(2), i == 0 ? "t" : "f");
        assert_null(fake_db_value(3));
        assert_null(fake_db_value(4));
        answer_rows(1);
        check(l, 200, "");
    }
}

static void an_invented_address_is_not_found(void **state)
{
    static const char *const TOKENS[] = {"4711", "4711.", "4711.AAAAAAAAAAAAAAAAAAAAAA", "x", ".", "%00", "-1.AAAA"};
    char path[200];

    (void)state;
    for (size_t i = 0; i < sizeof TOKENS / sizeof *TOKENS; i++) {
        (void)snprintf(path, sizeof path, "/api/v1/webhooks/fal/%s", TOKENS[i]);
        check_refused(send_signed(path, RESULT), 404, "not_found");
    }
    (void)snprintf(path, sizeof path, "/api/v1/webhooks/fal/4712%s", strchr(bench.path, '.'));
    check_refused(send_signed(path, RESULT), 404, "not_found");
}

static void what_the_provider_has_not_signed_is_refused(void **state)
{
    (void)state;
    bench.signature[0] = bench.time[0] = '\0';
    check_refused(send_to(bench.path, RESULT), 401, "signature_invalid");
    check_refused(
        house_send(&(struct loopback_message){
            .method = "POST", .path = bench.path, .headers = {"content-type", "application/json"}, .body = RESULT}),
        401, "signature_invalid");
    sign(RESULT, STRANGER, clock_wall_s());
    check_refused(send_to(bench.path, RESULT), 401, "signature_invalid");
    sign(END, SEED, clock_wall_s());
    check_refused(send_to(bench.path, RESULT), 401, "signature_invalid"); /* of another body */
    sign(RESULT, SEED, clock_wall_s() - 301);
    check_refused(send_to(bench.path, RESULT), 401, "signature_invalid"); /* stale */
    check_refused(send_signed(bench.path, "{\"request_id\":\"another\",\"status\":\"OK\"}"), 401, "signature_invalid");
}

static void a_signed_word_that_makes_no_sense_is_refused(void **state)
{
    struct loopback *l;

    (void)state;
    l = send_signed(bench.path, "{\"request_id\":\"" REQUEST "\",\"status\":\"MAYBE\"}");
    assert_int_equal(loopback_status(l), 400);
    loopback_close(l);
    sign(RESULT, SEED, clock_wall_s());
    check_refused(house_send(&(struct loopback_message){.method = "POST", .path = bench.path, .body = RESULT}), 415,
                  "json_expected");
    sign(RESULT, SEED, clock_wall_s());
    {
        char path[200];
        (void)snprintf(path, sizeof path, "%s?x=1", bench.path);
        check_refused(send_to(path, RESULT), 400, "invalid_query");
    }
}

static void without_keys_the_provider_is_told_to_come_again(void **state)
{
    struct jwks *jwks = house_local()->jwks;
    struct loopback *l;

    (void)state;
    house_local()->jwks = NULL;
    l = send_signed(bench.path, RESULT);
    assert_non_null(loopback_header(l, "retry-after", 0));
    check_refused(l, 503, "busy");
    house_local()->jwks = jwks;
}

static void a_database_that_is_away_makes_it_come_again(void **state)
{
    struct loopback *l = send_signed(bench.path, RESULT);

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    check(l, 503, "database");
}

/* The older address */

#define OLD "/api/avatar/status_update"

static struct loopback *send_plain(const char *path, const char *secret, const char *body)
{
    return house_send(
        &(struct loopback_message){.method = "POST",
                                   .path = path,
                                   .headers = {"content-type", "application/json", "x-webhook-secret", secret},
                                   .body = body});
}

static void the_older_address_takes_a_signature_or_the_secret(void **state)
{
    struct loopback *l = send_signed(OLD "?training_type=portrait", END);

    (void)state;
    assert_string_equal(fake_db_value(0), "0"); /* no attempt is named */
    assert_string_equal(fake_db_value(1), REQUEST);
    answer_rows(1);
    check(l, 200, "");
    l = send_plain(OLD, HOUSE_HOOK_SECRET, "{\"request_id\":\"r-1\",\"status\":\"completed\",\"more\":[1]}");
    assert_string_equal(fake_db_value(1), "r-1");
    answer_rows(0);
    assert_string_equal(fake_db_value(0), "r-1"); /* no training of ours: a generation, perhaps */
    answer_rows(0);
    assert_string_equal(loopback_body(l), "{\"status\":\"ignored\"}");
    check(l, 200, "");
}

static void the_older_address_names_the_attempt_and_perhaps_the_avatar(void **state)
{
    static const char AVATAR[] = "01990000-0000-7000-8000-00000000000a";
    char token[HOOK_TOKEN_ROOM], path[200];
    struct loopback *l;

    (void)state;
    hook_token_write(house_local()->hook_mac, 77, token);
    (void)snprintf(path, sizeof path, OLD "?training_type=style&attempt=%s&avatar_id=%s", token, AVATAR);
    l = send_signed(path, END);
    assert_string_equal(fake_db_value(0), "77");
    assert_string_equal(fake_db_value(1), REQUEST);
    assert_string_equal(fake_db_value(2), AVATAR);
    answer_rows(0); /* and nothing else is asked: it named what it is about */
    assert_string_equal(loopback_body(l), "{\"status\":\"ignored\"}");
    check(l, 200, "");
    token[strlen(token) - 1] ^= 1;
    (void)snprintf(path, sizeof path, OLD "?attempt=%s", token);
    check(send_signed(path, END), 404, "not_found");
}

static void the_older_address_refuses_everybody_else(void **state)
{
    static const char *const BODIES[] = {"{}",
                                         "[]",
                                         "{\"request_id\":\"r\"}",
                                         "{\"request_id\":\"\",\"status\":\"failed\"}",
                                         "{\"request_id\":7,\"status\":\"failed\"}",
                                         "{\"request_id\":\"r\",\"status\":\"COMPLETED\"}"};

    (void)state;
    check_refused(send_plain(OLD, "a secret for hookS", END), 401, "signature_invalid");
    check_refused(send_plain(OLD, "", END), 401, "signature_invalid");
    check_refused(send_plain(OLD "?training_type=x", HOUSE_HOOK_SECRET, END), 400, "invalid_query");
    check_refused(send_plain(OLD "?other=x", HOUSE_HOOK_SECRET, END), 400, "invalid_query");
    check_refused(send_plain(OLD, HOUSE_HOOK_SECRET, "{"), 400, "json_malformed");
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++)
        check_refused(send_plain(OLD, HOUSE_HOOK_SECRET, BODIES[i]), 400, "bad_request");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signed_result_is_written_down_at_once),
        TEST(one_that_was_heard_before_is_ignored_but_fine),
        TEST(without_a_result_it_only_says_to_look),
        TEST(an_invented_address_is_not_found),
        TEST(what_the_provider_has_not_signed_is_refused),
        TEST(a_signed_word_that_makes_no_sense_is_refused),
        TEST(without_keys_the_provider_is_told_to_come_again),
        TEST(a_database_that_is_away_makes_it_come_again),
        TEST(the_older_address_takes_a_signature_or_the_secret),
        TEST(the_older_address_names_the_attempt_and_perhaps_the_avatar),
        TEST(the_older_address_refuses_everybody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
