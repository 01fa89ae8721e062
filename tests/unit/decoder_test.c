#include "decoder/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/picture.h"

static const char *program;

static struct decoder *opened(int count)
{
    struct err err;
    struct decoder *decoder = decoder_open(program, "node_modules/@mediapipe/face_detection", count, &err);

    assert_non_null(decoder);
    return decoder;
}

/* A file without a name that holds them. */
static int file_of(const struct buf *bytes)
{
    int fd = memfd_create("photo", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->bytes, bytes->len), bytes->len);
    return fd;
}

static bool examined(struct decoder *decoder, const struct buf *bytes, struct photo_files *ret, struct err *reterr)
{
    int fd = file_of(bytes);
    bool ok = decoder_examine(decoder, fd, 0, (int64_t)bytes->len, false, ret, reterr);

    (void)close(fd);
    return ok;
}

static void examines_a_photo_in_another_process(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(picture_draw(3000, 2000, 3), ".jpg");
    struct decoder *decoder = opened(2);
    struct photo_files files;
    struct err err = {0};

    (void)state;
    if (!examined(decoder, &photo, &files, &err))
        fail_msg("%s: %s", err.code, err.detail);
    assert_int_equal(files.facts.width, 3000);
    assert_int_equal(files.facts.height, 2000);
    picture_assert_size(&files.clean, 2048, 1365);
    picture_assert_size(&files.small, 320, 213);
    assert_int_equal(decoder_counts(decoder).examined, 1);
    photo_files_done(&files);
    decoder_close(decoder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examines_a_photo_in_another_process),
    };
    struct err err;

    if (argc == 3 && strcmp(argv[1], "decoder") == 0)
        return decoder_main(argv[0], argv[2]);
    program = argv[0];
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
