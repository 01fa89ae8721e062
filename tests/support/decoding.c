#define _GNU_SOURCE /* memfd_create */
#include "support/decoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/picture.h"

static const char *program;

struct decoder *decoding_open_with(const char *models, int count)
{
    struct err err;
    struct decoder *decoder = decoder_open(program, models, count, &err);

    assert_non_null(decoder);
    return decoder;
}

struct decoder *decoding_open(int count) { return decoding_open_with("node_modules/@mediapipe/face_detection", count); }

int decoding_file(const struct buf *bytes)
{
    int fd = memfd_create("photo", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->bytes, bytes->len), bytes->len);
    return fd;
}

bool decoding_try(struct decoder *decoder, const struct buf *bytes, struct photo_files *ret, struct err *reterr)
{
    int fd = decoding_file(bytes);
    bool ok = decoder_examine(decoder, fd, 0, (int64_t)bytes->len, false, ret, reterr);

    (void)close(fd);
    return ok;
}

void decoding_assert_taken(struct decoder *decoder, const struct buf *photo)
{
    struct photo_files files;
    struct err err = {0};

    if (!decoding_try(decoder, photo, &files, &err))
        fail_msg("%s: %s", err.code, err.detail);
    photo_files_done(&files);
}

void decoding_assert_refused(struct decoder *decoder, const struct buf *photo, const char *code)
{
    struct photo_files files;
    struct err err = {0};

    if (decoding_try(decoder, photo, &files, &err))
        fail_msg("taken instead of %s", code);
    assert_string_equal(err.code, code);
    assert_int_equal(err.kind, ERR_UPSTREAM);
}

static int parent_of(const char *pid)
{
    char path[64], line[512] = "", *end;
    int parent = 0;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (fgets(line, sizeof line, file) && (end = strrchr(line, ')')))
        parent = (int)strtol(end + 4, NULL, 10); /* ") S 123" */
    (void)fclose(file);
    return parent;
}

/* How many processes this one has made; *ret: one of them. */
int decoding_children(pid_t *ret)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    assert_non_null(processes);
    while ((entry = readdir(processes)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && parent_of(entry->d_name) == getpid()) {
            *ret = (pid_t)strtol(entry->d_name, NULL, 10);
            count++;
        }
    (void)closedir(processes);
    return count;
}

pid_t decoding_only_child(void)
{
    pid_t pid = 0;

    assert_int_equal(decoding_children(&pid), 1);
    return pid;
}

struct buf decoding_photo(void) { return picture_coded(picture_scene(800, 600, 1), ".jpg"); }

int decoding_tests(int argc, char **argv, int (*run)(void))
{
    struct err err;

    if (argc == 3 && strcmp(argv[1], "decoder") == 0)
        return decoder_main(argv[0], argv[2]);
    program = argv[0];
    return image_start(argv[0], &err) ? run() : 1;
}
