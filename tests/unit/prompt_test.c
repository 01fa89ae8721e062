#include "generations/prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sample {
    const char *trigger, *prompt, *written;
};

static void check(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf out = buf_make(1000);
        assert_true(prompt_write(text_of(samples[i].prompt), text_of(samples[i].trigger), &out));
        assert_string_equal(out.bytes, samples[i].written);
    }
}

#define CHECK(samples) check(samples, sizeof samples / sizeof samples[0])

static void puts_the_trigger_before_a_prompt_without_it(void **state)
{
    static const struct sample SAMPLES[] = {
        {"TOK", "a man in a park", "TOK a man in a park"},     {"TOK man", "in a park", "TOK man in a park"},
        {"TOK man", "TOK in a park", "TOK man TOK in a park"}, {" TOK\n", "a man", "TOK a man"},
        {"ТОК", "мужчина в парке", "ТОК мужчина в парке"},     {"TOK", "TO", "TOK TO"},
    };

    (void)state;
    CHECK(SAMPLES);
}

static void leaves_a_prompt_that_has_the_trigger(void **state)
{
    static const struct sample SAMPLES[] = {
        {"TOK", "TOK", "TOK"},
        {"TOK", "TOK in a park", "TOK in a park"},
        {"TOK", "a photo of TOK", "a photo of TOK"},
        {"TOK", "TOK, smiling", "TOK, smiling"},
        {"TOK", "a man (TOK)!", "a man (TOK)!"},
        {"TOK", "tok in a park", "tok in a park"},
        {"tok", "portrait: TOK.", "portrait: TOK."},
        {"TOK", "TOK and TOK again", "TOK and TOK again"},
        {"TOK", "TOKEN of TOK", "TOKEN of TOK"},
        {"TOK man", "portrait of TOK man, smiling", "portrait of TOK man, smiling"},
        {"TOK", "«TOK» в парке", "«TOK» в парке"},
        {"TOK", "парк—TOK—лес", "парк—TOK—лес"},
        {"TOK", "😀TOK😀", "😀TOK😀"},
        {"ТОК", "портрет: ТОК, улыбка", "портрет: ТОК, улыбка"},
        {"<s0>", "a photo of<s0>man", "a photo of<s0>man"},
    };

    (void)state;
    CHECK(SAMPLES);
}

static void does_not_take_a_part_of_a_longer_word_for_the_trigger(void **state)
{
    static const struct sample SAMPLES[] = {
        {"TOK", "a TOKEN in a park", "TOK a TOKEN in a park"},
        {"TOK", "STOK", "TOK STOK"},
        {"TOK", "TOK2 and TOK_man", "TOK TOK2 and TOK_man"},
        {"ток", "поток и токарь", "ток поток и токарь"},
        {"TOK", "TOKи", "TOK TOKи"},
        {"TOK", "éTOK", "TOK éTOK"},
        {"TOK man", "TOK mankind", "TOK man TOK mankind"},
    };

    (void)state;
    CHECK(SAMPLES);
}

static void adds_nothing_for_an_empty_trigger(void **state)
{
    static const struct sample SAMPLES[] = {{"", "a park", "a park"}, {"  \t", "a park", "a park"}};

    (void)state;
    CHECK(SAMPLES);
    assert_false(prompt_has_trigger(TEXT("a park"), TEXT("")));
}

static void refuses_to_write_over_the_limit(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(8);

    (void)state;
    assert_false(prompt_write(TEXT("a park"), TEXT("TOK"), &out));
}

static void knows_blank_prompts_of_any_script(void **state)
{
    (void)state;
    assert_true(text_is_blank(TEXT("")));
    assert_true(text_is_blank(TEXT(" \t\r\n")));
    assert_true(text_is_blank(TEXT("\u00a0\u2003\u3000\ufeff")));
    assert_false(text_is_blank(TEXT("\u00a0ж")));
    assert_false(text_is_blank(TEXT("  .")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_the_trigger_before_a_prompt_without_it),
        cmocka_unit_test(leaves_a_prompt_that_has_the_trigger),
        cmocka_unit_test(does_not_take_a_part_of_a_longer_word_for_the_trigger),
        cmocka_unit_test(adds_nothing_for_an_empty_trigger),
        cmocka_unit_test(refuses_to_write_over_the_limit),
        cmocka_unit_test(knows_blank_prompts_of_any_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
