#include "image/face_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

static unsigned seed = 1;

static float any(void)
{
    seed = seed * 1664525 + 1013904223;
    return (float)(int)(seed >> 8) / 8388608.0f - 1;
}

static float *anything(int count)
{
    float *ret = malloc((size_t)count * sizeof *ret);

    assert_non_null(ret);
    for (int i = 0; i < count; i++)
        ret[i] = any();
    return ret;
}

static int size_of(struct face_shape s) { return s.height * s.width * s.depth; }

static float at(const float *values, struct face_shape s, int y, int x, int c)
{
    return y < 0 || y >= s.height || x < 0 || x >= s.width ? 0 : values[(y * s.width + x) * s.depth + c];
}

static void assert_near(float is, double wanted)
{
    if (fabs((double)is - wanted) > 1e-4)
        fail_msg("%g is not %g", (double)is, wanted);
}

/* One output of a convolution, as its definition says. */
static double convolved(const struct face_layer *l, const float *weights, const float *bias, int y, int x, int o)
{
    double sum = (double)bias[o];

    for (int i = 0; i < l->window; i++)
        for (int j = 0; j < l->window; j++)
            for (int c = 0; c < l->in.depth; c++)
                sum += (double)at(l->from, l->in, y * l->stride - l->pad_top + i, x * l->stride - l->pad_left + j, c) *
                       (double)weights[((o * l->window + i) * l->window + j) * l->in.depth + c];
    return l->relu && sum < 0 ? 0 : sum;
}

static void assert_convolves(struct face_layer l)
{
    int inputs = l.window * l.window * l.in.depth;
    float *from = anything(size_of(l.in)), *to = anything(size_of(l.out));
    float *weights = anything(inputs * l.out.depth), *bias = anything(l.out.depth);

    l.from = from, l.to = to;
    l.weights = face_weights_pack(weights, inputs, l.out.depth), l.bias = face_weights_pack(bias, 1, l.out.depth);
    face_conv(&l);
    for (int y = 0; y < l.out.height; y++)
        for (int x = 0; x < l.out.width; x++)
            for (int o = 0; o < l.out.depth; o++)
                assert_near(at(to, l.out, y, x, o), convolved(&l, weights, bias, y, x, o));
    free(from), free(to), free(weights), free(bias), free(l.weights), free(l.bias);
}

static void convolves_single_pixels(void **state)
{
    (void)state;
    assert_convolves((struct face_layer){.in = {4, 4, 24}, .out = {4, 4, 28}, .window = 1, .stride = 1});
    assert_convolves((struct face_layer){.in = {5, 3, 9}, .out = {5, 3, 1}, .window = 1, .stride = 1, .relu = true});
    assert_convolves((struct face_layer){.in = {1, 1, 3}, .out = {1, 1, 17}, .window = 1, .stride = 1});
}

static void convolves_windows_with_filled_edges(void **state)
{
    (void)state;
    assert_convolves((struct face_layer){
        .in = {9, 7, 3}, .out = {5, 4, 24}, .window = 5, .stride = 2, .pad_top = 2, .pad_left = 2, .relu = true});
    assert_convolves((struct face_layer){.in = {8, 8, 3}, .out = {4, 4, 8}, .window = 3, .stride = 2});
}

static void assert_weighs_channels(struct face_layer l)
{
    float *from = anything(size_of(l.in)), *to = anything(size_of(l.out));
    float *weights = anything(9 * l.in.depth), *bias = anything(l.in.depth);

    l.from = from, l.to = to, l.weights = weights, l.bias = bias;
    face_depthwise(&l);
    for (int y = 0; y < l.out.height; y++)
        for (int x = 0; x < l.out.width; x++)
            for (int c = 0; c < l.in.depth; c++) {
                double sum = (double)bias[c];
                for (int t = 0; t < 9; t++)
                    sum +=
                        (double)at(from, l.in, y * l.stride - l.pad_top + t / 3, x * l.stride - l.pad_left + t % 3, c) *
                        (double)weights[t * l.in.depth + c];
                assert_near(at(to, l.out, y, x, c), sum);
            }
    free(from), free(to), free(weights), free(bias);
}

static void weighs_each_channel_by_itself(void **state)
{
    (void)state;
    assert_weighs_channels(
        (struct face_layer){.in = {5, 6, 42}, .out = {5, 6, 42}, .stride = 1, .pad_top = 1, .pad_left = 1});
    assert_weighs_channels((struct face_layer){.in = {6, 8, 8}, .out = {3, 4, 8}, .stride = 2});
    assert_weighs_channels(
        (struct face_layer){.in = {1, 1, 3}, .out = {1, 1, 3}, .stride = 1, .pad_top = 1, .pad_left = 1});
}

static void adds_what_is_there_and_cuts_at_zero(void **state)
{
    float all[] = {1, -2, 3, -4, 5, -6, 7, 8, 9, 10, -11, 12}, some[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, to[12];
    struct face_layer l = {.in = {1, 2, 5}, .out = {1, 2, 6}, .from = all, .also = some, .to = to};

    (void)state;
    face_add(&l);
    assert_near(to[0], 2), assert_near(to[1], -1), assert_near(to[4], 6), assert_near(to[5], -6);
    assert_near(to[6], 8), assert_near(to[10], -10), assert_near(to[11], 12);
    l.relu = true;
    face_add(&l);
    assert_near(to[0], 2), assert_near(to[1], 0), assert_near(to[3], 0), assert_near(to[5], 0), assert_near(to[11], 12);
}

static void keeps_the_largest_of_four(void **state)
{
    float from[] = {1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8}, to[4];
    struct face_layer l = {.in = {2, 4, 2}, .out = {1, 2, 2}, .from = from, .to = to};

    (void)state;
    face_max_pool(&l);
    assert_near(to[0], 6), assert_near(to[1], -1), assert_near(to[2], 8), assert_near(to[3], -3);
}

static void enlarges_between_the_centres_of_pixels(void **state)
{
    float from[] = {0, 4}, to[8];
    struct face_layer l = {.in = {1, 2, 1}, .out = {2, 4, 1}, .from = from, .to = to, .half_pixel = true};
    static const float CENTRES[] = {0, 1, 3, 4}, CORNERS[] = {0, 2, 4, 4};

    (void)state;
    face_resize(&l);
    for (int i = 0; i < 8; i++)
        assert_near(to[i], (double)CENTRES[i % 4]);
    l.half_pixel = false;
    face_resize(&l);
    for (int i = 0; i < 8; i++)
        assert_near(to[i], (double)CORNERS[i % 4]);
}

static void widens_half_floats(void **state)
{
    (void)state;
    assert_true(face_widen(0x3c00) == 1.0f);
    assert_true(face_widen(0xc000) == -2.0f);
    assert_true(face_widen(0x7bff) == 65504.0f);
    assert_true(face_widen(0x3555) == 0.333251953125f);
    assert_true(face_widen(0x0400) == 0x1p-14f);
    assert_true(face_widen(0x0001) == 0x1p-24f);
    assert_true(face_widen(0x83ff) == -0x3ffp-24f);
    assert_true(face_widen(0) == 0 && !signbit(face_widen(0)) && signbit(face_widen(0x8000)));
    assert_true(isinf(face_widen(0x7c00)) && isnan(face_widen(0x7e00)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolves_single_pixels),
        cmocka_unit_test(convolves_windows_with_filled_edges),
        cmocka_unit_test(weighs_each_channel_by_itself),
        cmocka_unit_test(adds_what_is_there_and_cuts_at_zero),
        cmocka_unit_test(keeps_the_largest_of_four),
        cmocka_unit_test(enlarges_between_the_centres_of_pixels),
        cmocka_unit_test(widens_half_floats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
