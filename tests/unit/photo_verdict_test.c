#include "image/photo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct photo_facts GOOD = {
    .width = 3000, .height = 4000, .face_count = 1, .face_share = 0.4F, .sharpness = 2.6F, .brightness = 120};

static void assert_fault(struct photo_facts facts, bool portrait, const char *fault, bool refused)
{
    bool is_refused = !refused;
    const char *found = photo_fault(&facts, portrait, &is_refused);

    if (fault)
        assert_string_equal(found, fault);
    else
        assert_null(found);
    assert_int_equal(is_refused, refused);
}

static struct photo_facts with_faces(int count)
{
    struct photo_facts facts = GOOD;

    facts.face_count = count;
    return facts;
}

static struct photo_facts with_light(float brightness, float clipped)
{
    struct photo_facts facts = GOOD;

    facts.brightness = brightness;
    facts.clipped = clipped;
    return facts;
}

static struct photo_facts with_sharpness(float sharpness)
{
    struct photo_facts facts = GOOD;

    facts.sharpness = sharpness;
    return facts;
}

static void finds_nothing_wrong_with_a_good_photo(void **state)
{
    (void)state;
    assert_fault(GOOD, true, NULL, false);
    assert_fault(GOOD, false, NULL, false);
}

static void wants_one_face_on_a_portrait_only(void **state)
{
    (void)state;
    assert_fault(with_faces(0), true, "no_face", true);
    assert_fault(with_faces(2), true, "several_faces", false);
    assert_fault(with_faces(0), false, NULL, false);
    assert_fault(with_faces(5), false, NULL, false);
    assert_fault(with_faces(-1), true, NULL, false); /* nobody looked */
}

static void refuses_what_training_cannot_see_and_warns_before(void **state)
{
    (void)state;
    assert_fault(with_sharpness(1.29F), true, "blurry", true);
    assert_fault(with_sharpness(1.31F), true, "blurry", false);
    assert_fault(with_sharpness(1.79F), false, "blurry", false);
    assert_fault(with_sharpness(1.81F), true, NULL, false);
    assert_fault(with_light(24, 0), true, "too_dark", true);
    assert_fault(with_light(26, 0), true, "too_dark", false);
    assert_fault(with_light(51, 0), true, NULL, false);
    assert_fault(with_light(231, 0), false, "too_bright", true);
    assert_fault(with_light(229, 0), true, "too_bright", false);
    assert_fault(with_light(204, 0.24F), true, NULL, false);
    assert_fault(with_light(150, 0.51F), true, "too_bright", true);
    assert_fault(with_light(150, 0.26F), true, "too_bright", false);
}

static void says_the_gravest_first(void **state)
{
    struct photo_facts facts = with_light(10, 0);

    (void)state;
    facts.sharpness = 0;
    assert_fault(facts, true, "too_dark", true); /* in the dark everything is blurry */
    facts.face_count = 0;
    assert_fault(facts, true, "no_face", true);
    facts = with_sharpness(1.0F);
    facts.face_count = 3;
    assert_fault(facts, true, "blurry", true); /* a refusal goes before a warning */
}

static void the_score_falls_with_every_fault(void **state)
{
    const struct photo_facts soft = with_sharpness(1.9F), dark = with_light(40, 0), bright = with_light(220, 0),
                             burnt = with_light(150, 0.4F), hopeless = with_sharpness(-3);
    struct photo_facts small = GOOD;

    (void)state;
    small.width = small.height = 512;
    assert_float_equal(photo_quality(&GOOD), 1, 0.01);
    assert_true(photo_quality(&soft) < 0.8F);
    assert_true(photo_quality(&dark) < 0.8F);
    assert_true(photo_quality(&bright) < 0.8F);
    assert_true(photo_quality(&burnt) < 0.8F);
    assert_true(photo_quality(&small) < 0.8F);
    assert_true(photo_quality(&hopeless) < photo_quality(&soft));
}

static void the_score_stays_between_nought_and_one(void **state)
{
    static const float EDGES[] = {-3, 0, 1, 10, 255};

    (void)state;
    for (size_t i = 0; i < 125; i++) {
        struct photo_facts facts = {.width = 512,
                                    .height = 60000,
                                    .sharpness = EDGES[i % 5],
                                    .brightness = EDGES[i / 5 % 5],
                                    .clipped = EDGES[i / 25]};
        assert_true(photo_quality(&facts) >= 0 && photo_quality(&facts) <= 1);
    }
}

static void counts_the_bits_that_differ(void **state)
{
    (void)state;
    assert_int_equal(photo_distance(0, 0), 0);
    assert_int_equal(photo_distance(0xf0, 0x0f), 8);
    assert_int_equal(photo_distance(0, UINT64_MAX), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nothing_wrong_with_a_good_photo),
        cmocka_unit_test(wants_one_face_on_a_portrait_only),
        cmocka_unit_test(refuses_what_training_cannot_see_and_warns_before),
        cmocka_unit_test(says_the_gravest_first),
        cmocka_unit_test(the_score_falls_with_every_fault),
        cmocka_unit_test(the_score_stays_between_nought_and_one),
        cmocka_unit_test(counts_the_bits_that_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
