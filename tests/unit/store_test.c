#define _GNU_SOURCE /* mkdtemp, nftw */
#include "storage/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The disk can be made full, or forgetful: these two stand before libc's for the whole test program. */
static int disk_room = -1; /* bytes until ENOSPC; -1: no end */
static int syncs, sync_error;

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (disk_room >= 0 && fd > 2) {
        if (disk_room == 0) {
            errno = ENOSPC;
            return -1;
        }
        len = len < (size_t)disk_room ? len : (size_t)disk_room;
        disk_room -= (int)len;
    }
    return syscall(SYS_write, fd, bytes, len);
}

int fsync(int fd)
{
    __atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    if (sync_error) {
        errno = sync_error;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

struct place {
    char dir[64];
    struct store *store;
};

static int files_seen;

static int on_found(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)path, (void)about, (void)at;
    files_seen += kind == FTW_F;
    return 0;
}

static int on_remove(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static int count_files(const struct place *place)
{
    files_seen = 0;
    assert_int_equal(nftw(place->dir, on_found, 8, FTW_PHYS), 0);
    return files_seen;
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    char *slash;
    struct err err;

    disk_room = -1;
    sync_error = 0;
    (void)snprintf(place->dir, sizeof place->dir, "/tmp/store_test.XXXXXX/objects");
    slash = strrchr(place->dir, '/');
    *slash = '\0';
    if (!mkdtemp(place->dir))
        return -1;
    *slash = '/';
    place->store = store_open(place->dir, &err);
    *state = place;
    return place->store ? 0 : -1;
}

static int close_place(void **state)
{
    struct place *place = *state;

    store_close(place->store);
    *strrchr(place->dir, '/') = '\0';
    (void)nftw(place->dir, on_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static bool put(struct place *place, const char *key, const char *bytes, struct err *err)
{
    return store_put(place->store, TEXT("images"), text_of(key), text_of(bytes), err);
}

static bool get(struct place *place, const char *key, struct buf *ret, struct err *err)
{
    return store_get(place->store, TEXT("images"), text_of(key), ret, err);
}

static void assert_holds(struct place *place, const char *key, const char *bytes)
{
    CLEANUP(buf_done) struct buf got = buf_make(1 << 20);
    struct err err;

    assert_true(get(place, key, &got, &err));
    assert_int_equal(got.len, strlen(bytes));
    assert_memory_equal(got.bytes, bytes, got.len + 1);
}

static void gives_back_what_was_put(void **state)
{
    static const char BYTES[] = "\0\xff binary \n\0 bytes";
    CLEANUP(buf_done) struct buf got = buf_make(1000);
    struct place *place = *state;
    struct err err;
    int64_t size;

    assert_true(
        store_put(place->store, TEXT("images"), TEXT("2026/11/20/a.jpg"), (struct text){BYTES, sizeof BYTES}, &err));
    assert_true(buf_add_text(&got, "before:"));
    assert_true(get(place, "2026/11/20/a.jpg", &got, &err));
    assert_int_equal(got.len, 7 + sizeof BYTES);
    assert_memory_equal(got.bytes + 7, BYTES, sizeof BYTES);
    assert_true(store_size(place->store, TEXT("images"), TEXT("2026/11/20/a.jpg"), &size, &err));
    assert_int_equal(size, sizeof BYTES);
}

static void keeps_an_empty_object(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "empty", "", &err));
    assert_holds(place, "empty", "");
}

static void replaces_an_object_and_leaves_nothing_beside_it(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a/b.jpg", "the first version, which is longer", &err));
    assert_true(put(place, "a/b.jpg", "second", &err));
    assert_holds(place, "a/b.jpg", "second");
    assert_int_equal(count_files(place), 1);
}

static void keeps_buckets_apart(void **state)
{
    struct place *place = *state;
    struct err err;
    bool exists = true;

    assert_true(put(place, "a", "1", &err));
    assert_true(store_exists(place->store, TEXT("avatars"), TEXT("a"), &exists, &err));
    assert_false(exists);
    assert_true(store_exists(place->store, TEXT("images"), TEXT("a"), &exists, &err));
    assert_true(exists);
}

static void files_are_for_the_owner_only(void **state)
{
    struct place *place = *state;
    struct stat about;
    struct err err;
    char path[128];

    assert_true(put(place, "a/b", "1", &err));
    (void)snprintf(path, sizeof path, "%s/images/a/b", place->dir);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    *strrchr(path, '/') = '\0';
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
}

static void says_when_an_object_is_missing(void **state)
{
    struct place *place = *state;
    static const char *const MISSING[] = {"none", "none/at/all", "a/b/c", "a"};
    CLEANUP(buf_done) struct buf got = buf_make(100);
    struct err err;
    int64_t size;

    assert_true(put(place, "a/b", "1", &err));
    for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++) { /* below a file, and a folder, too */
        assert_false(get(place, MISSING[i], &got, &err));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        assert_string_equal(err.code, "storage_missing");
        assert_false(store_size(place->store, TEXT("images"), text_of(MISSING[i]), &size, &err));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
    }
    assert_int_equal(got.len, 0);
}

static void reads_no_more_than_the_limit(void **state)
{
    CLEANUP(buf_done) struct buf exact = buf_make(5);
    CLEANUP(buf_done) struct buf small = buf_make(4);
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a", "12345", &err));
    assert_true(get(place, "a", &exact, &err));
    assert_false(get(place, "a", &small, &err));
    assert_string_equal(err.code, "storage_too_large");
    assert_int_equal(small.len, 0);
}

static void deletes_and_does_not_mind_a_missing_one(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a/b", "1", &err));
    assert_true(store_delete(place->store, TEXT("images"), TEXT("a/b"), &err));
    assert_int_equal(count_files(place), 0);
    assert_true(store_delete(place->store, TEXT("images"), TEXT("a/b"), &err));
    assert_true(store_delete(place->store, TEXT("images"), TEXT("a"), &err)); /* a folder is no object */
    assert_true(store_delete(place->store, TEXT("images"), TEXT("x/y/z"), &err));
    assert_true(put(place, "a/c", "2", &err));
}

static void refuses_every_name_outside_the_grammar(void **state)
{
    struct place *place = *state;
    static const char *const KEYS[] = {"",     "/",      "/a",       "a/",    "a//b", ".",        "..",   "../a",
                                       "a/..", "a/../b", "./a",      "a/./b", "a b",  "a%00",     "a\\b", "~a",
                                       "a\nb", "a:b",    "\xd1\x84", "a?b",   "a#b",  "a/\x7f/b", "*",    "a+b"};
    static const char *const BUCKETS[] = {"", ".", "..", "Images", "a/b", "a_b", "-a", "a-", "a.b", "~"};
    CLEANUP(buf_done) struct buf got = buf_make(100);
    struct err err;
    bool exists;

    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        struct text key = text_of(KEYS[i]);
        if (store_key_ok(key) || store_put(place->store, TEXT("images"), key, TEXT("x"), &err))
            fail_msg("took the key %s", KEYS[i]);
        assert_string_equal(err.code, "storage_key");
        assert_false(store_get(place->store, TEXT("images"), key, &got, &err));
        assert_false(store_delete(place->store, TEXT("images"), key, &err));
        assert_false(store_exists(place->store, TEXT("images"), key, &exists, &err));
    }
    for (size_t i = 0; i < sizeof BUCKETS / sizeof *BUCKETS; i++)
        if (store_put(place->store, text_of(BUCKETS[i]), TEXT("a"), TEXT("x"), &err))
            fail_msg("took the bucket %s", BUCKETS[i]);
    assert_false(store_put(place->store, TEXT("images"), TEXT("a\0b"), TEXT("x"), &err));
    assert_int_equal(count_files(place), 0);
}

static void takes_names_up_to_the_longest(void **state)
{
    struct place *place = *state;
    char key[STORE_KEY_MAX + 2], bucket[STORE_BUCKET_MAX + 2];
    struct err err;

    memset(key, 'k', sizeof key);
    memset(bucket, 'b', sizeof bucket);
    key[100] = '/';
    assert_true(store_put(place->store, (struct text){bucket, STORE_BUCKET_MAX}, (struct text){key, STORE_KEY_MAX},
                          TEXT("x"), &err));
    assert_false(store_key_ok((struct text){key, STORE_KEY_MAX + 1}));
    assert_false(store_bucket_ok((struct text){bucket, STORE_BUCKET_MAX + 1}));
    assert_true(store_key_ok(TEXT("...a/A-Z_09.b/..c")));
}

static void syncs_the_bytes_and_the_folders(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a/b", "1", &err));
    syncs = 0;
    assert_true(put(place, "a/c", "1", &err));
    assert_int_equal(syncs, 2); /* the file, its folder */
    syncs = 0;
    assert_true(put(place, "d/e/f", "1", &err));
    assert_int_equal(syncs, 4); /* two new folders too */
    sync_error = EIO;
    assert_false(put(place, "a/c", "2", &err));
    assert_string_equal(err.code, "storage_failed");
    sync_error = 0;
    assert_holds(place, "a/c", "1");
}

static void a_full_disk_is_said_in_words_and_harms_nothing(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a", "old", &err));
    disk_room = 3; /* the first write is cut short, the next one fails */
    assert_false(put(place, "a", "new and longer", &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_string_equal(err.code, "storage_full");
    assert_non_null(strstr(err.detail, "no free space"));
    assert_holds(place, "a", "old");
    assert_int_equal(count_files(place), 1);
    disk_room = -1;
    sync_error = EDQUOT;
    assert_false(put(place, "a", "new", &err));
    assert_string_equal(err.code, "storage_full");
    sync_error = 0;
    assert_true(put(place, "a", "new", &err));
}

static bool put_file(struct place *place, const char *bytes, int64_t count, struct err *err)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    bool ok;

    assert_int_equal(syscall(SYS_write, fd, bytes, strlen(bytes)), strlen(bytes));
    ok = store_put_file(place->store, TEXT("images"), TEXT("a/b.zip"), fd, count, err);
    close(fd);
    return ok;
}

static void puts_the_beginning_of_a_file(void **state)
{
    struct place *place = *state;
    static char large[100001];
    struct err err;

    assert_true(put_file(place, "0123456789", 7, &err));
    assert_holds(place, "a/b.zip", "0123456");
    assert_true(put_file(place, "", 0, &err));
    assert_holds(place, "a/b.zip", "");
    memset(large, 'x', sizeof large - 1);
    assert_true(put_file(place, large, sizeof large - 1, &err));
    assert_int_equal(count_files(place), 1);
    assert_false(put_file(place, "short", 6, &err));
    assert_string_equal(err.code, "storage_failed");
    disk_room = 50000;
    assert_false(put_file(place, large, sizeof large - 1, &err));
    assert_string_equal(err.code, "storage_full");
    disk_room = -1;
    sync_error = EIO;
    assert_false(put_file(place, large, sizeof large - 1, &err));
    sync_error = 0;
    assert_int_equal(count_files(place), 1); /* the whole one */
}

static void an_object_does_not_lie_under_another(void **state)
{
    struct place *place = *state;
    struct err err;

    assert_true(put(place, "a", "1", &err));
    assert_false(put(place, "a/b", "2", &err));
    assert_string_equal(err.code, "storage_failed");
    assert_true(put(place, "c/d", "3", &err));
    assert_false(put(place, "c", "4", &err));
    assert_holds(place, "a", "1");
    assert_int_equal(count_files(place), 2);
}

static void follows_no_symbolic_link(void **state)
{
    CLEANUP(buf_done) struct buf got = buf_make(10000);
    struct place *place = *state;
    char path[128];
    struct err err;

    assert_true(put(place, "a", "1", &err));
    (void)snprintf(path, sizeof path, "%s/images/link", place->dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_false(get(place, "link", &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void opens_no_place_that_cannot_be_written(void **state)
{
    struct place *place = *state;
    struct err err;
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/file", place->dir);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_null(store_open(path, &err));
    assert_string_equal(err.code, "storage_failed");
    assert_null(store_open("/nonexistent/objects", &err));
}

enum { WRITERS = 4, ROUNDS = 40, OBJECT_BYTES = 30000 };

/* Writes one of WRITERS uniform objects under one key and reads back: every version must be whole. */
static void *write_and_read(void *arg)
{
    struct store *store = *(struct store **)arg;
    static int next;
    char bytes[OBJECT_BYTES], letter = (char)('a' + __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % WRITERS);
    const char *fault = NULL;
    struct err err;

    memset(bytes, letter, sizeof bytes);
    for (int i = 0; i < ROUNDS && !fault; i++) {
        CLEANUP(buf_done) struct buf got = buf_make(OBJECT_BYTES);
        if (!store_put(store, TEXT("images"), TEXT("new/shared"), (struct text){bytes, sizeof bytes}, &err) ||
            !store_get(store, TEXT("images"), TEXT("new/shared"), &got, &err))
            fault = "failed";
        else if (got.len != OBJECT_BYTES || got.bytes[0] != got.bytes[OBJECT_BYTES - 1])
            fault = "torn";
    }
    return (void *)fault;
}

static void threads_and_processes_see_whole_objects(void **state)
{
    struct place *place = *state;
    pthread_t threads[WRITERS];
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(write_and_read(&place->store) ? 1 : 0);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &place->store), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *fault;
        assert_int_equal(pthread_join(threads[i], &fault), 0);
        assert_null(fault);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(place), 1);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(gives_back_what_was_put),
        PLACED(keeps_an_empty_object),
        PLACED(replaces_an_object_and_leaves_nothing_beside_it),
        PLACED(keeps_buckets_apart),
        PLACED(files_are_for_the_owner_only),
        PLACED(says_when_an_object_is_missing),
        PLACED(reads_no_more_than_the_limit),
        PLACED(deletes_and_does_not_mind_a_missing_one),
        PLACED(refuses_every_name_outside_the_grammar),
        PLACED(takes_names_up_to_the_longest),
        PLACED(syncs_the_bytes_and_the_folders),
        PLACED(a_full_disk_is_said_in_words_and_harms_nothing),
        PLACED(puts_the_beginning_of_a_file),
        PLACED(an_object_does_not_lie_under_another),
        PLACED(follows_no_symbolic_link),
        PLACED(opens_no_place_that_cannot_be_written),
        PLACED(threads_and_processes_see_whole_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
