/* Rows that are kept outside: they come back as they were, and whatever else comes back is no entry. */
#include "http/cache_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/rows.h"
#include "db/rows_pack.h"
#include "support/fake_db.h"

static const struct cache_place HERE = {"key:1", "list 24", "01990000-0000-7000-8000-000000000001"};
static const char FIRST[] = "SELECT a, b", SECOND[] = "SELECT c";

static struct mac *mac;

static int set_up(void **state)
{
    (void)state;
    mac = mac_open("a key", 5);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mac_close(mac);
    return 0;
}

static struct buf written(void)
{
    PGresult *first = fake_rows(2, 2, (const char *[]){"x", NULL, "", "кот \"и\" \x01"}),
             *second = fake_rows(1, 0, NULL);
    struct cache_entry entry = {
        .version = 7, .read_us = 1234567890123456, .count = 2, .read = {{FIRST, first}, {SECOND, second}}};
    struct buf bytes = buf_make(CACHE_ENTRY_MAX);

    assert_true(cache_entry_write(&entry, &HERE, mac, &bytes));
    PQclear(first);
    PQclear(second);
    return bytes;
}

static struct text whole(const struct buf *bytes) { return (struct text){bytes->bytes, bytes->len}; }

static void rows_come_back_as_they_were(void **state)
{
    CLEANUP(buf_done) struct buf bytes = written();
    struct cache_reader reader;
    PGresult *first, *second;

    (void)state;
    assert_true(cache_entry_open(whole(&bytes), &HERE, mac, &reader));
    assert_int_equal(reader.version, 7);
    assert_int_equal(reader.read_us, 1234567890123456);
    first = cache_entry_take(&reader, FIRST);
    second = cache_entry_take(&reader, SECOND);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(cache_entry_take(&reader, SECOND));
    assert_int_equal(PQntuples(first), 2);
    assert_int_equal(PQnfields(first), 2);
    assert_string_equal(PQgetvalue(first, 0, 0), "x");
    assert_true(PQgetisnull(first, 0, 1));
    assert_false(PQgetisnull(first, 1, 0));
    assert_string_equal(PQgetvalue(first, 1, 0), "");
    assert_string_equal(PQgetvalue(first, 1, 1), "кот \"и\" \x01");
    assert_int_equal(PQntuples(second), 0);
    assert_int_equal(PQnfields(second), 1);
    PQclear(first);
    PQclear(second);
}

static void an_entry_is_bound_to_its_place_its_reader_and_our_key(void **state)
{
    CLEANUP(buf_done) struct buf bytes = written();
    const struct cache_place others[] = {{"key:2", HERE.field, HERE.user},
                                         {HERE.key, "list 25", HERE.user},
                                         {HERE.key, HERE.field, "01990000-0000-7000-8000-000000000002"},
                                         {HERE.key, HERE.field, ""},
                                         {"key:1list", " 24", HERE.user}};
    struct mac *other = mac_open("another key", 11);
    struct cache_reader reader;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(cache_entry_open(whole(&bytes), &others[i], mac, &reader));
    assert_false(cache_entry_open(whole(&bytes), &HERE, other, &reader));
    mac_close(other);
}

static void a_changed_byte_or_length_is_no_entry(void **state)
{
    CLEANUP(buf_done) struct buf bytes = written();
    struct cache_reader reader;

    (void)state;
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.bytes[i] = (char)(bytes.bytes[i] ^ 1);
        assert_false(cache_entry_open(whole(&bytes), &HERE, mac, &reader));
        bytes.bytes[i] = (char)(bytes.bytes[i] ^ 1);
        assert_false(cache_entry_open((struct text){bytes.bytes, i}, &HERE, mac, &reader));
    }
    assert_true(buf_add(&bytes, "x", 1));
    assert_false(cache_entry_open(whole(&bytes), &HERE, mac, &reader));
    assert_false(cache_entry_open(TEXT(""), &HERE, mac, &reader));
}

static void rows_of_another_statement_are_not_taken(void **state)
{
    CLEANUP(buf_done) struct buf bytes = written();
    struct cache_reader reader;

    (void)state;
    assert_true(cache_entry_open(whole(&bytes), &HERE, mac, &reader));
    assert_null(cache_entry_take(&reader, "SELECT a, b, c"));
}

static void what_is_too_large_is_not_written(void **state)
{
    static char text[CACHE_ENTRY_MAX];
    CLEANUP(buf_done) struct buf bytes = buf_make(CACHE_ENTRY_MAX);
    const char *value = text;
    struct cache_entry entry = {.count = 1};

    (void)state;
    memset(text, 'x', sizeof text - 1);
    entry.read[0].sql = FIRST;
    entry.read[0].rows = fake_rows(1, 1, &value);
    assert_false(cache_entry_write(&entry, &HERE, mac, &bytes));
    PQclear((PGresult *)(uintptr_t)entry.read[0].rows);
}

static PGresult *unpacked(const char *bytes, size_t len)
{
    struct text rest = {bytes, len};

    return rows_unpack(&rest);
}

#define UNPACKED(literal) unpacked("" literal, sizeof literal - 1)

static void numbers_that_lie_are_no_rows(void **state)
{
    PGresult *one = UNPACKED("\1\0\0\0\1\0\0\0\3\0\0\0ab");

    (void)state;
    assert_non_null(one);
    assert_string_equal(PQgetvalue(one, 0, 0), "ab");
    PQclear(one);
    assert_null(UNPACKED("\1\0\0\0\1\0\0\0\4\0\0\0ab"));  /* longer than what is there */
    assert_null(UNPACKED("\1\0\0\0\1\0\0\0\3\0\0\0a\0")); /* a NUL inside */
    assert_null(UNPACKED("\1\0\0\0\1\0\0\0\xff\xff\xff\xff"
                         "ab"));                         /* no room for such a length */
    assert_null(UNPACKED("\1\0\0\0\2\0\0\0\3\0\0\0ab")); /* a row is missing */
    assert_null(UNPACKED("\0\0\0\0\1\0\0\0"));           /* rows without columns */
    assert_null(UNPACKED("\x41\0\0\0\1\0\0\0"));         /* too many columns */
    assert_null(UNPACKED("\1\0\0\0\xe9\3\0\0"));         /* too many rows */
    assert_null(UNPACKED("\xff\xff\xff\xff\xff\xff\xff\xff"));
    assert_null(UNPACKED("\1\0\0"));
    assert_null(UNPACKED(""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_come_back_as_they_were),          TEST(an_entry_is_bound_to_its_place_its_reader_and_our_key),
        TEST(a_changed_byte_or_length_is_no_entry), TEST(rows_of_another_statement_are_not_taken),
        TEST(what_is_too_large_is_not_written),     TEST(numbers_that_lie_are_no_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
