/* Who you are, and your API tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/json_same.h"
#include "users/me_api.h"
#include "users/token.h"
#include "users/token_api.h"
#include "users/web_session.h"
#include "json/json_in.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000a"
#define TOKEN_A "01990000-0000-7000-8000-0000000000aa"
#define TOKEN_B "01990000-0000-7000-8000-0000000000bb"
#define TIME "2026-01-15 10:00:01.123456+00"
#define RFC_TIME "2026-01-15T10:00:01.123456Z"
#define AVATAR "01990000-0000-7000-8000-0000000000cc"

static struct who who;

static struct next let_in(struct call *call)
{
    call->who = who;
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", "/api/v1/me", ACCESS_READ, 0, me_show},
    {"PATCH", "/api/v1/me", ACCESS_WRITE, 65536, me_change},
    {"GET", "/api/v1/tokens", ACCESS_READ, 0, token_list},
    {"POST", "/api/v1/tokens", ACCESS_WRITE, 65536, token_create},
    {"DELETE", "/api/v1/tokens/{id}", ACCESS_WRITE, 0, token_delete},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, let_in);
    fake_db_reset();
    who = (struct who){.kind = WHO_TOKEN, .scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE, .user = {USER}};
    return 0;
}

static struct loopback *ask(const char *method, const char *path, const char *body)
{
    return house_send(&(struct loopback_message){
        .method = method, .path = path, .headers = {"content-type", "application/json"}, .body = body});
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

/* "field code, field code" of a 422. */
static const char *faults_of(struct loopback *l)
{
    static char kept[500];
    struct err err;
    yajl_val root, errors;
    size_t used = 0;

    assert_int_equal(loopback_status(l), 422);
    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    errors = json_get(root, "errors");
    kept[0] = '\0';
    for (size_t i = 0; YAJL_IS_ARRAY(errors) && i < YAJL_GET_ARRAY(errors)->len; i++) {
        yajl_val e = YAJL_GET_ARRAY(errors)->values[i];
        used += (size_t)snprintf(kept + used, sizeof kept - used, "%s%s %s", i ? ", " : "", json_get_text(e, "field"),
                                 json_get_text(e, "code"));
    }
    yajl_tree_free(root);
    loopback_close(l);
    return kept;
}

/* /me */

static void answer_me(const char *avatar)
{
    fake_db_answer(fake_rows(
        9, 1, (const char *[]){USER, avatar, "Анна \"A\"", "ru", "Europe/Moscow", "balanced", "dark", "f", TIME}));
    assert_non_null(strstr(fake_db_sql(), "FROM accounts"));
    assert_string_equal(fake_db_value(0), USER);
    fake_db_answer(fake_rows(4, 1, (const char *[]){"1000", "880", "20", "100"}));
}

#define ME_BEFORE                                                                                                      \
    "{\"id\":\"" USER "\",\"name\":\"Анна \\\"A\\\"\",\"locale\":\"ru\",\"time_zone\":\"Europe/Moscow\","          \
    "\"default_preset\":\"balanced\",\"theme\":\"dark\",\"is_admin\":false,\"created_at\":\"" RFC_TIME                 \
    "\",\"quota\":{\"granted\":1000,\"available\":880,\"held\":20,\"spent\":100},\"main_avatar_id\":"

static void tells_who_you_are(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/me", NULL);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    answer_me(NULL);
    assert_int_equal(loopback_status(l), 200);
    assert_true(json_same(loopback_body(l), ME_BEFORE "null}"));
    loopback_close(l);
    l = ask("GET", "/api/v1/me", NULL);
    answer_me(AVATAR);
    assert_true(json_same(loopback_body(l), ME_BEFORE "\"" AVATAR "\"}"));
    loopback_close(l);
    check(ask("GET", "/api/v1/me?x=1", NULL), 400, "invalid_query");
}

static void shows_an_account_before_it_is_open(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/me", NULL);

    (void)state;
    fake_db_answer(
        fake_rows(9, 1, (const char *[]){USER, NULL, "A", "ru", "Europe/Moscow", "balanced", "dark", "f", TIME}));
    fake_db_answer(fake_rows(4, 0, NULL));
    assert_non_null(strstr(loopback_body(l), "{\"granted\":1000,\"available\":1000,\"held\":0,\"spent\":0}"));
    check(l, 200, "");
}

static void tells_a_session_its_token_for_changes(void **state)
{
    struct loopback *l;
    char csrf[WEB_SESSION_CSRF_ROOM], expected[1000];

    (void)state;
    who.kind = WHO_SESSION;
    who.credential = (struct uuid){SESSION};
    l = ask("GET", "/api/v1/me", NULL);
    answer_me(NULL);
    web_session_csrf(house_local()->csrf_mac, who.credential, csrf);
    (void)snprintf(expected, sizeof expected, ME_BEFORE "null,\"csrf_token\":\"%s\"}", csrf);
    assert_true(json_same(loopback_body(l), expected));
    loopback_close(l);
}

static void changes_only_what_is_given(void **state)
{
    struct loopback *l = ask("PATCH", "/api/v1/me", "{\"name\":\"Анна 😀\",\"default_preset\":\"quality\"}");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "UPDATE users"));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), "Анна 😀");
    assert_null(fake_db_value(2));
    assert_null(fake_db_value(3));
    assert_string_equal(fake_db_value(4), "quality");
    assert_null(fake_db_value(5));
    answer_me(NULL);
    check(l, 200, "");
}

static void asks_the_database_about_a_time_zone_first(void **state)
{
    struct loopback *l = ask("PATCH", "/api/v1/me", "{\"time_zone\":\"Asia/Kathmandu\",\"locale\":\"en\"}");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM time_zones"));
    assert_string_equal(fake_db_value(0), "Asia/Kathmandu");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"Asia/Kathmandu"}));
    assert_non_null(strstr(fake_db_sql(), "UPDATE users"));
    assert_null(fake_db_value(1));
    assert_string_equal(fake_db_value(2), "en");
    assert_string_equal(fake_db_value(3), "Asia/Kathmandu");
    answer_me(NULL);
    check(l, 200, "");
}

static void the_theme_is_one_of_three(void **state)
{
    static const char *const THEMES[] = {"auto", "light", "dark"};
    char body[40];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct loopback *l;
        (void)snprintf(body, sizeof body, "{\"theme\":\"%s\"}", THEMES[i]);
        l = ask("PATCH", "/api/v1/me", body);
        assert_string_equal(fake_db_value(5), THEMES[i]);
        assert_null(fake_db_value(1));
        answer_me(NULL);
        check(l, 200, "");
    }
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"theme\":\"\"}")), "theme not_one_of");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"theme\":\"Dark\"}")), "theme not_one_of");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"theme\":null}")), "theme not_a_string");
}

static void names_all_faults_of_settings_at_once(void **state)
{
    struct loopback *l = ask("PATCH", "/api/v1/me",
                             "{\"name\":\" \\t\",\"locale\":\"de\",\"time_zone\":\"Mars/X\",\"default_preset\":\"x\"}");

    (void)state;
    fake_db_answer(fake_rows(1, 0, NULL));
    assert_string_equal(faults_of(l), "locale not_one_of, name blank, default_preset not_one_of,"
                                      " time_zone unknown_time_zone");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{}")), " nothing_to_change");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"name\":null}")), "name not_a_string");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"locale\":null}")), "locale not_a_string");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"name\":\"\"}")), "name empty");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"time_zone\":\"\"}")), "time_zone empty");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"default_preset\":\"\"}")), "default_preset empty");
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", "{\"is_admin\":true}")), " unknown_field");
    assert_false(fake_db_waits());
}

static void a_name_has_128_characters_of_any_size(void **state)
{
    char body[2000] = "{\"name\":\"";
    size_t used = strlen(body);
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 128; i++, used += 4)
        memcpy(body + used, "\xf0\x9f\x98\x80", 4);
    memcpy(body + used, "\"}", 3);
    l = ask("PATCH", "/api/v1/me", body);
    assert_int_equal(strlen(fake_db_value(1)), 512);
    answer_me(NULL);
    check(l, 200, "");
    memcpy(body + used, "x\"}", 4);
    assert_string_equal(faults_of(ask("PATCH", "/api/v1/me", body)), "name too_long");
}

/* Tokens */

static void answer_tokens(int count)
{
    fake_db_answer(fake_rows(6, count,
                             (const char *[]){TOKEN_B, "b", "15", TIME, NULL, TIME, /* the newest first */
                                              TOKEN_A, "a", "1", TIME, TIME, NULL}));
}

#define LISTED_B                                                                                                       \
    "{\"id\":\"" TOKEN_B "\",\"name\":\"b\",\"scopes\":[\"read\",\"write\",\"generate\",\"admin\"],"                   \
    "\"created_at\":\"" RFC_TIME "\",\"last_used_at\":null,\"expires_at\":\"" RFC_TIME "\"}"
#define LISTED_A                                                                                                       \
    "{\"id\":\"" TOKEN_A "\",\"name\":\"a\",\"scopes\":[\"read\"],\"created_at\":\"" RFC_TIME                          \
    "\",\"last_used_at\":\"" RFC_TIME "\",\"expires_at\":null}"

static void lists_tokens(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/tokens", NULL);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_null(fake_db_value(1));
    assert_string_equal(fake_db_value(2), "25"); /* one more than is shown tells of a next page */
    answer_tokens(2);
    assert_true(json_same(loopback_body(l), "{\"items\":[" LISTED_B "," LISTED_A "],\"next_cursor\":null}"));
    loopback_close(l);
    l = ask("GET", "/api/v1/tokens?limit=5", NULL);
    answer_tokens(0);
    assert_true(json_same(loopback_body(l), "{\"items\":[],\"next_cursor\":null}"));
    loopback_close(l);
    check(ask("GET", "/api/v1/tokens?limit=101", NULL), 400, "invalid_query");
    check(ask("GET", "/api/v1/tokens?offset=1", NULL), 400, "invalid_query");
}

static void the_next_page_begins_behind_the_last_token(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/tokens?limit=1", NULL);
    char path[200], cursor[64];
    struct err err;
    yajl_val root;

    (void)state;
    answer_tokens(2);
    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    (void)snprintf(cursor, sizeof cursor, "%s", json_get_text(root, "next_cursor"));
    yajl_tree_free(root);
    loopback_close(l);
    (void)snprintf(path, sizeof path, "/api/v1/tokens?limit=1&cursor=%s", cursor);
    l = ask("GET", path, NULL);
    assert_string_equal(fake_db_value(1), TOKEN_B);
    answer_tokens(0);
    check(l, 200, "");
    path[strlen(path) - 1] = path[strlen(path) - 1] == 'A' ? 'B' : 'A';
    path[strlen(path) - 2] = path[strlen(path) - 2] == 'A' ? 'B' : 'A';
    check(ask("GET", path, NULL), 400, "cursor_invalid");
}

static void makes_a_token_and_shows_its_secret(void **state)
{
    struct loopback *l =
        ask("POST", "/api/v1/tokens", "{\"name\":\"b\",\"scopes\":[\"generate\",\"read\"],\"expires_in_days\":7}");
    unsigned char sha256[SHA256_BYTES];
    char kept[HEX_ROOM(SHA256_BYTES)], hex[HEX_ROOM(SHA256_BYTES)];
    const char *secret;

    (void)state;
    assert_string_equal(fake_db_value(1), USER);
    (void)snprintf(kept, sizeof kept, "%s", fake_db_value(2) + 2);
    assert_string_equal(fake_db_value(3), "b");
    assert_string_equal(fake_db_value(4), "5");
    assert_string_equal(fake_db_value(5), "7");
    answer_tokens(1);
    assert_int_equal(loopback_status(l), 201);
    assert_memory_equal(loopback_body(l), LISTED_B, sizeof LISTED_B - 2);
    secret = strstr(loopback_body(l), "\"token\":\"ais_");
    assert_non_null(secret);
    crypto_sha256((struct text){secret + 9, 44}, sha256);
    hex_write(sha256, sizeof sha256, hex);
    assert_string_equal(kept, hex);
    loopback_close(l);
}

static void a_token_without_days_does_not_expire(void **state)
{
    struct loopback *l = ask("POST", "/api/v1/tokens", "{\"name\":\"b\",\"scopes\":[\"read\"]}");

    (void)state;
    assert_null(fake_db_value(5));
    answer_tokens(1);
    check(l, 201, "");
}

static void gives_no_scope_that_the_caller_lacks(void **state)
{
    (void)state;
    check(ask("POST", "/api/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\",\"admin\"]}"), 403, "scope_missing");
    who.scopes = SCOPE_WRITE;
    check(ask("POST", "/api/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\"]}"), 403, "scope_missing");
    assert_false(fake_db_waits());
}

static void says_when_there_are_too_many_tokens(void **state)
{
    struct loopback *l = ask("POST", "/api/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\"]}");

    (void)state;
    answer_tokens(0);
    check(l, 409, "limit_reached");
}

static void names_the_faults_of_a_token(void **state)
{
    static const struct {
        const char *body, *faults;
    } WRONG[] = {
        {"{}", "name required, scopes required"},
        {"{\"name\":\"\",\"scopes\":[]}", "name empty, scopes empty"},
        {"{\"name\":\"\\u00a0\",\"scopes\":[\"read\"]}", "name blank"},
        {"{\"name\":\"x\",\"scopes\":\"read\"}", "scopes not_an_array"},
        {"{\"name\":\"x\",\"scopes\":null}", "scopes not_an_array"},
        {"{\"name\":\"x\",\"scopes\":[\"read\",\"read\"]}", "scopes[1] repeated"},
        {"{\"name\":\"x\",\"scopes\":[\"root\",1,[]]}",
         "scopes[0] not_one_of, scopes[1] not_a_string, scopes[2] not_a_string"},
        {"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires_in_days\":0}", "expires_in_days out_of_range"},
        {"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires_in_days\":3651}", "expires_in_days out_of_range"},
        {"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires_in_days\":null}", "expires_in_days not_an_integer"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_string_equal(faults_of(ask("POST", "/api/v1/tokens", WRONG[i].body)), WRONG[i].faults);
    assert_false(fake_db_waits());
}

static void revokes_a_token_of_ones_own(void **state)
{
    struct loopback *l = ask("DELETE", "/api/v1/tokens/" TOKEN_A, NULL);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), TOKEN_A);
    fake_db_answer(fake_rows(1, 1, (const char *[]){TOKEN_A}));
    check(l, 204, "");
    l = ask("DELETE", "/api/v1/tokens/" TOKEN_A, NULL);
    fake_db_answer(fake_rows(1, 0, NULL));
    check(l, 404, "not_found");
    check(ask("DELETE", "/api/v1/tokens/x", NULL), 404, "not_found");
    check(ask("DELETE", "/api/v1/tokens/" TOKEN_A "?x", NULL), 400, "invalid_query");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_who_you_are),
        TEST(shows_an_account_before_it_is_open),
        TEST(tells_a_session_its_token_for_changes),
        TEST(changes_only_what_is_given),
        TEST(asks_the_database_about_a_time_zone_first),
        TEST(the_theme_is_one_of_three),
        TEST(names_all_faults_of_settings_at_once),
        TEST(a_name_has_128_characters_of_any_size),
        TEST(lists_tokens),
        TEST(the_next_page_begins_behind_the_last_token),
        TEST(makes_a_token_and_shows_its_secret),
        TEST(a_token_without_days_does_not_expire),
        TEST(gives_no_scope_that_the_caller_lacks),
        TEST(says_when_there_are_too_many_tokens),
        TEST(names_the_faults_of_a_token),
        TEST(revokes_a_token_of_ones_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
