/* The texts for people: all there in both languages, and filled in. */
#include "base/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static bool has_cyrillic(const char *text) { return strpbrk(text, "\xd0\xd1") != NULL; }

/* "title|what to do", or one sentence without a bar. */
static bool well_formed(const char *text)
{
    const char *bar = strchr(text, '|');

    return *text && text_is_utf8(text_of(text)) && (!bar || (bar != text && bar[1] && !strchr(bar + 1, '|')));
}

static void every_code_has_both_languages_in_the_same_form(void **state)
{
    const char *code;

    (void)state;
    for (int i = 0; (code = message_code_at(i)); i++) {
        const char *ru = message_title(code, LANG_RU), *en = message_title(code, LANG_EN);
        if (!well_formed(ru) || !well_formed(en) || !strchr(ru, '|') != !strchr(en, '|'))
            fail_msg("%s: \"%s\" and \"%s\"", code, ru, en);
        assert_true(has_cyrillic(ru) && !has_cyrillic(en));
        assert_true(strlen(code) < sizeof((struct err *)0)->code);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(code, message_code_at(j));
    }
    assert_null(message_code_at(-1));
}

static void both_languages_have_the_same_places_to_fill(void **state)
{
    static const char *const PLACES[] = {"{min}", "{max}", "{what}"};
    const char *code;

    (void)state;
    for (int i = 0; (code = message_code_at(i)); i++) {
        const char *ru = message_title(code, LANG_RU), *en = message_title(code, LANG_EN);
        int known = 0, braces = 0;
        for (size_t p = 0; p < sizeof PLACES / sizeof *PLACES; p++) {
            assert_int_equal(strstr(ru, PLACES[p]) != NULL, strstr(en, PLACES[p]) != NULL);
            known += strstr(en, PLACES[p]) != NULL;
        }
        for (const char *c = en; *c; c++)
            braces += *c == '{';
        if (braces != known)
            fail_msg("%s has a place that nothing fills: %s", code, en);
    }
}

static void an_unknown_code_is_an_internal_error(void **state)
{
    (void)state;
    assert_false(message_exists("no_such_code"));
    assert_true(message_exists("internal"));
    assert_string_equal(message_title("no_such_code", LANG_EN), message_title("internal", LANG_EN));
    assert_string_equal(message_title("no_such_code", LANG_RU), message_title("internal", LANG_RU));
}

static void assert_fault(struct fault fault, enum lang lang, const char *expected)
{
    CLEANUP(buf_done) struct buf out = buf_make(1000);

    message_fault(&fault, lang, &out);
    assert_string_equal(out.bytes, expected);
}

static void fills_in_numbers_and_names(void **state)
{
    (void)state;
    assert_fault((struct fault){.code = "out_of_range", .min = 1, .max = 50}, LANG_EN, "It must be between 1 and 50.");
    assert_fault((struct fault){.code = "out_of_range", .min = -5, .max = INT64_MAX}, LANG_RU,
                 "Допустимо от -5 до 9223372036854775807.");
    assert_fault((struct fault){.code = "out_of_range_thousandths", .min = 0, .max = 3500}, LANG_EN,
                 "It must be between 0 and 3.5.");
    assert_fault((struct fault){.code = "out_of_range_thousandths", .min = -500, .max = 1005}, LANG_EN,
                 "It must be between -0.5 and 1.005.");
    assert_fault((struct fault){.code = "out_of_range_thousandths", .min = -2250, .max = 40}, LANG_EN,
                 "It must be between -2.25 and 0.04.");
    assert_fault((struct fault){.code = "unknown_field", .what = "{max} & \"я\""}, LANG_EN,
                 "Unknown field “{max} & \"я\"”."); /* what a client sent is no place to fill */
    assert_fault((struct fault){.code = "required"}, LANG_RU, "Обязательное поле.");
}

static void faults_stop_at_their_limit(void **state)
{
    struct faults faults = {0};

    (void)state;
    for (int i = 0; i < FAULTS_MAX + 5; i++) {
        assert_false(faults_add(&faults, "a", "required"));
        assert_false(faults_add_range(&faults, "b", "out_of_range", i, i + 1));
        assert_false(faults_add_what(&faults, "c", "unknown_field", TEXT("x")));
    }
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_string_equal(faults.items[1].field, "b");
    assert_int_equal(faults.items[1].max, 1);
    assert_string_equal(faults.items[FAULTS_MAX - 1].what, "x");
}

static void a_fault_never_cuts_a_character_in_two(void **state)
{
    char letters[200];

    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct faults faults = {0};
        memset(letters, 'a', sizeof letters);
        for (size_t i = shift; i + 4 <= sizeof letters; i += 4)
            memcpy(letters + i, "\xf0\x9f\x98\x80", 4);
        (void)faults_add_what(&faults, "", "unknown_field", (struct text){letters, shift + 160});
        assert_true(text_is_utf8(text_of(faults.items[0].what)));
        assert_true(strlen(faults.items[0].what) > sizeof faults.items[0].what - 6);
    }
}

static void a_fault_keeps_no_broken_text(void **state)
{
    struct faults faults = {0};

    (void)state;
    (void)faults_add_what(&faults, "", "unknown_parameter", TEXT("\xff"));
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].what, "");
}

struct wish {
    const char *header;
    enum lang lang; /* when the other one is the default, too, unless it is asked for */
    bool either;    /* the default decides */
};

static const struct wish WISHES[] = {
    {"", LANG_RU, true},
    {"*", LANG_RU, true},
    {"de,fr;q=0.5", LANG_RU, true},
    {"rue", LANG_RU, true},
    {"english", LANG_RU, true},
    {"e", LANG_RU, true},
    {"en;q=0", LANG_RU, true},
    {"ru;q=0.000, en;q=0.0", LANG_RU, true},
    {"en", LANG_EN, false},
    {"EN-us", LANG_EN, false},
    {"en-GB,en;q=0.9,ru;q=0.8", LANG_EN, false},
    {"ru-RU,ru;q=0.9,en;q=0.8", LANG_RU, false},
    {"ru;q=0.8, en", LANG_EN, false},
    {"en;q=0.5,ru;q=0.51", LANG_RU, false},
    {"en;q=0.501,ru;q=0.5", LANG_EN, false},
    {"ru;q=0.5,en;q=0.5", LANG_RU, false},
    {"en ; q=0.3 , ru ; q=0.7", LANG_RU, false},
    {"ru;Q=0.1,en;q=0.2", LANG_EN, false},
    {",,;;,en", LANG_EN, false},
    {"de;q=1.0,en;q=0.1", LANG_EN, false},
};

static void the_better_liked_language_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WISHES / sizeof *WISHES; i++)
        for (int otherwise = LANG_RU; otherwise <= LANG_EN; otherwise++) {
            enum lang lang = lang_accepted(text_of(WISHES[i].header), (enum lang)otherwise);
            if (lang != (WISHES[i].either ? (enum lang)otherwise : WISHES[i].lang))
                fail_msg("Accept-Language: %s gives %s", WISHES[i].header, lang_name(lang));
        }
}

static void languages_have_names(void **state)
{
    (void)state;
    assert_int_equal(lang_named("en"), LANG_EN);
    assert_int_equal(lang_named("ru"), LANG_RU);
    assert_int_equal(lang_named(""), LANG_RU);
    assert_string_equal(lang_name(LANG_EN), "en");
    assert_string_equal(lang_name(LANG_RU), "ru");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_both_languages_in_the_same_form),
        cmocka_unit_test(both_languages_have_the_same_places_to_fill),
        cmocka_unit_test(an_unknown_code_is_an_internal_error),
        cmocka_unit_test(fills_in_numbers_and_names),
        cmocka_unit_test(faults_stop_at_their_limit),
        cmocka_unit_test(a_fault_never_cuts_a_character_in_two),
        cmocka_unit_test(a_fault_keeps_no_broken_text),
        cmocka_unit_test(the_better_liked_language_wins),
        cmocka_unit_test(languages_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
