/* /api/v1/images: what is asked of the database, and the JSON with signed links that comes of its answers. */
#include "gallery/image_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "storage/object_link.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "json/json_in.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define ID "01990000-0000-7000-8000-00000000000a"
#define OTHER_ID "01990000-0000-7000-8000-00000000000b"
#define GENERATION "01990000-0000-7000-8000-00000000000c"
#define AVATAR "01990000-0000-7000-8000-00000000000d"
#define LIST "/api/v1/images"
#define PATH LIST "/" ID

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(USER), &call->who.user);
    call->who.scopes = SCOPE_READ | SCOPE_WRITE;
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", "/api/v1/images", ACCESS_READ, 0, image_list},
    {"GET", "/api/v1/images/{id}", ACCESS_READ, 0, image_show},
    {"PATCH", "/api/v1/images/{id}", ACCESS_WRITE, 65536, image_patch},
    {"DELETE", "/api/v1/images/{id}", ACCESS_WRITE, 0, image_remove},
    {"POST", "/api/v1/images/{id}/restore", ACCESS_WRITE, 0, image_restore_asked},
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
    return house_send(&(struct loopback_message){.method = method, .path = path});
}

static struct loopback *patch(const char *body)
{
    return house_send(&(struct loopback_message){
        .method = "PATCH", .path = PATH, .headers = {"content-type", "application/json"}, .body = body});
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

enum { COLUMNS = 18 };

static const char *parent; /* NULL: none */
static bool is_indecent;

/* Rows of IMAGE_COLUMNS. */
static void answer(const char *const ids[], int count, const char *placeholder, const char *custom_name)
{
    const char *values[4 * COLUMNS];

    for (int i = 0; i < count; i++) {
        const char *row[COLUMNS] = {ids[i],
                                    GENERATION,
                                    AVATAR,
                                    "2026/11/20/" ID ".jpg",
                                    "image/jpeg",
                                    "1024",
                                    "768",
                                    "34567",
                                    "18446744073709551615",
                                    placeholder,
                                    "A \"cat\"\n на окне",
                                    "fast",
                                    "fal-ai/flux-lora",
                                    custom_name,
                                    "t",
                                    is_indecent ? "t" : "f",
                                    "2026-11-20 10:00:00.123456+00",
                                    parent};
        memcpy(&values[i * COLUMNS], row, sizeof row);
    }
    fake_db_answer(fake_rows(COLUMNS, count, values));
}

static void answer_one(void) { answer((const char *[]){ID}, 1, "\\x010203fffe", NULL); }
static void answer_nothing(void) { fake_db_answer(fake_rows(COLUMNS, 0, NULL)); }

static yajl_val parsed(const struct loopback *l)
{
    struct err err;
    yajl_val root;

    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    return root;
}

static void assert_member(yajl_val object, const char *name, const char *expected)
{
    assert_non_null(json_get_text(object, name));
    assert_string_equal(json_get_text(object, name), expected);
}

/* The link is ours, names that file and is good for a day, and for little more. */
static void assert_link(const char *url, const char *file)
{
    struct text path = text_of(url), query, bucket, key;
    int64_t now = clock_wall_s();

    assert_true(text_starts(path, TEXT(LOOPBACK_ORIGIN "/files/")));
    path =
        (struct text){path.at + sizeof LOOPBACK_ORIGIN "/files/" - 1, path.len - sizeof LOOPBACK_ORIGIN "/files/" + 1};
    query = path;
    path = text_cut(&query, '?');
    assert_int_equal(object_link_check(house_local()->links, path, query, now + 24 * 3600 - 5, &bucket, &key),
                     SIGNED_URL_OK);
    assert_true(text_equal(bucket, TEXT("aisha-v2-generated")));
    assert_true(text_equal(key, text_of(file)));
    assert_int_equal(object_link_check(house_local()->links, path, query, now + 25 * 3600 + 5, &bucket, &key),
                     SIGNED_URL_EXPIRED);
}

static void shows_a_picture_with_signed_links(void **state)
{
    struct loopback *l = ask("GET", PATH);
    yajl_val image;

    (void)state;
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    answer_one();
    image = parsed(l);
    assert_int_equal(YAJL_GET_OBJECT(image)->len, 20);
    assert_true(YAJL_IS_NULL(json_get(image, "parent_image_id")));
    assert_member(image, "id", ID);
    assert_member(image, "generation_id", GENERATION);
    assert_member(image, "avatar_id", AVATAR);
    assert_link(json_get_text(image, "url"), "2026/11/20/" ID ".jpg");
    assert_link(json_get_text(json_get(image, "thumbnails"), "small"), "2026/11/20/" ID "_small.webp");
    assert_link(json_get_text(json_get(image, "thumbnails"), "medium"), "2026/11/20/" ID "_medium.webp");
    assert_int_equal(json_get_int64(image, "width", 0), 1024);
    assert_int_equal(json_get_int64(image, "height", 0), 768);
    assert_int_equal(json_get_int64(image, "bytes", 0), 34567);
    assert_member(image, "content_type", "image/jpeg");
    assert_member(image, "placeholder", "AQID//4=");
    assert_member(image, "prompt", "A \"cat\"\n на окне");
    assert_member(image, "preset", "fast");
    assert_member(image, "endpoint", "fal-ai/flux-lora");
    assert_member(image, "seed", "18446744073709551615");
    assert_member(image, "created_at", "2026-11-20T10:00:00.123456Z");
    assert_true(YAJL_IS_TRUE(json_get(image, "is_favorite")) && YAJL_IS_TRUE(json_get(image, "stored")));
    assert_true(YAJL_IS_FALSE(json_get(image, "has_nsfw_content")));
    assert_true(YAJL_IS_NULL(json_get(image, "custom_name")));
    yajl_tree_free(image);
    check(l, 200, "");
}

/* Its signature opens none of the other files. */
static void assert_opens_nothing_else(const char *blurred)
{
    static const char *const FILES[] = {".jpg", "_small.webp", "_medium.webp", "_blurred.webp"};
    struct text query = text_of(blurred), bucket, key;

    (void)text_cut(&query, '?');
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "aisha-v2-generated/2026/11/20/" ID "%s", FILES[i]);
        assert_int_not_equal(
            object_link_check(house_local()->links, text_of(path), query, clock_wall_s(), &bucket, &key),
            SIGNED_URL_OK);
    }
}

static void gives_no_address_of_what_is_in_quarantine_but_that_of_the_blurred_one(void **state)
{
    struct loopback *l = ask("GET", PATH);
    const char *blurred;
    yajl_val image;

    (void)state;
    is_indecent = true;
    answer_one();
    is_indecent = false;
    image = parsed(l);
    assert_true(YAJL_IS_TRUE(json_get(image, "has_nsfw_content")));
    assert_true(YAJL_IS_NULL(json_get(image, "url")));
    assert_true(YAJL_IS_NULL(json_get(json_get(image, "thumbnails"), "medium")));
    blurred = json_get_text(json_get(image, "thumbnails"), "small");
    assert_link(blurred, "2026/11/20/" ID "-blurred.webp");
    assert_opens_nothing_else(blurred);
    yajl_tree_free(image);
    check(l, 200, "");
}

static void shows_names_and_missing_placeholders(void **state)
{
    struct loopback *l = ask("GET", PATH);
    yajl_val image;

    (void)state;
    answer((const char *[]){ID}, 1, "\\x", "Вечер \\ \"утро\"");
    image = parsed(l);
    assert_member(image, "custom_name", "Вечер \\ \"утро\"");
    assert_true(YAJL_IS_NULL(json_get(image, "placeholder")));
    yajl_tree_free(image);
    check(l, 200, "");
}

static void answers_404_for_what_is_not_there(void **state)
{
    struct loopback *l = ask("GET", PATH);

    (void)state;
    answer_nothing();
    check(l, 404, "not_found");
    l = ask("DELETE", PATH);
    fake_db_answer(fake_rows(1, 0, NULL));
    check(l, 404, "not_found");
    l = patch("{\"is_favorite\":true}");
    answer_nothing();
    check(l, 404, "not_found");
    check(ask("GET", LIST "/1"), 404, "not_found");
    check(ask("DELETE", LIST "/" ID "0"), 404, "not_found");
    assert_false(fake_db_waits());
}

static void a_picture_comes_out_of_the_trash(void **state)
{
    struct loopback *l = ask("POST", PATH "/restore");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "deleted_at = NULL"));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), ID);
    answer_one();
    assert_non_null(strstr(loopback_body(l), "\"id\":\"" ID "\""));
    check(l, 200, "");
    l = ask("POST", PATH "/restore");
    answer_nothing();
    check(l, 404, "not_found");
    check(ask("POST", PATH "/restore?x=1"), 400, "invalid_query");
    check(ask("POST", LIST "/1/restore"), 404, "not_found");
}

/* The list */

static void each_filter_has_a_statement_of_its_own(void **state)
{
    static const struct {
        const char *query;
        bool favorite, not_favorite, avatar;
    } LISTS[] = {
        {"", false, false, false},
        {"?favorite=true", true, false, false},
        {"?favorite=false", true, true, false},
        {"?avatar_id=" AVATAR, false, false, true},
        {"?favorite=true&avatar_id=" AVATAR, true, false, true},
        {"?avatar_id=" AVATAR "&favorite=false", true, true, true},
    };
    const char *sql[6];

    (void)state;
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        char path[200];
        struct loopback *l;
        (void)snprintf(path, sizeof path, LIST "%s", LISTS[i].query);
        l = ask("GET", path);
        sql[i] = fake_db_sql();
        assert_string_equal(fake_db_value(0), USER);
        assert_string_equal(fake_db_value(1), "ffffffff-ffff-ffff-ffff-ffffffffffff");
        assert_string_equal(fake_db_value(2), "25");
        assert_true(!strstr(sql[i], "AND is_favorite") == !(LISTS[i].favorite && !LISTS[i].not_favorite));
        assert_true(!strstr(sql[i], "AND NOT is_favorite") == !LISTS[i].not_favorite);
        assert_true(!strstr(sql[i], "avatar_id = $4") == !LISTS[i].avatar);
        if (LISTS[i].avatar)
            assert_string_equal(fake_db_value(3), AVATAR);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(sql[i], sql[j]);
        answer_nothing();
        assert_string_equal(loopback_body(l), "{\"items\":[],\"next_cursor\":null}");
        check(l, 200, "");
    }
}

static void a_cursor_goes_on_behind_the_last_one_and_only_with_the_same_filters(void **state)
{
    struct loopback *l = ask("GET", LIST "?limit=1&favorite=true");
    char cursor[100], path[300];
    yajl_val root;

    (void)state;
    assert_string_equal(fake_db_value(2), "2");
    answer((const char *[]){OTHER_ID, ID}, 2, "\\x010203fffe", NULL);
    root = parsed(l);
    assert_int_equal(YAJL_GET_ARRAY(json_get(root, "items"))->len, 1);
    (void)snprintf(cursor, sizeof cursor, "%s", json_get_text(root, "next_cursor"));
    yajl_tree_free(root);
    check(l, 200, "");
    (void)snprintf(path, sizeof path, LIST "?limit=1&favorite=true&cursor=%s", cursor);
    l = ask("GET", path);
    assert_string_equal(fake_db_value(1), OTHER_ID);
    answer_one();
    assert_non_null(strstr(loopback_body(l), "\"next_cursor\":null"));
    check(l, 200, "");
    (void)snprintf(path, sizeof path, LIST "?limit=1&cursor=%s", cursor);
    check(ask("GET", path), 400, "cursor_invalid");
    (void)snprintf(path, sizeof path, LIST "?favorite=false&cursor=%s", cursor);
    check(ask("GET", path), 400, "cursor_invalid");
    (void)snprintf(path, sizeof path, LIST "?favorite=true&avatar_id=" AVATAR "&cursor=%s", cursor);
    check(ask("GET", path), 400, "cursor_invalid");
}

static void wrong_filters_are_refused(void **state)
{
    (void)state;
    check(ask("GET", LIST "?favorite=1"), 400, "invalid_query");
    check(ask("GET", LIST "?avatar_id=me"), 400, "invalid_query");
    check(ask("GET", LIST "?limit=0"), 400, "invalid_query");
    check(ask("GET", LIST "?favourite=true"), 400, "invalid_query");
    check(ask("GET", LIST "?favorite=true&favorite=true"), 400, "invalid_query");
    check(ask("GET", PATH "?size=1"), 400, "invalid_query");
    assert_false(fake_db_waits());
}

/* PATCH and DELETE */

static void a_patch_passes_on_what_it_names(void **state)
{
    static const struct {
        const char *body, *favorite, *renames, *name;
    } PATCHES[] = {
        {"{\"is_favorite\":true}", "t", "f", NULL},
        {"{\"is_favorite\":false}", "f", "f", NULL},
        {"{\"custom_name\":\"Вечер\"}", NULL, "t", "Вечер"},
        {"{\"custom_name\":null}", NULL, "t", NULL},
        {"{\"custom_name\":\"x\",\"is_favorite\":true}", "t", "t", "x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof PATCHES / sizeof *PATCHES; i++) {
        struct loopback *l = patch(PATCHES[i].body);
        assert_string_equal(fake_db_value(0), USER);
        assert_string_equal(fake_db_value(1), ID);
        assert_true(PATCHES[i].favorite ? !strcmp(fake_db_value(2), PATCHES[i].favorite) : !fake_db_value(2));
        assert_string_equal(fake_db_value(3), PATCHES[i].renames);
        assert_true(PATCHES[i].name ? !strcmp(fake_db_value(4), PATCHES[i].name) : !fake_db_value(4));
        answer_one();
        assert_non_null(strstr(loopback_body(l), "\"id\":\"" ID "\""));
        check(l, 200, "");
    }
}

static void a_patch_is_refused_for_wrong_values(void **state)
{
    static const char *const WRONG[] = {
        "{}",
        "[]",
        "{\"is_favorite\":null}",
        "{\"is_favorite\":1}",
        "{\"custom_name\":\"\"}",
        "{\"custom_name\":\" \\t\\u2003\"}",
        "{\"custom_name\":[]}",
        "{\"prompt\":\"x\"}",
    };
    char name[102] = "", body[140];

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        check(patch(WRONG[i]), 422, "invalid");
    memset(name, 'x', 101);
    (void)snprintf(body, sizeof body, "{\"custom_name\":\"%s\"}", name);
    check(patch(body), 422, "invalid");
    assert_false(fake_db_waits());
    name[100] = '\0';
    (void)snprintf(body, sizeof body, "{\"custom_name\":\"%s\"}", name);
    loopback_close(patch(body));
    assert_string_equal(fake_db_value(4), name);
}

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

static void a_client_that_goes_away_cancels_the_wait(void **state)
{
    struct loopback *l = ask("GET", LIST);

    (void)state;
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_a_picture_with_signed_links),
        TEST(gives_no_address_of_what_is_in_quarantine_but_that_of_the_blurred_one),
        TEST(shows_names_and_missing_placeholders),
        TEST(answers_404_for_what_is_not_there),
        TEST(a_picture_comes_out_of_the_trash),
        TEST(each_filter_has_a_statement_of_its_own),
        TEST(a_cursor_goes_on_behind_the_last_one_and_only_with_the_same_filters),
        TEST(wrong_filters_are_refused),
        TEST(a_patch_passes_on_what_it_names),
        TEST(a_patch_is_refused_for_wrong_values),
        TEST(a_deleted_one_is_answered_without_a_body),
        TEST(a_client_that_goes_away_cancels_the_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
