#include "image/face_square.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_near(double is, double wanted)
{
    if (fabs(is - wanted) > 1e-5)
        fail_msg("%g is not %g", is, wanted);
}

static double red_of(double mean) { return mean / 127.5 - 1; }

/* The memory ends with the picture, so that a read beyond it is seen. */
static unsigned char *picture(int width, int height, unsigned char colour)
{
    size_t size = 3 * (size_t)width * (size_t)height;
    unsigned char *ret = malloc(size);

    assert_non_null(ret);
    memset(ret, colour, size);
    return ret;
}

static void puts_the_picture_in_the_middle(void **state)
{
    struct face_square wide = face_square_of(400, 300), high = face_square_of(300, 400), even = face_square_of(7, 7);

    (void)state;
    assert_near(wide.left, 0), assert_near(wide.top, -50), assert_near(wide.side, 400);
    assert_near(high.left, -50), assert_near(high.top, 0), assert_near(high.side, 400);
    assert_near(even.left, 0), assert_near(even.top, 0), assert_near(even.side, 7);
}

static void is_black_beside_the_picture(void **state)
{
    unsigned char *white = picture(16, 8, 255);
    float to[8 * 8 * 3];

    (void)state;
    face_square_draw(face_square_of(16, 8), 16, 8, white, 8, to);
    for (int i = 0; i < 8 * 8 * 3; i++)
        assert_near((double)to[i], i / 24 < 2 || i / 24 >= 6 ? -1 : 1);
    free(white);
}

static void averages_what_lies_in_a_field(void **state)
{
    unsigned char *rgb = picture(4, 4, 0);
    float to[2 * 2 * 3];

    (void)state;
    rgb[0] = 40, rgb[3] = 80, rgb[12] = 120, rgb[15] = 160; /* reds of the field on the top left */
    rgb[3 * 15 + 2] = 200;                                  /* a blue at the bottom right */
    face_square_draw(face_square_of(4, 4), 4, 4, rgb, 2, to);
    assert_near((double)to[0], red_of(100)), assert_near((double)to[1], -1);
    assert_near((double)to[11], red_of(50)), assert_near((double)to[9], -1);
    free(rgb);
}

static void enlarges_a_small_picture(void **state)
{
    unsigned char *rgb = picture(1, 1, 255), *pair = picture(2, 2, 0);
    float to[4 * 4 * 3];

    (void)state;
    face_square_draw(face_square_of(1, 1), 1, 1, rgb, 4, to);
    for (int i = 0; i < 4 * 4 * 3; i++)
        assert_near((double)to[i], 1);
    pair[9] = 255; /* red at the bottom right */
    face_square_draw(face_square_of(2, 2), 2, 2, pair, 4, to);
    assert_near((double)to[3 * (4 * 3 + 3)], 1), assert_near((double)to[3 * (4 * 1 + 3)], -1);
    free(rgb), free(pair);
}

static void never_reads_beside_the_picture(void **state)
{
    static const int SIZES[][2] = {{1, 1000}, {1000, 1}, {191, 193}, {383, 577}, {2, 3}, {1023, 1024}};
    float *to = calloc(192 * 192 * 3, sizeof *to);

    (void)state;
    assert_non_null(to);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        int width = SIZES[i][0], height = SIZES[i][1];
        unsigned char *rgb = picture(width, height, 51);
        face_square_draw(face_square_of(width, height), width, height, rgb, 192, to);
        for (int k = 0; k < 192 * 192 * 3; k++)
            assert_true(to[k] == -1 || fabs((double)to[k] - red_of(51)) < 1e-5);
        free(rgb);
    }
    free(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_the_picture_in_the_middle), cmocka_unit_test(is_black_beside_the_picture),
        cmocka_unit_test(averages_what_lies_in_a_field),  cmocka_unit_test(enlarges_a_small_picture),
        cmocka_unit_test(never_reads_beside_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
