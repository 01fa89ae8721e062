#include "image/face_boxes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "image/face_net.h"

static void assert_near(double is, double wanted)
{
    if (fabs(is - wanted) > 1e-3)
        fail_msg("%g is not %g", is, wanted);
}

static void assert_box(const struct face *face, double left, double top, double width, double height)
{
    assert_near((double)face->left, left);
    assert_near((double)face->top, top);
    assert_near((double)face->width, width);
    assert_near((double)face->height, height);
}

static void chooses_the_best_of_boxes_that_overlap(void **state)
{
    struct face found[] = {{10, 10, 100, 100, 0.7f}, {15, 12, 100, 100, 0.9f}, {300, 10, 80, 80, 0.8f}}, ret[FACE_MAX];

    (void)state;
    assert_int_equal(face_boxes_choose(found, 3, FACE_MAX, ret), 2);
    assert_box(&ret[0], 15, 12, 100, 100);
    assert_box(&ret[1], 300, 10, 80, 80);
}

static void boxes_that_share_a_third_are_the_same_face(void **state)
{
    struct face found[] = {{0, 0, 100, 100, 0.9f}, {38, 0, 100, 100, 0.8f}}, ret[FACE_MAX];

    (void)state; /* 62 of the 138 that they cover together */
    assert_int_equal(face_boxes_choose(found, 2, FACE_MAX, ret), 1);
}

static void a_box_inside_another_is_the_same_face(void **state)
{
    struct face found[] = {{0, 0, 200, 200, 0.9f}, {50, 50, 60, 60, 0.8f}}, ret[FACE_MAX];

    (void)state;
    assert_int_equal(face_boxes_choose(found, 2, FACE_MAX, ret), 1);
    assert_near((double)ret[0].width, 200);
}

static void boxes_that_share_a_little_are_two_faces(void **state)
{
    struct face found[] = {{0, 0, 100, 100, 0.9f}, {60, 0, 100, 100, 0.8f}, {100, 100, 50, 50, 0.7f}}, ret[FACE_MAX];

    (void)state;
    assert_int_equal(face_boxes_choose(found, 3, FACE_MAX, ret), 3);
}

static void keeps_no_more_than_there_is_room_for(void **state)
{
    struct face found[40], ret[FACE_MAX];

    (void)state;
    for (int i = 0; i < 40; i++)
        found[i] = (struct face){(float)(20 * i), 0, 10, 10, (float)i / 40};
    assert_int_equal(face_boxes_choose(found, 40, FACE_MAX, ret), FACE_MAX);
    assert_near((double)ret[0].score, 39.0 / 40);
    assert_int_equal(face_boxes_choose(found, 0, FACE_MAX, ret), 0);
}

/* An answer with two grids, 2 * 2 cells with one row and 1 * 1 with three: seven rows, of which `row` speaks. */
static struct face_answer answer_of(float boxes[7 * FACE_BOX_NUMBERS], float scores[7], int row, float score)
{
    memset(boxes, 0, 7 * FACE_BOX_NUMBERS * sizeof *boxes);
    for (int i = 0; i < 7; i++)
        scores[i] = -100;
    scores[row] = score;
    boxes[row * FACE_BOX_NUMBERS + 2] = boxes[row * FACE_BOX_NUMBERS + 3] = 32;
    return (struct face_answer){
        .side = 128, .grids = {{2, 1}, {1, 3}}, .boxes = boxes, .scores = scores, .least = 0.6f};
}

static void places_a_box_at_its_cell(void **state)
{
    float boxes[7 * FACE_BOX_NUMBERS], scores[7];
    struct face found[FACE_FOUND_MAX];
    struct face_square square = {0, -100, 400}; /* a picture of 400 * 200 pixels */
    struct face_answer answer = answer_of(boxes, scores, 1, 3);
    int count = 0;

    (void)state;
    face_boxes_read(&answer, square, found, &count); /* centre of the cell: 3/4, 1/4; a quarter wide */
    assert_int_equal(count, 1);
    assert_box(&found[0], 250, -50, 100, 100);
    assert_near((double)found[0].score, 1 / (1 + exp(-3)));
    boxes[FACE_BOX_NUMBERS] = -64, boxes[FACE_BOX_NUMBERS + 1] = 32, count = 0;
    face_boxes_read(&answer, square, found, &count);
    assert_box(&found[0], 50, 50, 100, 100);
}

static void reads_the_second_grid_behind_the_first(void **state)
{
    float boxes[7 * FACE_BOX_NUMBERS], scores[7];
    struct face found[FACE_FOUND_MAX];
    struct face_answer answer = answer_of(boxes, scores, 6, 3);
    int count = 0;

    (void)state;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, 1);
    assert_box(&found[0], 48, 48, 32, 32);
}

static void leaves_out_low_scores_and_empty_boxes(void **state)
{
    float boxes[7 * FACE_BOX_NUMBERS], scores[7];
    struct face found[FACE_FOUND_MAX];
    struct face_answer answer = answer_of(boxes, scores, 2, 0.4f); /* 0.4: 0.599 */
    int count = 0;

    (void)state;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, 0);
    scores[2] = 0.41f;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, 1);
    boxes[2 * FACE_BOX_NUMBERS + 2] = -1, count = 0;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, 0);
    scores[2] = NAN, boxes[2 * FACE_BOX_NUMBERS + 2] = 32;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, 0);
}

static void drops_more_than_there_is_room_for(void **state)
{
    float boxes[7 * FACE_BOX_NUMBERS], scores[7];
    struct face found[FACE_FOUND_MAX];
    struct face_answer answer = answer_of(boxes, scores, 0, 3);
    int count = FACE_FOUND_MAX;

    (void)state;
    face_boxes_read(&answer, (struct face_square){0, 0, 128}, found, &count);
    assert_int_equal(count, FACE_FOUND_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_the_best_of_boxes_that_overlap),
        cmocka_unit_test(boxes_that_share_a_third_are_the_same_face),
        cmocka_unit_test(a_box_inside_another_is_the_same_face),
        cmocka_unit_test(boxes_that_share_a_little_are_two_faces),
        cmocka_unit_test(keeps_no_more_than_there_is_room_for),
        cmocka_unit_test(places_a_box_at_its_cell),
        cmocka_unit_test(reads_the_second_grid_behind_the_first),
        cmocka_unit_test(leaves_out_low_scores_and_empty_boxes),
        cmocka_unit_test(drops_more_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
