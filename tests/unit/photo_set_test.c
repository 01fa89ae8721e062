/* What a set of photos is told before it is trained on. */
#include "photos/photo_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MIN = 10, MAX = 20 };

static struct photo photos[PHOTOS_MOST];

/* All different, sharp, well lit; every third a close-up, every fourth from afar. */
static void fill(int count)
{
    for (int i = 0; i < count; i++)
        photos[i] = (struct photo){
            .face_count = 1,
            .face_share = i % 3 == 0   ? 0.5
                          : i % 4 == 1 ? 0.15
                                       : 0.28,
            .brightness = 120,
            .sharpness = 2.5,
            .look = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u, /* bits as different as those of different pictures */
        };
}

static struct photo_set judge(int count, bool portrait) { return photo_set_judge(photos, count, portrait, MIN, MAX); }

static bool advises(const struct photo_set *set, const char *code)
{
    for (int i = 0; i < set->advice_count; i++)
        if (strcmp(set->advice[i], code) == 0)
            return true;
    return false;
}

static void assert_only(const struct photo_set *set, const char *code)
{
    if (set->advice_count != 1 || strcmp(set->advice[0], code) != 0)
        fail_msg("%d pieces of advice, first %s, not %s", set->advice_count, set->advice[0], code);
}

static void a_good_set_is_called_so(void **state)
{
    struct photo_set set;

    (void)state;
    fill(12);
    set = judge(12, true);
    assert_only(&set, "good");
    assert_int_equal(set.different, 12);
    assert_true(set.missing == 0 && set.usable == 12 && set.min == MIN && set.max == MAX);
    assert_true(set.close == 4 && set.far > 1);
}

static void says_how_many_are_missing(void **state)
{
    struct photo_set set;

    (void)state;
    fill(9);
    for (int count = 0; count < 10; count++) {
        set = judge(count, true);
        assert_int_equal(set.missing, MIN - count);
        assert_string_equal(set.advice[0], "add_more");
    }
    set = judge(0, false);
    assert_only(&set, "add_more");
}

static void pictures_that_look_alike_are_one_group(void **state)
{
    struct photo_set set;

    (void)state;
    fill(12);
    for (int i = 0; i < 8; i++)
        photos[i].look = photos[0].look ^ (uint64_t)(i * 5);
    set = judge(12, true);
    assert_int_equal(set.different, 5);
    assert_only(&set, "more_variety");
    set = judge(2, true);
    assert_true(advises(&set, "more_variety"));
    set = judge(1, true);
    assert_false(advises(&set, "more_variety"));
}

static void a_portrait_wants_faces_from_near_and_far(void **state)
{
    struct photo_set set;

    (void)state;
    fill(12);
    for (int i = 0; i < 12; i++)
        photos[i].face_share = 0.6;
    set = judge(12, true);
    assert_only(&set, "add_far");
    for (int i = 0; i < 12; i++)
        photos[i].face_share = 0.1;
    set = judge(12, true);
    assert_only(&set, "add_close");
    set = judge(12, false);
    assert_only(&set, "good"); /* a style has no faces to speak of */
}

static void several_faces_are_told_of_a_portrait_alone(void **state)
{
    struct photo_set set;

    (void)state;
    fill(12);
    photos[4].face_count = 2;
    set = judge(12, true);
    assert_only(&set, "several_faces");
    assert_int_equal(set.several, 1);
    set = judge(12, false);
    assert_only(&set, "good");
}

static void light_and_sharpness_of_many_count(void **state)
{
    struct photo_set set;

    (void)state;
    fill(12);
    for (int i = 0; i < 5; i++)
        photos[i].brightness = 50;
    set = judge(12, true);
    assert_only(&set, "more_light");
    for (int i = 0; i < 5; i++)
        photos[i].brightness = 210;
    set = judge(12, true);
    assert_only(&set, "less_light");
    fill(12);
    for (int i = 0; i < 4; i++)
        (void)snprintf(photos[i].code, sizeof photos[i].code, "blurry");
    set = judge(12, true);
    assert_only(&set, "soft");
    fill(12);
    photos[0].brightness = 20; /* one says nothing about the set */
    set = judge(12, true);
    assert_only(&set, "good");
}

static void the_worst_set_has_room_for_all_its_advice(void **state)
{
    struct photo_set set;

    (void)state;
    fill(9);
    for (int i = 0; i < 9; i++) {
        photos[i] = (struct photo){.face_count = 2, .face_share = 0.25, .brightness = i % 2 ? 240 : 20};
        (void)snprintf(photos[i].code, sizeof photos[i].code, "blurry");
    }
    set = judge(9, true);
    assert_true(set.advice_count <= PHOTO_SET_ADVICE_MAX && set.advice_count >= 7);
    assert_string_equal(set.advice[0], "add_more");
}

static void every_advice_has_its_sentence_with_its_figures(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(4000);
    struct photo_set set;

    (void)state;
    fill(7);
    set = judge(7, true);
    photo_set_message(&set, "add_more", LANG_EN, &out);
    assert_string_equal(out.bytes, "Add more photos: there are 7, and at least 10 are needed.");
    buf_clear(&out);
    set = judge(7, false);
    set.different = 3;
    photo_set_message(&set, "more_variety", LANG_RU, &out);
    assert_string_equal(out.bytes, "Заметно разных работ только 3. Нужны другие сюжеты в том же стиле.");
}

static void is_written_as_the_contract_has_it(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(4000);
    struct json_out json = json_out_begin(&out);
    struct photo_set set;

    (void)state;
    fill(12);
    set = judge(12, true);
    photo_set_write(&json, &set, LANG_EN);
    assert_string_equal(out.bytes, "{\"usable\":12,\"min\":10,\"max\":20,\"missing\":0,\"ready\":true,\"different\":12,"
                                   "\"advice\":[{\"code\":\"good\",\"message\":\"The set is good: training may "
                                   "begin.\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_set_is_called_so),
        cmocka_unit_test(says_how_many_are_missing),
        cmocka_unit_test(pictures_that_look_alike_are_one_group),
        cmocka_unit_test(a_portrait_wants_faces_from_near_and_far),
        cmocka_unit_test(several_faces_are_told_of_a_portrait_alone),
        cmocka_unit_test(light_and_sharpness_of_many_count),
        cmocka_unit_test(the_worst_set_has_room_for_all_its_advice),
        cmocka_unit_test(every_advice_has_its_sentence_with_its_figures),
        cmocka_unit_test(is_written_as_the_contract_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
