/* Results that wait: whole or not at all, bounded, found again under the same name. */
#include "storage/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "support/folder.h"

enum { MAX = 1000, PUT = 200 };

static struct place {
    char folder[FOLDER_ROOM], dir[FOLDER_ROOM + 16];
    struct spool *spool;
    int seen;
} place;

static struct spool *open_spool(int64_t max_bytes)
{
    struct err err;
    struct spool *spool = spool_open(place.dir, max_bytes, &err);

    assert_non_null(spool);
    return spool;
}

static int set_up(void **state)
{
    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    folder_make(place.folder);
    (void)snprintf(place.dir, sizeof place.dir, "%s/spool", place.folder);
    place.spool = open_spool(MAX);
    place.seen = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_close(place.spool);
    folder_remove(place.folder);
    return 0;
}

static const char *path_of(struct uuid id)
{
    static char path[200];

    (void)snprintf(path, sizeof path, "%s/results/%s", place.dir, id.text);
    return path;
}

static bool put(struct uuid id, size_t len)
{
    char bytes[MAX];
    struct err err;

    memset(bytes, 'x', sizeof bytes);
    return spool_put(place.spool, id, (struct text){bytes, len}, &err) ||
           (assert_string_equal(err.code, "spool_full"), false);
}

static const char *get(struct uuid id, size_t expected)
{
    static struct err err;
    CLEANUP(buf_done) struct buf got = buf_make(MAX);

    if (!spool_get(place.spool, id, &got, &err)) {
        assert_int_equal(got.len, 0);
        return err.code;
    }
    assert_int_equal(got.len, expected);
    return "";
}

static void gives_back_what_was_put(void **state)
{
    struct uuid id = uuid_make();
    CLEANUP(buf_done) struct buf got = buf_make(20);
    struct err err;

    (void)state;
    assert_true(spool_put(place.spool, id, (struct text){"a\0b", 3}, &err));
    assert_true(spool_get(place.spool, id, &got, &err));
    assert_int_equal(got.len, 3);
    assert_memory_equal(got.bytes, "a\0b", 3);
    spool_remove(place.spool, id);
    spool_remove(place.spool, id);
    assert_string_equal(get(id, 0), "spool_missing");
}

static void has_one_name_for_ever(void **state)
{
    struct spool *other = open_spool(MAX);
    struct uuid name;

    (void)state;
    assert_true(uuid_read(text_of(spool_name(place.spool)), &name));
    assert_string_equal(spool_name(other), name.text);
    spool_close(other);
    folder_remove(place.dir);
    other = open_spool(MAX);
    assert_string_not_equal(spool_name(other), name.text);
    spool_close(other);
}

static void takes_no_more_than_it_may(void **state)
{
    struct uuid first = uuid_make();

    (void)state;
    assert_true(put(first, PUT) && put(uuid_make(), PUT) && put(uuid_make(), PUT) && put(uuid_make(), PUT));
    assert_false(put(uuid_make(), PUT));
    spool_remove(place.spool, first);
    assert_true(put(uuid_make(), PUT));
    assert_false(put(uuid_make(), PUT));
    spool_close(place.spool);
    place.spool = open_spool(MAX); /* what is there from before counts */
    assert_false(put(uuid_make(), PUT));
}

static void one_of_no_size_takes_nothing_and_still_gives(void **state)
{
    struct uuid id = uuid_make();

    (void)state;
    assert_true(put(id, PUT));
    spool_close(place.spool);
    place.spool = open_spool(0);
    assert_false(put(uuid_make(), 1));
    assert_string_equal(get(id, PUT), "");
}

static void change_byte(struct uuid id, off_t at)
{
    int fd = open(path_of(id), O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0 && pwrite(fd, "y", 1, at) == 1 && close(fd) == 0);
}

static void what_was_changed_on_the_disk_is_not_given(void **state)
{
    struct uuid id = uuid_make();

    (void)state;
    for (int at = 0; at < 40; at += 39) { /* the sum, the bytes */
        assert_true(put(id, PUT));
        change_byte(id, at);
        assert_string_equal(get(id, 0), "spool_corrupt");
        assert_string_equal(get(id, 0), "spool_missing");
    }
    assert_true(put(id, PUT));
    assert_int_equal(truncate(path_of(id), 20), 0);
    assert_string_equal(get(id, 0), "spool_corrupt");
}

static void on_file(void *owner, struct uuid id)
{
    place.seen++;
    spool_remove(owner, id);
}

static void age(const char *path)
{
    struct timespec old[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};

    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
}

static void old_ones_are_shown_and_half_ones_swept(void **state)
{
    struct uuid old = uuid_make(), young = uuid_make();
    char half[100], path[200];

    (void)state;
    assert_true(put(old, PUT) && put(young, PUT));
    age(path_of(old));
    (void)snprintf(half, sizeof half, "spool/results/~%s", uuid_make().text);
    folder_write(place.folder, half, "half");
    spool_each(place.spool, 3600, on_file, place.spool);
    assert_int_equal(place.seen, 1);
    assert_string_equal(get(old, 0), "spool_missing");
    assert_string_equal(get(young, PUT), "");
    (void)snprintf(path, sizeof path, "%s/%s", place.folder, half);
    assert_int_equal(access(path, F_OK), 0); /* somebody may be writing it */
    age(path);
    spool_each(place.spool, 3600, on_file, place.spool);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void is_due_once(void **state)
{
    (void)state;
    assert_true(spool_due(place.spool, 3600));
    assert_false(spool_due(place.spool, 3600));
}

static void a_folder_that_cannot_be_made_is_said(void **state)
{
    struct err err;

    (void)state;
    assert_null(spool_open("/tmp/no/such/folder", MAX, &err));
    assert_non_null(strstr(err.detail, "/tmp/no/such/folder"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_back_what_was_put),
        TEST(has_one_name_for_ever),
        TEST(takes_no_more_than_it_may),
        TEST(one_of_no_size_takes_nothing_and_still_gives),
        TEST(what_was_changed_on_the_disk_is_not_given),
        TEST(old_ones_are_shown_and_half_ones_swept),
        TEST(is_due_once),
        TEST(a_folder_that_cannot_be_made_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
