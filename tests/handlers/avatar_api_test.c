/* /api/v1/avatars and /api/v1/presets: what is asked of the database, and what comes of its answers. */
#include "avatars/avatar_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "avatars/presets_api.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/json_same.h"
#include "json/json_in.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define ID "01990000-0000-7000-8000-00000000000a"
#define PATH "/api/v1/avatars/" ID

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(USER), &call->who.user);
    call->who.scopes = SCOPE_READ | SCOPE_WRITE;
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", "/api/v1/avatars", ACCESS_READ, 0, avatar_list},
    {"GET", "/api/v1/avatars/{id}", ACCESS_READ, 0, avatar_show},
    {"PATCH", "/api/v1/avatars/{id}", ACCESS_WRITE, 65536, avatar_patch},
    {"DELETE", "/api/v1/avatars/{id}", ACCESS_WRITE, 0, avatar_remove},
    {"GET", "/api/v1/presets", ACCESS_READ, 0, presets_show},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    return 0;
}

static struct loopback *ask(const char *method, const char *path)
{
    return house_send(&(struct loopback_message){.method = method, .path = path, .headers = {"accept-language", "en"}});
}

static struct loopback *patch(const char *body)
{
    return house_send(&(struct loopback_message){
        .method = "PATCH", .path = PATH, .headers = {"content-type", "application/merge-patch+json"}, .body = body});
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

enum { COLUMNS = 21 };

/* A row of AVATAR_COLUMNS. */
struct avatar_row {
    const char *id, *type, *status, *trigger, *lora_url, *finetune_id, *scale, *is_main, *error;
};

static const struct avatar_row PORTRAIT = {
    ID, "portrait", "completed", "ANNA woman", "https://v3.fal.media/a.safetensors", NULL, "1.15", "t", NULL};

static void answer(const struct avatar_row rows[], int count)
{
    const char *values[3 * COLUMNS];

    for (int i = 0; i < count; i++) {
        const struct avatar_row *r = &rows[i];
        const char *row[COLUMNS] = {r->id,
                                    USER,
                                    "Анна",
                                    "female",
                                    r->type,
                                    r->status,
                                    "100",
                                    NULL,
                                    r->trigger,
                                    r->lora_url,
                                    r->finetune_id,
                                    r->scale,
                                    r->is_main,
                                    "12",
                                    "11",
                                    r->error,
                                    "2026-01-15 10:00:00.5+00",
                                    "2026-01-15 10:00:01+00",
                                    strcmp(r->status, "completed") == 0 ? "2026-01-15 10:00:02+00" : NULL,
                                    NULL,
                                    NULL};
        memcpy(&values[i * COLUMNS], row, sizeof row);
    }
    fake_db_answer(fake_rows(COLUMNS, count, values));
}

static void answer_nothing(void) { answer(NULL, 0); }

static void assert_body(const struct loopback *l, const char *expected)
{
    if (!json_same(loopback_body(l), expected))
        fail_msg("%s\nis not\n%s", loopback_body(l), expected);
}

static void shows_a_portrait(void **state)
{
    struct loopback *l = ask("GET", PATH);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    answer(&PORTRAIT, 1);
    assert_body(l, "{\"id\":\"" ID "\",\"name\":\"Анна\",\"gender\":\"female\",\"training_type\":\"portrait\","
                   "\"status\":\"completed\",\"training_progress\":100,\"training_preset\":null,"
                   "\"trigger_phrase\":\"ANNA woman\",\"trigger_word\":null,\"is_main\":true,\"photos_count\":12,"
                   "\"usable_photos\":11,\"default_lora_scale\":1.15,\"has_model\":true,\"model_bytes\":null,\"runs_"
                   "on\":[\"fal-ai/flux-lora\"],\"error\":null,"
                   "\"created_at\":\"2026-01-15T10:00:00.5Z\",\"updated_at\":\"2026-01-15T10:00:01Z\","
                   "\"completed_at\":\"2026-01-15T10:00:02Z\"}");
    check(l, 200, "");
}

static void shows_a_failed_style_with_its_reason(void **state)
{
    const struct avatar_row style = {ID, "style", "error", "INK", NULL, NULL, NULL, "f", "provider_timeout"};
    struct loopback *l = ask("GET", PATH);

    (void)state;
    answer(&style, 1);
    assert_body(l, "{\"id\":\"" ID "\",\"name\":\"Анна\",\"gender\":\"female\",\"training_type\":\"style\","
                   "\"status\":\"error\",\"training_progress\":100,\"training_preset\":null,\"trigger_phrase\":null,"
                   "\"trigger_word\":\"INK\",\"is_main\":false,\"photos_count\":12,\"usable_photos\":11,"
                   "\"default_lora_scale\":null,\"has_model\":false,\"model_bytes\":null,\"runs_on\":[],\"error\":{"
                   "\"code\":\"provider_timeout\","
                   "\"message\":\"Try again; you were not charged.\"},\"created_at\":\"2026-01-15T10:00:00.5Z\","
                   "\"updated_at\":\"2026-01-15T10:00:01Z\",\"completed_at\":null}");
    check(l, 200, "");
}

static void answers_404_for_what_is_not_there(void **state)
{
    struct loopback *l = ask("GET", PATH);

    (void)state;
    answer_nothing();
    check(l, 404, "not_found");
    check(ask("GET", "/api/v1/avatars/not-an-id"), 404, "not_found");
    check(ask("DELETE", "/api/v1/avatars/not-an-id"), 404, "not_found");
    assert_false(fake_db_waits());
}

static void takes_no_parameters_for_one_avatar(void **state)
{
    (void)state;
    check(ask("GET", PATH "?fields=name"), 400, "invalid_query");
    check(ask("DELETE", PATH "?force=true"), 400, "invalid_query");
    check(ask("GET", "/api/v1/avatars?limit=0"), 400, "invalid_query");
    check(ask("GET", "/api/v1/avatars?limit=101"), 400, "invalid_query");
    check(ask("GET", "/api/v1/avatars?cursor=%00"), 400, "invalid_query");
    assert_false(fake_db_waits());
}

static char *next_cursor(const struct loopback *l)
{
    static char cursor[100];
    struct err err;
    yajl_val root;

    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    (void)snprintf(cursor, sizeof cursor, "%s",
                   json_get_text(root, "next_cursor") ? json_get_text(root, "next_cursor") : "");
    yajl_tree_free(root);
    return cursor;
}

static void pages_go_on_behind_the_last_one_shown(void **state)
{
    const struct avatar_row rows[] = {{"01990000-0000-7000-8000-00000000000c", "style", "draft"},
                                      {"01990000-0000-7000-8000-00000000000b", "style", "draft"},
                                      {"01990000-0000-7000-8000-00000000000a", "style", "draft"}};
    struct loopback *l = ask("GET", "/api/v1/avatars?limit=2");
    char path[200], *cursor;

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_null(fake_db_value(1));
    assert_string_equal(fake_db_value(2), "3"); /* one more tells whether there is another page */
    answer(rows, 3);
    assert_non_null(strstr(loopback_body(l), rows[1].id));
    assert_null(strstr(loopback_body(l), rows[2].id));
    cursor = next_cursor(l);
    (void)snprintf(path, sizeof path, "/api/v1/avatars?limit=2&cursor=%s", cursor);
    check(l, 200, "");
    l = ask("GET", path);
    assert_string_equal(fake_db_value(1), rows[1].id);
    answer(&rows[2], 1);
    assert_string_equal(next_cursor(l), "");
    check(l, 200, "");
    path[strlen(path) - 1] ^= 1;
    check(ask("GET", path), 400, "cursor_invalid");
}

static void an_empty_list_is_a_list(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/avatars");

    (void)state;
    assert_string_equal(fake_db_value(2), "25");
    answer_nothing();
    assert_body(l, "{\"items\":[],\"next_cursor\":null}");
    check(l, 200, "");
}

/* PATCH */

static void a_patch_passes_on_what_it_names(void **state)
{
    struct loopback *l = patch("{\"name\":\"Spring\"}");

    (void)state;
    assert_null(strstr(fake_db_sql(), "avatar_make_main"));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    assert_string_equal(fake_db_value(2), "Spring");
    assert_string_equal(fake_db_value(3), "f");
    answer(&PORTRAIT, 1);
    check(l, 200, "");
    l = patch("{\"default_lora_scale\":0.85}");
    assert_null(fake_db_value(2));
    assert_string_equal(fake_db_value(3), "t");
    assert_string_equal(fake_db_value(4), "0.85");
    answer(&PORTRAIT, 1);
    check(l, 200, "");
    l = patch("{\"default_lora_scale\":null}");
    assert_string_equal(fake_db_value(3), "t");
    assert_null(fake_db_value(4));
    answer(&PORTRAIT, 1);
    check(l, 200, "");
    l = patch("{\"is_main\":true}");
    assert_non_null(strstr(fake_db_sql(), "avatar_make_main"));
    answer(&PORTRAIT, 1);
    check(l, 200, "");
}

static void a_patch_is_refused_for_wrong_values(void **state)
{
    static const char *const WRONG[] = {"{}",
                                        "[]",
                                        "{\"name\":null}",
                                        "{\"name\":\"\"}",
                                        "{\"name\":\" \\u00a0\\u3000\"}",
                                        "{\"name\":7}",
                                        "{\"is_main\":false}",
                                        "{\"is_main\":null}",
                                        "{\"is_main\":\"true\"}",
                                        "{\"default_lora_scale\":4.001}",
                                        "{\"default_lora_scale\":-0.1}",
                                        "{\"default_lora_scale\":\"1\"}",
                                        "{\"name\":\"a\",\"gender\":\"male\"}",
                                        "{\"name\":\"a\",\"name\":\"b\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        check(patch(WRONG[i]), 422, "invalid");
    check(patch("{\"name\":"), 400, "json_malformed");
    assert_false(fake_db_waits());
}

static void a_patch_says_why_nothing_came_of_it(void **state)
{
    const struct avatar_row draft = {ID, "style", "draft"};
    struct loopback *l = patch("{\"is_main\":true}");

    (void)state;
    answer_nothing();
    assert_non_null(strstr(fake_db_sql(), "FROM avatars")); /* is it there? */
    answer(&draft, 1);
    check(l, 409, "avatar_not_ready");
    l = patch("{\"is_main\":true}");
    answer_nothing();
    answer_nothing();
    check(l, 404, "not_found");
}

/* DELETE */

static void a_deleted_one_is_answered_without_a_body(void **state)
{
    struct loopback *l = ask("DELETE", PATH);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    assert_string_equal(loopback_body(l), "");
    check(l, 204, "");
}

static void deleting_says_why_nothing_came_of_it(void **state)
{
    struct loopback *l = ask("DELETE", PATH);

    (void)state;
    answer_nothing();
    answer(&PORTRAIT, 1);
    check(l, 409, "avatar_in_use");
    l = ask("DELETE", PATH);
    answer_nothing();
    answer_nothing();
    check(l, 404, "not_found");
}

static void a_database_that_is_gone_is_503(void **state)
{
    struct loopback *l = patch("{\"name\":\"x\"}");

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    check(l, 503, "database");
}

static void a_client_that_goes_away_cancels_the_wait(void **state)
{
    struct loopback *l = ask("GET", PATH);

    (void)state;
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 1);
}

/* Presets */

static void presets_need_no_database(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/presets");

    (void)state;
    assert_non_null(strstr(loopback_body(l), "\"photorealistic\""));
    assert_null(strstr(loopback_body(l), "\"supported\":false"));
    check(l, 200, "");
    check(ask("GET", "/api/v1/presets?avatar_id=x"), 400, "invalid_query");
    check(ask("GET", "/api/v1/presets?avatar=" ID), 400, "invalid_query");
    assert_false(fake_db_waits());
}

static void presets_know_what_the_avatar_supports(void **state)
{
    struct loopback *l = ask("GET", "/api/v1/presets?avatar_id=" ID);

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    answer(&PORTRAIT, 1);
    assert_non_null(strstr(loopback_body(l), "\"supported\":false,\"reason\":\"preset_not_supported\""));
    check(l, 200, "");
    l = ask("GET", "/api/v1/presets?avatar_id=" ID);
    answer_nothing();
    check(l, 404, "not_found");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_a_portrait),
        TEST(shows_a_failed_style_with_its_reason),
        TEST(answers_404_for_what_is_not_there),
        TEST(takes_no_parameters_for_one_avatar),
        TEST(pages_go_on_behind_the_last_one_shown),
        TEST(an_empty_list_is_a_list),
        TEST(a_patch_passes_on_what_it_names),
        TEST(a_patch_is_refused_for_wrong_values),
        TEST(a_patch_says_why_nothing_came_of_it),
        TEST(a_deleted_one_is_answered_without_a_body),
        TEST(deleting_says_why_nothing_came_of_it),
        TEST(a_database_that_is_gone_is_503),
        TEST(a_client_that_goes_away_cancels_the_wait),
        TEST(presets_need_no_database),
        TEST(presets_know_what_the_avatar_supports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
