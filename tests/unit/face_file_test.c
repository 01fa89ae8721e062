#include "image/face_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "image/face_net.h"

#define MODELS "node_modules/@mediapipe/face_detection"
#define SHORT "face_detection_short_range.tflite"
#define FULL "face_detection_full_range.tflite"

enum { CUTS = 200, CHANGES = 800 };

static struct buf model(const char *name)
{
    struct buf ret = buf_make(4 << 20);
    struct err err;

    if (!file_read(MODELS, name, &ret, &err))
        fail_msg("%s", err.detail);
    return ret;
}

static struct text text_in(const struct buf *b) { return (struct text){b->bytes, b->len}; }

static void assert_reads(const char *name, int tensors, int steps, int side, int cells)
{
    CLEANUP(buf_done) struct buf bytes = model(name);
    struct face_file file;
    struct err err;

    assert_true(face_file_read(text_in(&bytes), &file, &err));
    assert_int_equal(file.tensor_count, tensors);
    assert_int_equal(file.step_count, steps);
    assert_int_equal(file.tensors[file.input].shape[1], side);
    assert_int_equal(file.tensors[file.input].count, side * side * 3);
    assert_int_equal(file.tensors[file.boxes].count, cells * 16);
    assert_int_equal(file.tensors[file.scores].count, cells);
    face_file_done(&file);
}

static void reads_both_models(void **state)
{
    (void)state;
    assert_reads(SHORT, 250, 164, 128, 896);
    assert_reads(FULL, 544, 354, 192, 2304);
}

/* A copy whose end is the end of its memory, so that a read beyond it is seen. */
static char *exactly(const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

static bool opens(const char *bytes, size_t len, bool run)
{
    struct err err = {0};
    struct face_net *net = face_net_open((struct text){bytes, len}, &err);

    if (!net) {
        assert_int_equal(err.kind, ERR_INTERNAL);
        assert_string_equal(err.code, "face_model");
        return false;
    }
    if (run)
        face_net_run(net);
    face_net_close(net);
    return true;
}

static void refuses_a_file_that_is_cut_short(void **state)
{
    CLEANUP(buf_done) struct buf bytes = model(SHORT);

    (void)state;
    for (size_t i = 0; i < CUTS; i++) {
        size_t len = i < CUTS / 4 ? i : bytes.len * (i - CUTS / 4) / CUTS * 4 / 3;
        char *copy = exactly(bytes.bytes, len);
        assert_false(opens(copy, len, false));
        free(copy);
    }
}

static void refuses_what_is_no_model(void **state)
{
    char zeros[4096] = {0};

    (void)state;
    assert_false(opens(zeros, sizeof zeros, false));
    memcpy(zeros + 4, "TFL3", 4);
    assert_false(opens(zeros, sizeof zeros, false));
    memset(zeros, 0xff, 4);
    assert_false(opens(zeros, sizeof zeros, false));
    assert_false(opens("", 0, false));
}

static void refuses_weights_of_a_wrong_length(void **state)
{
    CLEANUP(buf_done) struct buf bytes = model(SHORT);
    struct face_file file;
    struct err err;

    (void)state; /* the length stands in front of the bytes */
    assert_true(face_file_read(text_in(&bytes), &file, &err));
    for (int i = 0; i < file.tensor_count; i += 11) {
        struct text content = file.tensors[i].content;
        const uint32_t lengths[] = {(uint32_t)content.len - 4, (uint32_t)content.len + 4, INT32_MAX, UINT32_MAX};
        char *place = content.len ? bytes.bytes + (content.at - bytes.bytes) - 4 : NULL;
        for (size_t k = 0; place && k < 4; k++) {
            memcpy(place, &lengths[k], 4);
            assert_false(opens(bytes.bytes, bytes.len, false));
            memcpy(place, &(uint32_t){(uint32_t)content.len}, 4);
        }
    }
    face_file_done(&file);
}

static int32_t word_at(const char *bytes, size_t place)
{
    int32_t ret;

    memcpy(&ret, bytes + place, sizeof ret);
    return ret;
}

/* Where a count, an index, a length or a distance may stand: small numbers outside of the weights. */
static size_t *numbers(const struct buf *bytes, size_t *ret_count)
{
    bool *is_weight = calloc(bytes->len, sizeof *is_weight);
    size_t *places = calloc(bytes->len, sizeof *places);
    struct face_file file;
    struct err err;

    assert_non_null(is_weight);
    assert_non_null(places);
    assert_true(face_file_read(text_in(bytes), &file, &err));
    for (int i = 0; i < file.tensor_count; i++)
        if (file.tensors[i].content.len > 64) /* the short ones say how much is to be added at the edges */
            memset(is_weight + (file.tensors[i].content.at - bytes->bytes), true, file.tensors[i].content.len);
    face_file_done(&file);
    *ret_count = 0;
    for (size_t i = 0; i + 4 <= bytes->len; i += 4)
        if (!is_weight[i] && labs(word_at(bytes->bytes, i)) < (long)bytes->len)
            places[(*ret_count)++] = i;
    free(is_weight);
    return places;
}

static unsigned chance(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static int32_t another(int32_t value, unsigned *seed)
{
    static const int32_t ODD[] = {0, 1, -1, 2, 3, 255, 65535, 1 << 20, INT32_MAX, INT32_MIN};

    switch (chance(seed) % 4) {
    case 0: return value + (int32_t)(chance(seed) % 9) - 4;
    case 1: return ODD[chance(seed) % 10];
    case 2: return (int32_t)((uint32_t)value << 1);
    default: return value ^ (int32_t)(1u << chance(seed) % 32);
    }
}

/* The sanitizers say when a read goes astray; what is not refused can be run. */
static void survives_altered_numbers(void **state)
{
    CLEANUP(buf_done) struct buf bytes = model(SHORT);
    char *copy = exactly(bytes.bytes, bytes.len);
    size_t count, refused = 0, *places = numbers(&bytes, &count);
    unsigned seed = 20260101;

    (void)state;
    for (int i = 0; i < CHANGES; i++) {
        size_t place = places[chance(&seed) % count];
        int32_t value = another(word_at(copy, place), &seed);
        memcpy(copy + place, &value, sizeof value);
        refused += !opens(copy, bytes.len, i % 4 == 0);
        memcpy(copy + place, bytes.bytes + place, sizeof value);
    }
    assert_true(opens(copy, bytes.len, true));
    assert_in_range(refused, CHANGES / 3, CHANGES - 1);
    free(places);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_models),        cmocka_unit_test(refuses_a_file_that_is_cut_short),
        cmocka_unit_test(refuses_what_is_no_model), cmocka_unit_test(refuses_weights_of_a_wrong_length),
        cmocka_unit_test(survives_altered_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
