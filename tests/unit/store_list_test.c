/* What lies in a bucket, in the order of keys, page by page. */
#include "storage/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/uuid.h"
#include "support/folder.h"

#define BUCKET TEXT("images")

enum { MANY = 700 };

static struct place {
    char dir[FOLDER_ROOM];
    struct store *store;
} place;

struct page {
    char text[4000]; /* keys, each with a blank behind it */
    char last[STORE_KEY_MAX + 1];
    int count, leftovers;
    int64_t bytes, written_s;
};

static int open_place(void **state)
{
    struct err err;

    (void)state;
    folder_make(place.dir);
    return (place.store = store_open(place.dir, &err)) ? 0 : -1;
}

static int close_place(void **state)
{
    (void)state;
    store_close(place.store);
    folder_remove(place.dir);
    return 0;
}

static void put(const char *key)
{
    struct err err;

    assert_true(store_put(place.store, BUCKET, text_of(key), TEXT("123"), &err));
}

static void on_entry(void *owner, const struct store_entry *entry)
{
    struct page *page = owner;
    size_t used = strlen(page->text);

    if (used + entry->key.len + 2 < sizeof page->text)
        (void)snprintf(page->text + used, sizeof page->text - used, "%.*s ", (int)entry->key.len, entry->key.at);
    assert_true(text_copy(page->last, sizeof page->last, entry->key));
    page->count++;
    page->leftovers += entry->leftover;
    page->bytes += entry->bytes;
    page->written_s = entry->written_s;
}

static struct page list(const char *after, int limit)
{
    struct page page = {0};
    struct err err = {0};

    if (!store_list(place.store, BUCKET, after, limit, on_entry, &page, &err))
        fail_msg("%s: %s", err.code, err.detail);
    return page;
}

static void gives_all_keys_in_the_order_of_their_bytes(void **state)
{
    struct page page;

    (void)state;
    put("b");
    put("a-b");
    put("a/x");
    put("a/b/c");
    put("a.b");
    put("a/b.c");
    put("B");
    put("a0");
    page = list("", 100);
    assert_string_equal(page.text, "B a-b a.b a/b.c a/b/c a/x a0 b "); /* '-' < '.' < '/' < '0' */
    assert_int_equal(page.bytes, 8 * 3);
    assert_int_equal(page.leftovers, 0);
}

static void every_page_goes_on_where_the_last_one_ended(void **state)
{
    static const char *const KEYS[] = {"2025/12/31/a.jpg", "2025/12/31/b.jpg", "2026/01/01/a.jpg", "2026/01/01/a_s.jpg",
                                       "2026/01/02/c.jpg", "2026/02/01/d.jpg", "2026/11/20/e.jpg"};
    enum { COUNT = sizeof KEYS / sizeof *KEYS };

    (void)state;
    for (int i = COUNT; i-- > 0;)
        put(KEYS[i]);
    for (int limit = 1; limit <= COUNT + 1; limit++) {
        char after[STORE_KEY_MAX + 1] = "";
        int seen = 0;
        for (struct page page = list(after, limit); page.count; page = list(after, limit)) {
            assert_in_range(page.count, 1, limit);
            seen += page.count;
            assert_string_equal(page.last, KEYS[seen - 1]);
            (void)snprintf(after, sizeof after, "%s", page.last);
        }
        assert_int_equal(seen, COUNT);
    }
}

static void a_place_need_not_be_there(void **state)
{
    (void)state;
    put("2026/01/01/b.jpg");
    put("2026/01/03/b.jpg");
    assert_string_equal(list("2026/01/01/a", 9).text, "2026/01/01/b.jpg 2026/01/03/b.jpg ");
    assert_string_equal(list("2026/01/02/x.jpg", 9).text, "2026/01/03/b.jpg ");
    assert_string_equal(list("2026/01/01", 9).text, "2026/01/01/b.jpg 2026/01/03/b.jpg ");
    assert_string_equal(list("2026/01/01/", 9).text, "2026/01/01/b.jpg 2026/01/03/b.jpg ");
    assert_string_equal(list("2026/01/01/b.jpg", 9).text, "2026/01/03/b.jpg ");
    assert_string_equal(list("2026/01/01/b.jpg/deeper", 9).text, "2026/01/03/b.jpg ");
    assert_string_equal(list("~", 9).text, "");
}

/* More folders than a page has room for, most of them empty: what stands behind them is found all the same. */
static void empty_folders_do_not_end_a_listing(void **state)
{
    char path[200];

    (void)state;
    put("z/last");
    for (int i = 0; i < 50; i++) {
        (void)snprintf(path, sizeof path, "%s/images/e%02d", place.dir, i);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_string_equal(list("", 3).text, "z/last ");
}

static void a_large_folder_is_given_in_pages(void **state)
{
    char key[40], after[STORE_KEY_MAX + 1] = "";
    int seen = 0;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(key, sizeof key, "d/%04d", (i * 367) % MANY);
        put(key);
    }
    for (struct page page = list(after, 64); page.count; page = list(after, 64)) {
        assert_true(strcmp(page.last, after) > 0);
        (void)snprintf(after, sizeof after, "%s", page.last);
        seen += page.count;
    }
    assert_int_equal(seen, MANY);
}

static void strangers_in_the_bucket_are_passed_over(void **state)
{
    char path[200];

    (void)state;
    put("a");
    folder_write(place.dir, "images/b b", "x");
    folder_write(place.dir, "images/~not an unfinished one", "x");
    (void)snprintf(path, sizeof path, "%s/images/link", place.dir);
    assert_int_equal(symlink(place.dir, path), 0);
    assert_string_equal(list("", 9).text, "a ");
}

static void a_bucket_that_is_not_there_has_nothing(void **state)
{
    struct page page = {0};
    struct err err;

    (void)state;
    assert_true(store_list(place.store, TEXT("none"), "", 9, on_entry, &page, &err));
    assert_int_equal(page.count, 0);
    assert_false(store_list(place.store, TEXT("../x"), "", 9, on_entry, &page, &err));
    assert_string_equal(err.code, "storage_key");
}

static void unfinished_files_are_told_apart_and_discarded(void **state)
{
    char name[100], path[200];
    struct page page;
    struct err err;

    (void)state;
    put("2026/a");
    (void)snprintf(name, sizeof name, "2026/~%s", uuid_make().text);
    (void)snprintf(path, sizeof path, "images/%s", name);
    folder_write(place.dir, path, "half");
    page = list("", 9);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.leftovers, 1);
    assert_string_equal(page.last, name);
    assert_int_equal(list("2026/a", 9).leftovers, 1);
    assert_int_equal(list(name, 9).count, 0);
    assert_true(store_discard(place.store, BUCKET, text_of(name), &err));
    assert_string_equal(list("", 9).text, "2026/a ");
}

static void discards_nothing_else(void **state)
{
    static const char *const KEYS[] = {"2026/a",
                                       "",
                                       "~",
                                       "~x",
                                       "../~0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11",
                                       "2026//~0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11"};
    struct err err;

    (void)state;
    put("2026/a");
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        assert_false(store_discard(place.store, BUCKET, text_of(KEYS[i]), &err));
        assert_string_equal(err.code, "storage_key");
    }
    assert_string_equal(list("", 9).text, "2026/a ");
}

static void says_when_an_object_was_written(void **state)
{
    const struct timeval then[2] = {{1700000000, 0}, {1700000000, 0}};
    char path[200];

    (void)state;
    put("a/b");
    (void)snprintf(path, sizeof path, "%s/images/a/b", place.dir);
    assert_int_equal(utimes(path, then), 0);
    assert_int_equal(list("", 9).written_s, 1700000000);
}

static void a_folder_that_cannot_be_read_is_a_fault(void **state)
{
    struct page page = {0};
    struct err err;

    (void)state;
    folder_write(place.dir, "broken", "a file where a bucket should be");
    assert_false(store_list(place.store, TEXT("broken"), "", 9, on_entry, &page, &err));
    assert_string_equal(err.code, "storage_failed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_all_keys_in_the_order_of_their_bytes),
        TEST(every_page_goes_on_where_the_last_one_ended),
        TEST(a_place_need_not_be_there),
        TEST(empty_folders_do_not_end_a_listing),
        TEST(a_large_folder_is_given_in_pages),
        TEST(strangers_in_the_bucket_are_passed_over),
        TEST(a_bucket_that_is_not_there_has_nothing),
        TEST(unfinished_files_are_told_apart_and_discarded),
        TEST(discards_nothing_else),
        TEST(says_when_an_object_was_written),
        TEST(a_folder_that_cannot_be_read_is_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
