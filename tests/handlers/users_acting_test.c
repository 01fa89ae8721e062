/* The service token, and whom it acts for. */
#include "users/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"
#include "support/fake_db.h"
#include "support/house.h"

#define USER "01990000-0000-7000-8000-000000000001"

static struct who seen; /* as the route's step saw it */
static int entered;

static struct next enter(struct call *call)
{
    seen = call->who;
    entered++;
    return reply_no_content(call);
}

static const struct route ROUTES[] = {{"GET", "/service", ACCESS_SERVICE, 0, enter}, {0}};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, access_authenticate);
    fake_db_reset();
    entered = 0;
    return 0;
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

static struct loopback *serve(const char *user, const char *name, const char *locale)
{
    struct loopback_message message = {
        .method = "GET", .path = "/service", .headers = {"authorization", "Bearer " HOUSE_SERVICE_TOKEN}};
    int count = 2;

    if (user) {
        message.headers[count++] = "x-acting-user";
        message.headers[count++] = user;
    }
    if (name) {
        message.headers[count++] = "x-acting-user-name";
        message.headers[count++] = name;
    }
    if (locale) {
        message.headers[count++] = "x-acting-user-locale";
        message.headers[count++] = locale;
    }
    return house_send(&message);
}

static void answer_user(int count)
{
    fake_db_answer(
        fake_rows(8, count, (const char *[]){USER, "t", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
}

static void the_service_acts_for_a_known_user(void **state)
{
    struct loopback *l = serve(" telegram:9223372036854775807\t", NULL, NULL);

    (void)state;
    assert_string_equal(fake_db_value(0), "9223372036854775807");
    answer_user(1);
    check(l, 204, "");
    assert_int_equal(seen.kind, WHO_SERVICE);
    assert_int_equal(seen.scopes, SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE); /* not admin, though its user is one */
    assert_string_equal(seen.user.text, USER);
    assert_string_equal(seen.credential.text, "");
}

static void the_service_acts_for_somebody_or_not_at_all(void **state)
{
    static const char *const WRONG[] = {"telegram",
                                        "telegram:",
                                        "telegram:0",
                                        "telegram:-5",
                                        "telegram:1.5",
                                        "telegram:abc",
                                        "telegram:1 2",
                                        "vk:5",
                                        "Telegram:5",
                                        "telegram:5:6",
                                        "telegram:9223372036854775808",
                                        "5",
                                        USER};

    (void)state;
    check(serve(NULL, NULL, NULL), 401, "acting_user_required");
    check(serve("", NULL, NULL), 401, "acting_user_required");
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        check(serve(WRONG[i], NULL, NULL), 401, "acting_user_invalid");
    assert_int_equal(entered, 0);
}

static void names_and_languages_that_cannot_be_are_refused(void **state)
{
    char long_name[3 * 65 + 1];

    (void)state;
    check(serve("telegram:5", "%", NULL), 400, "bad_request");
    check(serve("telegram:5", "%ff", NULL), 400, "bad_request");
    check(serve("telegram:5", "a%00b", NULL), 400, "bad_request");
    check(serve("telegram:5", "%20%20", NULL), 400, "bad_request");
    check(serve("telegram:5", NULL, "de"), 400, "bad_request");
    check(serve("telegram:5", NULL, "russian"), 400, "bad_request");
    for (int i = 0; i < 65; i++)
        memcpy(long_name + 3 * i, "%41", 4);
    check(serve("telegram:5", long_name, NULL), 400, "bad_request");
    assert_int_equal(entered, 0);
}

static void a_new_user_is_made_with_what_the_headers_say(void **state)
{
    struct loopback *l = serve("telegram:5", "%D0%9E%D0%BB%D1%8F%20O'Hara", "en");

    (void)state;
    answer_user(0);
    assert_non_null(strstr(fake_db_sql(), "INSERT INTO users"));
    assert_string_equal(fake_db_value(1), "5");
    assert_string_equal(fake_db_value(2), "Оля O'Hara");
    assert_string_equal(fake_db_value(3), "en");
    answer_user(1);
    check(l, 204, "");
    assert_int_equal(entered, 1);
}

static void a_new_user_without_a_name_gets_one(void **state)
{
    struct loopback *l = serve("telegram:5", NULL, NULL);

    (void)state;
    answer_user(0);
    assert_string_equal(fake_db_value(2), "Telegram 5");
    assert_null(fake_db_value(3));
    answer_user(1);
    check(l, 204, "");
}

static void whoever_was_second_to_make_a_user_takes_the_first_ones(void **state)
{
    struct loopback *l = serve("telegram:5", NULL, NULL);

    (void)state;
    answer_user(0);
    answer_user(0);
    assert_non_null(strstr(fake_db_sql(), "SELECT"));
    answer_user(1);
    check(l, 204, "");
    assert_int_equal(entered, 1);
}

static void without_a_service_token_configured_there_is_no_service(void **state)
{
    (void)state;
    house_local()->has_service_token = false;
    check(serve("telegram:5", NULL, NULL), 401, "token_invalid");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_service_acts_for_a_known_user),
        TEST(the_service_acts_for_somebody_or_not_at_all),
        TEST(names_and_languages_that_cannot_be_are_refused),
        TEST(a_new_user_is_made_with_what_the_headers_say),
        TEST(a_new_user_without_a_name_gets_one),
        TEST(whoever_was_second_to_make_a_user_takes_the_first_ones),
        TEST(without_a_service_token_configured_there_is_no_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
