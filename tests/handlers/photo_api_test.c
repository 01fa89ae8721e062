/* /api/v1/avatars/{id}/photos without a body: what is shown, what is refused. */
#include "photos/photo_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "photos/photo.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "json/json_in.h"

#define AVATAR "01990000-0000-7000-8000-00000000000a"
#define PHOTO "01990000-0000-7000-8000-0000000000aa"
#define LIST "/api/v1/avatars/" AVATAR "/photos"

enum { PHOTO_COLUMNS_COUNT = 19, AVATAR_COLUMNS_COUNT = 21 };

static const struct route ROUTES[] = {
    {"GET", "/api/v1/avatars/{id}/photos", ACCESS_READ, 0, photo_list},
    {"POST", "/api/v1/avatars/{id}/photos/uploads", ACCESS_WRITE, 65536, photo_upload_open},
    {"GET", "/api/v1/avatars/{id}/photos/{photo}", ACCESS_READ, 0, photo_show},
    {"DELETE", "/api/v1/avatars/{id}/photos/{photo}", ACCESS_WRITE, 0, photo_delete},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

static void answer_avatar(void)
{
    fake_db_answer(fake_rows(AVATAR_COLUMNS_COUNT, 1,
                             (const char *[]){AVATAR,
                                              HOUSE_USER,
                                              "Anna",
                                              "female",
                                              "portrait",
                                              "draft",
                                              "0",
                                              NULL,
                                              "TOK",
                                              NULL,
                                              NULL,
                                              NULL,
                                              NULL,
                                              NULL,
                                              "f",
                                              "2",
                                              "2",
                                              NULL,
                                              "2026-01-15 10:00:00+00",
                                              "2026-01-15 10:00:00+00",
                                              NULL}));
}

#define ROW(id, code, faces)                                                                                           \
    id, AVATAR, HOUSE_USER, code, "beach.jpg", "\\x000102030405060708090a0b0c0d0e0f", "2483102", "-5", "4000", "3000", \
        AVATAR "/" id ".jpg", "700000", "\\x010203", faces, "0.25", "2.25", "127.5", "0.875",                          \
        "2026-01-15 10:00:01.5+00"

static void answer_photos(int count)
{
    fake_db_answer(fake_rows(
        PHOTO_COLUMNS_COUNT, count,
        (const char *[]){ROW(PHOTO, NULL, "1"), ROW("01990000-0000-7000-8000-0000000000ab", "near_duplicate", NULL)}));
}

static yajl_val parsed(const struct loopback *l)
{
    yajl_val value = NULL;
    struct err err;

    assert_true(json_parse(text_of(loopback_body(l)), &value, &err));
    return value;
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

static void lists_the_photos_and_judges_the_set(void **state)
{
    struct loopback *l = house_get(LIST);
    yajl_val answer, items, set;

    (void)state;
    assert_string_equal(fake_db_value(1), AVATAR);
    answer_avatar();
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    answer_photos(2);
    assert_int_equal(loopback_status(l), 200);
    answer = parsed(l);
    items = json_get(answer, "items");
    set = json_get(answer, "set");
    assert_int_equal(items->u.array.len, 2);
    assert_string_equal(json_get_text(items->u.array.values[0], "id"), PHOTO);
    assert_string_equal(json_get_text(items->u.array.values[0], "status"), "valid");
    assert_true(YAJL_IS_TRUE(json_get(items->u.array.values[0], "has_face")));
    assert_string_equal(json_get_text(items->u.array.values[1], "code"), "near_duplicate");
    assert_true(YAJL_IS_NULL(json_get(items->u.array.values[1], "face_count")));
    assert_non_null(strstr(json_get_text(items->u.array.values[0], "thumbnail_url"), PHOTO "_small.webp?"));
    assert_int_equal(json_get_int64(set, "missing", -1), 8);
    assert_int_equal(json_get_int64(set, "different", -1), 1);
    yajl_tree_free(answer);
    loopback_close(l);
}

static void an_avatar_that_is_not_there_has_no_photos(void **state)
{
    struct loopback *l = house_get(LIST);

    (void)state;
    fake_db_answer(fake_rows(AVATAR_COLUMNS_COUNT, 0, NULL));
    check(l, 404, "not_found");
    check(house_get("/api/v1/avatars/nobody/photos"), 404, "not_found");
    check(house_get(LIST "?limit=5"), 400, "invalid_query");
}

static void shows_one(void **state)
{
    struct loopback *l = house_get(LIST "/" PHOTO);

    (void)state;
    assert_string_equal(fake_db_value(2), PHOTO);
    answer_photos(1);
    assert_int_equal(loopback_status(l), 200);
    assert_non_null(strstr(loopback_body(l), "\"quality_score\":0.875"));
    loopback_close(l);
    l = house_get(LIST "/" PHOTO);
    fake_db_answer(fake_rows(PHOTO_COLUMNS_COUNT, 0, NULL));
    check(l, 404, "not_found");
}

static void deleting_has_three_ends(void **state)
{
    static const struct {
        const char *outcome, *code;
        int status;
    } ENDS[] = {{"removed", "", 204}, {"training", "avatar_training", 409}, {"gone", "not_found", 404}};

    (void)state;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        struct loopback *l = house_send(&(struct loopback_message){.method = "DELETE", .path = LIST "/" PHOTO});
        fake_db_answer(fake_rows(1, 1, (const char *[]){ENDS[i].outcome}));
        check(l, ENDS[i].status, ENDS[i].code);
    }
}

static void uploads_are_not_offered_where_objects_lie_on_disk(void **state)
{
    static const struct loopback_message WISH = {.method = "POST",
                                                 .path = LIST "/uploads",
                                                 .headers = {"content-type", "application/json"},
                                                 .body = "{\"content_type\":\"image/jpeg\",\"file_size\":5}"};
    struct loopback *l = house_send(&WISH);

    (void)state;
    answer_avatar();
    check(l, 409, "upload_not_offered");
    l = house_send(&WISH);
    fake_db_answer(fake_rows(AVATAR_COLUMNS_COUNT, 0, NULL));
    check(l, 404, "not_found");
}

static void a_wish_to_upload_is_judged_first(void **state)
{
    static const char *const BAD[] = {
        "{}",
        "{\"content_type\":\"text/html\",\"file_size\":5}",
        "{\"content_type\":\"image/\",\"file_size\":5}",
        "{\"content_type\":\"image/a/b\",\"file_size\":5}",
        "{\"content_type\":\"image/jpeg; x=y\",\"file_size\":5}",
        "{\"content_type\":\"image/jpeg\",\"file_size\":0}",
        "{\"content_type\":\"image/jpeg\",\"file_size\":20971521}",
        "{\"content_type\":\"image/jpeg\",\"file_size\":5,\"more\":1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        check(house_send(&(struct loopback_message){.method = "POST",
                                                    .path = LIST "/uploads",
                                                    .headers = {"content-type", "application/json"},
                                                    .body = BAD[i]}),
              422, "invalid");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_the_photos_and_judges_the_set),
        TEST(an_avatar_that_is_not_there_has_no_photos),
        TEST(shows_one),
        TEST(deleting_has_three_ends),
        TEST(uploads_are_not_offered_where_objects_lie_on_disk),
        TEST(a_wish_to_upload_is_judged_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
