/* The book of one's credits, page by page. */
#include "users/ledger_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "json/json_in.h"

#define LIST "/api/v1/me/ledger"
#define GENERATION "01990000-0000-7000-8000-0000000000b0"
#define BIG "9007199254740993" /* beyond what a double holds, and beyond 48 bits */
#define TIME "2026-01-15 10:00:01.5+00"

static const struct route ROUTES[] = {{"GET", LIST, ACCESS_READ, 0, ledger_list}, {0}};

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

static void answer(int count)
{
    fake_db_answer(fake_rows(
        7, count, (const char *[]){BIG, "settle",  "6",    GENERATION, NULL, NULL,    TIME, /* the newest first */
                                   "7", "reserve", "8",    GENERATION, NULL, NULL,    TIME,
                                   "2", "grant",   "1000", NULL,       NULL, "first", TIME}));
}

static void tells_each_entry(void **state)
{
    struct loopback *l = ask(LIST);

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "9223372036854775807"); /* from the newest on */
    assert_string_equal(fake_db_value(2), "25");
    answer(3);
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(
        loopback_body(l),
        "{\"items\":[{\"id\":\"" BIG "\",\"kind\":\"settle\",\"amount\":6,\"generation_id\":\"" GENERATION "\","
        "\"training_id\":null,\"reason\":null,\"at\":\"2026-01-15T10:00:01.5Z\"},{\"id\":\"7\",\"kind\":\"reserve\","
        "\"amount\":8,"
        "\"generation_id\":\"" GENERATION
        "\",\"training_id\":null,\"reason\":null,\"at\":\"2026-01-15T10:00:01.5Z\"},{\"id\":\"2\","
        "\"kind\":\"grant\",\"amount\":1000,\"generation_id\":null,\"training_id\":null,\"reason\":\"first\","
        "\"at\":\"2026-01-15T10:00:01.5Z\"}],\"next_cursor\":null}");
    loopback_close(l);
}

static void the_next_page_begins_behind_the_last_entry(void **state)
{
    struct loopback *l = ask(LIST "?limit=1");
    char path[120];
    struct err err;
    yajl_val root;

    (void)state;
    assert_string_equal(fake_db_value(2), "2"); /* one more tells that there is a next page */
    answer(2);
    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    assert_int_equal(YAJL_GET_ARRAY(json_get(root, "items"))->len, 1);
    (void)snprintf(path, sizeof path, LIST "?cursor=%s", json_get_text(root, "next_cursor"));
    yajl_tree_free(root);
    loopback_close(l);
    l = ask(path);
    assert_string_equal(fake_db_value(1), BIG); /* to the last digit */
    answer(0);
    assert_string_equal(loopback_body(l), "{\"items\":[],\"next_cursor\":null}");
    loopback_close(l);
}

static void what_is_no_place_in_it_is_refused(void **state)
{
    static const char *const PATHS[] = {LIST "?cursor=AAAA", LIST "?limit=0", LIST "?limit=101", LIST "?x=1"};

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct loopback *l = ask(PATHS[i]);
        assert_int_equal(loopback_status(l), 400);
        loopback_close(l);
    }
    assert_false(fake_db_waits());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_each_entry),
        TEST(the_next_page_begins_behind_the_last_entry),
        TEST(what_is_no_place_in_it_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
