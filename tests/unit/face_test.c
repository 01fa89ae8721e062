#include "image/face.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/portrait.h"

#define MODELS "node_modules/@mediapipe/face_detection"
#define FULL "face_detection_full_range.tflite"

static struct face_finder *finder;

static int open_finder(void **state)
{
    struct err err;

    (void)state;
    finder = face_finder_open(MODELS, &err);
    if (!finder)
        print_error("%s\n", err.detail);
    return finder ? 0 : -1;
}

static int close_finder(void **state)
{
    (void)state;
    face_finder_close(finder);
    return 0;
}

static int faces_in(struct portrait portrait, struct face ret[FACE_MAX])
{
    unsigned char *rgb = portrait_pixels(portrait);
    int count = face_find(finder, portrait.width, portrait.height, rgb, ret);

    free(rgb);
    return count;
}

static void finds_one_person(void **state)
{
    struct face faces[FACE_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 6; seed++) {
        assert_int_equal(faces_in((struct portrait){.width = 300, .height = 400, .seed = seed}, faces), 1);
        assert_true(faces[0].score > 0.8f && faces[0].score <= 1);
        assert_true(fabsf(faces[0].left + faces[0].width / 2 - 0.5f) < 0.12f); /* is in the middle, a bit up */
        assert_true(fabsf(faces[0].top + faces[0].height / 2 - 0.44f) < 0.08f);
        assert_true(faces[0].height > 0.2f && faces[0].height < 0.5f);
    }
}

static void finds_two_people_best_first(void **state)
{
    struct face faces[FACE_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 4; seed++) {
        assert_int_equal(faces_in((struct portrait){.width = 450, .height = 350, .seed = seed, .two = true}, faces), 2);
        assert_true(faces[0].score >= faces[1].score);
        assert_true(fabsf(faces[0].left - faces[1].left) > 0.3f);
    }
}

static void finds_nobody_where_no_face_is(void **state)
{
    struct face faces[FACE_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 4; seed++)
        assert_int_equal(
            faces_in((struct portrait){.width = 320, .height = 320, .seed = seed, .faceless = true}, faces), 0);
}

static void says_the_same_again_after_another_picture(void **state)
{
    struct portrait portrait = {.width = 256, .height = 320, .seed = 3},
                    other = {.width = 350, .height = 250, .seed = 4};
    struct face first[FACE_MAX], second[FACE_MAX], between[FACE_MAX];

    (void)state;
    assert_int_equal(faces_in(portrait, first), 1);
    assert_int_equal(faces_in(other, between), 1);
    assert_int_equal(faces_in(portrait, second), 1);
    assert_memory_equal(&first[0], &second[0], sizeof first[0]);
}

/* The one face in a part of a drawn person of 300 * 400 pixels. */
static struct face face_within(int left, int top, int right, int bottom)
{
    unsigned char *rgb = portrait_pixels((struct portrait){.width = 300, .height = 400, .seed = 2});
    size_t row = 3 * (size_t)(right - left);
    struct face faces[FACE_MAX];

    for (int y = top; y < bottom; y++)
        memmove(rgb + (size_t)(y - top) * row, rgb + (size_t)y * 900 + 3 * left, row);
    assert_int_equal(face_find(finder, right - left, bottom - top, rgb, faces), 1);
    free(rgb);
    return faces[0];
}

static void boxes_end_where_the_picture_ends(void **state)
{
    struct face whole = face_within(0, 0, 300, 400), part;
    float wide = 300 * whole.width, high = 400 * whole.height;

    (void)state;
    assert_true(whole.left > 0 && whole.top > 0 && whole.left + whole.width < 1 && whole.top + whole.height < 1);
    part = face_within((int)(300 * whole.left + 0.2f * wide), 0, 300, 400);
    assert_true(part.left == 0 && part.width < 1);
    part = face_within(0, (int)(400 * whole.top + 0.2f * high), 300, 400);
    assert_true(part.top == 0 && part.height < 1);
    part = face_within(0, 0, 300, (int)(400 * whole.top + 0.8f * high));
    assert_true(fabsf(part.top + part.height - 1) < 1e-5f && part.top > 0);
    part = face_within(0, 0, (int)(300 * whole.left + 0.8f * wide), 400);
    assert_true(fabsf(part.left + part.width - 1) < 1e-5f && part.left > 0);
}

static void looks_at_pictures_of_any_size(void **state)
{
    static const int SIZES[][2] = {{1, 1}, {1, 3000}, {3000, 1}, {64, 48}, {2048, 64}};
    struct face faces[FACE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        size_t size = 3 * (size_t)SIZES[i][0] * (size_t)SIZES[i][1];
        unsigned char *rgb = malloc(size);
        assert_non_null(rgb);
        for (size_t k = 0; k < size; k++)
            rgb[k] = (unsigned char)(k * 2654435761u >> 13);
        assert_int_equal(face_find(finder, SIZES[i][0], SIZES[i][1], rgb, faces), 0);
        free(rgb);
    }
}

static void assert_does_not_open(const char *folder)
{
    struct err err = {0};

    assert_null(face_finder_open(folder, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_string_equal(err.code, "face_model");
    assert_non_null(strstr(err.detail, FULL));
}

static void does_not_open_without_its_files(void **state)
{
    char folder[FOLDER_ROOM];

    (void)state;
    folder_make(folder);
    assert_does_not_open(folder);
    folder_write(folder, FULL, "rubbish");
    assert_does_not_open(folder);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_one_person),
        cmocka_unit_test(finds_two_people_best_first),
        cmocka_unit_test(finds_nobody_where_no_face_is),
        cmocka_unit_test(says_the_same_again_after_another_picture),
        cmocka_unit_test(boxes_end_where_the_picture_ends),
        cmocka_unit_test(looks_at_pictures_of_any_size),
        cmocka_unit_test(does_not_open_without_its_files),
    };

    return cmocka_run_group_tests(tests, open_finder, close_finder);
}
