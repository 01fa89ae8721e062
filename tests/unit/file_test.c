/* Files: read whole, without a name, and written whole. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int unnamed(void)
{
    struct err err;
    int fd = file_unnamed("/tmp", &err);
    struct stat stat;

    assert_true(fd >= 0 && fstat(fd, &stat) == 0);
    assert_int_equal(stat.st_nlink, 0);
    assert_int_equal(stat.st_mode & 0777, 0600);
    return fd;
}

static void assert_content(int fd, const char *expected)
{
    char bytes[64] = "";

    assert_true(pread(fd, bytes, sizeof bytes - 1, 0) >= 0);
    assert_string_equal(bytes, expected);
}

static void writes_where_it_stands_and_at_an_offset(void **state)
{
    int fd = unnamed();

    (void)state;
    assert_true(file_write(fd, TEXT("one ")) && file_write(fd, TEXT("two")) && file_write(fd, TEXT("")));
    assert_true(file_write_at(fd, TEXT("ONE"), 0));
    assert_true(file_write(fd, TEXT("!"))); /* where it stood */
    assert_content(fd, "ONE two!");
    close(fd);
}

/* A pipe takes a piece at a time, and is read slowly. */
static void writes_all_of_it_however_little_is_taken_at_once(void **state)
{
    static char bytes[300000];
    int ends[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    memset(bytes, 'x', sizeof bytes);
    if ((child = fork()) == 0) {
        close(ends[0]);
        _exit(file_write(ends[1], (struct text){bytes, sizeof bytes}) ? 0 : 1);
    }
    close(ends[1]);
    {
        static char piece[7001];
        size_t got = 0;
        for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;)
            got += (size_t)n;
        assert_int_equal(got, sizeof bytes);
    }
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void says_why_it_cannot_write(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC), closed = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_false(file_write(full, TEXT("x")));
    assert_int_equal(errno, ENOSPC);
    assert_false(file_write_at(closed, TEXT("x"), 0));
    assert_int_equal(errno, EBADF);
    close(full);
    close(closed);
}

static void reads_a_whole_file_up_to_a_limit(void **state)
{
    char path[] = "/tmp/aisha-file-test-XXXXXX";
    int fd = mkstemp(path);
    struct buf small = buf_make(4), large = buf_make(100);
    struct err err;

    (void)state;
    assert_true(fd >= 0 && file_write(fd, TEXT("12345")));
    close(fd);
    assert_true(file_read(NULL, path, &large, &err));
    assert_string_equal(large.bytes, "12345");
    assert_false(file_read("/tmp", strrchr(path, '/') + 1, &small, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    unlink(path);
    assert_false(file_read(NULL, path, &large, &err));
    assert_non_null(strstr(err.detail, "No such file"));
    assert_true(file_unnamed("/no/such/folder", &err) < 0);
    assert_string_equal(err.code, "file_failed");
    buf_done(&small);
    buf_done(&large);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(writes_where_it_stands_and_at_an_offset),
        cmocka_unit_test(writes_all_of_it_however_little_is_taken_at_once),
        cmocka_unit_test(says_why_it_cannot_write),
        cmocka_unit_test(reads_a_whole_file_up_to_a_limit),
    };

    return cmocka_run_group_tests_name("file", TESTS, NULL, NULL);
}
