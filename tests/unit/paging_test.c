/* Cursors: good for the list, the user and the filters that they were made for, and for nothing else. */
#include "http/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/reply.h"
#include "support/house.h"
#include "json/json_in.h"

#define LAST "0199abcd-0123-7456-89ab-cdef01234567"

static struct uuid user;
static char list[20], filters[6000];

struct page_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const struct query_field FIELDS[] = {PAGING_FIELDS(struct page_query), {0}};

/* Answers what the cursor means, and the cursor behind LAST. */
static struct next page(struct call *call)
{
    struct page_query query = {.limit = PAGING_LIMIT_DEFAULT};
    struct mac *mac = local_of(call)->cursor_mac;
    struct uuid after, last;
    struct next refused;
    struct json_out out;

    call->who.user = user;
    if (!body_query(call, FIELDS, &query, &refused) ||
        !paging_after(call, mac, list, filters, query.cursor, &after, &refused))
        return refused;
    assert_true(uuid_read(TEXT(LAST), &last));
    out = reply_json_begin(call);
    json_object(&out);
    json_key_text(&out, "after", after.text);
    json_key_int64(&out, "limit", query.limit);
    paging_write_next(&out, call, mac, list, filters, query.limit == 1 ? NULL : &last);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

static const struct route ROUTES[] = {{"GET", "/page", ACCESS_PUBLIC, 0, page}, {0}};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, NULL);
    assert_true(uuid_read(TEXT("01990000-0000-7000-8000-000000000001"), &user));
    (void)snprintf(list, sizeof list, "images");
    (void)snprintf(filters, sizeof filters, "favorite");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close();
    return 0;
}

static struct loopback *ask(const char *query, const char *cursor)
{
    char path[300];

    (void)snprintf(path, sizeof path, "/page?%s%s", query, cursor);
    return house_send(&(struct loopback_message){.method = "GET", .path = path});
}

/* A member of the answer; "" for null. */
static const char *said(struct loopback *l, const char *name)
{
    static char kept[2][100];
    static int turn;
    struct err err;
    yajl_val root;
    const char *text;

    assert_int_equal(loopback_status(l), 200);
    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    text = json_get_text(root, name);
    turn = !turn;
    (void)snprintf(kept[turn], sizeof kept[turn], "%s", text ? text : "");
    yajl_tree_free(root);
    loopback_close(l);
    return kept[turn];
}

static void assert_refused(const char *cursor)
{
    struct loopback *l = ask("cursor=", cursor);

    if (loopback_status(l) != 400)
        fail_msg("%s passed", cursor);
    loopback_close(l);
}

static void a_cursor_names_the_last_of_its_page(void **state)
{
    (void)state;
    assert_string_equal(said(ask("", ""), "after"), "");
    assert_string_equal(said(ask("cursor=", ""), "after"), "");
    assert_string_equal(said(ask("cursor=", said(ask("", ""), "next_cursor")), "after"), LAST);
    assert_string_equal(said(ask("limit=1", ""), "next_cursor"), "");
}

static void a_tampered_cursor_is_refused_whichever_letter_it_is(void **state)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!";
    char good[64], bad[80];

    (void)state;
    (void)snprintf(good, sizeof good, "%s", said(ask("", ""), "next_cursor"));
    assert_true(strlen(good) > 40 && strlen(good) < PAGING_CURSOR_ROOM);
    for (size_t at = 0; good[at]; at++)
        for (const char *c = LETTERS; *c; c++) {
            if (*c == good[at])
                continue;
            (void)snprintf(bad, sizeof bad, "%s", good);
            bad[at] = *c;
            assert_refused(bad);
        }
    for (size_t len = 1; good[len]; len++) {
        (void)snprintf(bad, sizeof bad, "%.*s", (int)len, good);
        assert_refused(bad);
    }
    (void)snprintf(bad, sizeof bad, "%sA", good);
    assert_refused(bad);
    (void)snprintf(bad, sizeof bad, "A%s", good);
    assert_refused(bad);
}

static void a_cursor_is_good_for_its_own_list_user_and_filters(void **state)
{
    char good[64];

    (void)state;
    (void)snprintf(good, sizeof good, "%s", said(ask("", ""), "next_cursor"));
    (void)snprintf(list, sizeof list, "avatars");
    assert_refused(good);
    (void)snprintf(list, sizeof list, "images");
    (void)snprintf(filters, sizeof filters, "favorites");
    assert_refused(good);
    (void)snprintf(filters, sizeof filters, "favorite");
    user.text[35]++;
    assert_refused(good);
    user.text[35]--;
    assert_string_equal(said(ask("cursor=", good), "after"), LAST);
}

static void filters_count_to_their_last_letter(void **state)
{
    char good[64];

    (void)state;
    memset(filters, 'x', sizeof filters - 1);
    (void)snprintf(good, sizeof good, "%s", said(ask("", ""), "next_cursor"));
    assert_string_equal(said(ask("cursor=", good), "after"), LAST);
    filters[sizeof filters - 2] = 'y';
    assert_refused(good);
}

static void limits_are_kept(void **state)
{
    static const char *const BAD[] = {"limit=0", "limit=101", "limit=x", "limit=", "limit=1&limit=2", "more=1"};

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct loopback *l = ask(BAD[i], "");
        assert_int_equal(loopback_status(l), 400);
        assert_string_equal(house_code(l), "invalid_query");
        loopback_close(l);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cursor_names_the_last_of_its_page),
        TEST(a_tampered_cursor_is_refused_whichever_letter_it_is),
        TEST(a_cursor_is_good_for_its_own_list_user_and_filters),
        TEST(filters_count_to_their_last_letter),
        TEST(limits_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
