/* Figures of what one has made: as the contract has them, whoever asks is who is asked for. */
#include "generations/tally_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/fake_db.h"
#include "support/house.h"

#define STATS "/api/v1/me/stats"

static const struct route ROUTES[] = {{"GET", STATS, ACCESS_READ, 0, tally_show}, {0}};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

static struct loopback *ask(const char *path)
{
    return house_send(&(struct loopback_message){.method = "GET", .path = path});
}

static void tells_all_groups(void **state)
{
    struct loopback *l = ask(STATS);

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(8, 6, (const char *[]){"all",      "2026-01-15 10:00:01+00",
                                                    "2",        "1",
                                                    "0",        "10",
                                                    "2",        "43", /**/
                                                    "now",      "2026-02",
                                                    "3",        "0",
                                                    "0",        "0",
                                                    "0",        "0", /**/
                                                    "pictures", "",
                                                    "7",        "2",
                                                    "1",        "4",
                                                    "0",        "0", /**/
                                                    "month",    "2026-02",
                                                    "1",        "0",
                                                    "0",        "6",
                                                    "1",        "21", /**/
                                                    "preset",   "fast",
                                                    "2",        "1",
                                                    "0",        "10",
                                                    "2",        "43", /**/
                                                    "template", "old-library",
                                                    "0",        "1",
                                                    "0",        "0",
                                                    "0",        "0"}));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(
        loopback_body(l),
        "{\"generations\":{\"total\":6,\"active\":3,\"completed\":2,\"failed\":1,\"cancelled\":0,\"credits_spent\":10,"
        "\"average_seconds\":21.5,\"first_at\":\"2026-01-15T10:00:01Z\",\"by_preset\":[{\"preset\":\"fast\","
        "\"completed\":2,\"failed\":1,\"cancelled\":0,\"credits_spent\":10,\"average_seconds\":21.5}],\"by_template\":"
        "[{\"template_id\":\"old-library\",\"completed\":0,\"failed\":1,\"cancelled\":0,\"credits_spent\":0,"
        "\"average_seconds\":null}]},\"images\":{\"total\":7,\"favorites\":2,\"quarantined\":1,\"trashed\":4},"
        "\"this_month\":{\"month\":\"2026-02\",\"completed\":1,\"failed\":0,\"cancelled\":0,\"credits_spent\":6,"
        "\"average_seconds\":21},\"months\":[{\"month\":\"2026-02\",\"completed\":1,\"failed\":0,\"cancelled\":0,"
        "\"credits_spent\":6,\"average_seconds\":21}]}");
    loopback_close(l);
}

/* Of whom there is nothing: the first two rows are always there. */
static void a_month_without_a_wish_is_all_zeros(void **state)
{
    struct loopback *l = ask(STATS);

    (void)state;
    fake_db_answer(fake_rows(8, 3, (const char *[]){"all",   NULL,      NULL, NULL, NULL, NULL, NULL, NULL, /**/
                                                    "now",   "2026-02", NULL, "0",  "0",  "0",  "0",  "0",  /**/
                                                    "month", "2026-01", "1",  "0",  "0",  "6",  "1",  "21"}));
    assert_int_equal(loopback_status(l), 200);
    assert_non_null(strstr(loopback_body(l), "\"total\":0,"));
    assert_non_null(strstr(loopback_body(l), "\"first_at\":null"));
    assert_non_null(strstr(loopback_body(l), "\"this_month\":{\"month\":\"2026-02\",\"completed\":0,"));
    loopback_close(l);
}

static void parameters_are_refused(void **state)
{
    struct loopback *l = ask(STATS "?user_id=" HOUSE_USER);

    (void)state;
    assert_int_equal(loopback_status(l), 400);
    assert_false(fake_db_waits());
    loopback_close(l);
}

static void without_a_database_it_is_503(void **state)
{
    struct loopback *l = ask(STATS);

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    assert_int_equal(loopback_status(l), 503);
    loopback_close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_all_groups),
        TEST(a_month_without_a_wish_is_all_zeros),
        TEST(parameters_are_refused),
        TEST(without_a_database_it_is_503),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
