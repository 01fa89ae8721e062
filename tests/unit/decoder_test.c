#define _GNU_SOURCE /* memmem */
#include "decoder/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/decoding.h"
#include "support/picture.h"
#include "support/portrait.h"

static void examines_a_photo_in_another_process(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(picture_draw(3000, 2000, 3), ".jpg");
    struct decoder *decoder = decoding_open(2);
    struct photo_files files;
    struct err err = {0};
    pid_t pid;

    (void)state;
    assert_int_equal(decoding_children(&pid), 0);
    assert_true(decoding_try(decoder, &photo, &files, &err));
    assert_int_equal(decoding_children(&pid), 1); /* no more than were needed at once */
    assert_int_equal(files.facts.width, 3000);
    assert_int_equal(files.facts.height, 2000);
    assert_int_equal(files.facts.face_count, -1);
    picture_assert_size(&files.clean, 2048, 1365);
    picture_assert_size(&files.small, 320, 213);
    photo_files_done(&files);
    decoder_close(decoder);
    assert_int_equal(decoding_children(&pid), 0);
}

static void looks_for_faces_when_asked(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(portrait_draw((struct portrait){900, 1200, .seed = 1}), ".jpg");
    struct decoder *decoder = decoding_open(1);
    struct photo_files files;
    struct err err = {0};
    int fd = decoding_file(&photo);

    (void)state;
    assert_true(decoder_examine(decoder, fd, 0, (int64_t)photo.len, true, &files, &err));
    assert_int_equal(files.facts.face_count, 1);
    assert_true(files.facts.face_share > 0.1F && files.facts.face_share < 1);
    photo_files_done(&files);
    (void)close(fd);
    decoder_close(decoder);
}

static void reads_its_part_of_a_file_alone(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct decoder *decoder = decoding_open(1);
    struct photo_files files;
    size_t len = photo.len;
    struct err err = {0};
    int fd;

    (void)state;
    picture_insert(&photo, 0, "--boundary\r\n\r\n", 14);
    assert_true(buf_add_text(&photo, "\r\n--boundary--"));
    fd = decoding_file(&photo);
    assert_true(decoder_examine(decoder, fd, 14, (int64_t)len, false, &files, &err));
    photo_files_done(&files);
    assert_false(decoder_examine(decoder, fd, 14, (int64_t)len + 1000, false, &files, &err));
    assert_string_equal(err.code, "corrupt"); /* the file ends before */
    assert_false(decoder_examine(decoder, fd, 14, (int64_t)len / 2, false, &files, &err));
    assert_string_equal(err.code, "corrupt");
    assert_false(decoder_examine(decoder, fd, 14, 0, false, &files, &err));
    assert_string_equal(err.code, "unsupported_format");
    assert_false(decoder_examine(decoder, fd, 14, INT32_MAX, false, &files, &err));
    assert_string_equal(err.code, "corrupt");
    assert_int_equal(decoder_counts(decoder).died, 0);
    (void)close(fd);
    decoder_close(decoder);
}

static void hands_on_what_is_wrong(void **state)
{
    CLEANUP(buf_done) struct buf gif = buf_make(100);
    CLEANUP(buf_done) struct buf small = picture_coded(picture_draw(300, 300, 3), ".png");
    struct decoder *decoder = decoding_open(1);
    struct photo_files files;
    struct err err = {0};

    (void)state;
    assert_true(buf_add_text(&gif, "GIF89a"));
    assert_false(decoding_try(decoder, &gif, &files, &err));
    assert_string_equal(err.code, "unsupported_format");
    assert_string_equal(err.detail, "GIF");
    decoding_assert_refused(decoder, &small, "too_small");
    decoder_close(decoder);
}

struct crowd {
    struct decoder *decoder;
    const struct buf *photo;
};

static void *examine_ten(void *data)
{
    struct crowd *crowd = data;

    for (int i = 0; i < 10; i++) {
        struct photo_files files;
        struct err err;
        int fd = decoding_file(crowd->photo);
        bool ok = decoder_examine(crowd->decoder, fd, 0, (int64_t)crowd->photo->len, false, &files, &err);
        (void)close(fd);
        if (!ok)
            return data;
        photo_files_done(&files);
    }
    return NULL;
}

static void *examine_one(void *data)
{
    struct crowd *crowd = data;
    struct photo_files files;
    struct err err;
    int fd = decoding_file(crowd->photo);

    if (decoder_examine(crowd->decoder, fd, 0, (int64_t)crowd->photo->len, false, &files, &err))
        photo_files_done(&files);
    (void)close(fd);
    return NULL;
}

static void many_threads_share_a_few(void **state)
{
    enum { THREADS = 6, PROCESSES = 2 };
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct crowd crowd = {decoding_open(PROCESSES), &photo};
    pthread_t threads[THREADS];
    pid_t pid;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, examine_ten, &crowd), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failure;
        assert_int_equal(pthread_join(threads[i], &failure), 0);
        assert_null(failure);
    }
    assert_in_range(decoding_children(&pid), 1, PROCESSES); /* they outlive the threads that made them */
    assert_int_equal(decoder_counts(crowd.decoder).examined, THREADS * 10);
    decoder_close(crowd.decoder);
}

static void closing_waits_for_whoever_is_still_at_it(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(picture_draw(3000, 2400, 3), ".jpg");
    struct crowd crowd = {decoding_open(1), &photo};
    pthread_t thread;
    pid_t pid;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, examine_one, &crowd), 0);
    while (decoding_children(&pid) == 0) /* until it is at it */
        ;
    decoder_close(crowd.decoder);
    assert_int_equal(decoding_children(&pid), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* The end of a pipe that a child had inherited would keep the pipe open. */
static void inherits_neither_descriptors_nor_secrets(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    char path[64], environment[4096] = "";
    struct decoder *decoder;
    int ends[2], fd;

    (void)state;
    assert_int_equal(pipe(ends), 0); /* not close-on-exec */
    assert_int_equal(setenv("SECRET_KEY", "do-not-hand-on", 1), 0);
    decoder = decoding_open(1);
    decoding_assert_taken(decoder, &photo);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(read(ends[0], path, 1), 0);
    (void)snprintf(path, sizeof path, "/proc/%d/environ", (int)decoding_only_child());
    fd = open(path, O_RDONLY | O_CLOEXEC); /* for root alone */
    if (fd >= 0) {
        ssize_t len = read(fd, environment, sizeof environment);
        assert_true(len > 0);
        assert_null(memmem(environment, (size_t)len, "SECRET", 6));
        (void)close(fd);
    }
    (void)close(ends[0]);
    (void)unsetenv("SECRET_KEY");
    decoder_close(decoder);
}

static void says_when_none_can_be_made(void **state)
{
    CLEANUP(buf_done) struct buf photo = decoding_photo();
    struct photo_files files;
    struct err err = {0};
    struct decoder *decoder = decoding_open_with("no/such/folder", 1);

    (void)state;
    assert_false(decoding_try(decoder, &photo, &files, &err));
    assert_string_equal(err.code, "decoder_failed");
    assert_int_equal(err.kind, ERR_INTERNAL);
    decoder_close(decoder);
    decoder_close(NULL);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examines_a_photo_in_another_process),
        cmocka_unit_test(looks_for_faces_when_asked),
        cmocka_unit_test(reads_its_part_of_a_file_alone),
        cmocka_unit_test(hands_on_what_is_wrong),
        cmocka_unit_test(many_threads_share_a_few),
        cmocka_unit_test(closing_waits_for_whoever_is_still_at_it),
        cmocka_unit_test(inherits_neither_descriptors_nor_secrets),
        cmocka_unit_test(says_when_none_can_be_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv) { return decoding_tests(argc, argv, run); }
