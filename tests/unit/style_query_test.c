/* Looking for styles by words, in both languages and with inflections. */
#include "styles/style_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/altered_styles.h"

static int score(const char *words, const char *id)
{
    struct style_query query = style_query_read(text_of(words));

    return style_query_score(&query, shipped_styles(), styles_find(shipped_styles(), id));
}

static void finds_words_in_other_forms(void **state)
{
    static const struct {
        const char *words, *id;
    } FOUND[] = {
        {"замок", "knight"},
        {"замки", "knight"},
        {"в замке", "knight"},
        {"castles", "knight"},
        {"CASTLE", "knight"},
        {"рыцари", "knight"},
        {"рыцарей", "knight"},
        {"Knights", "knight"},
        {"море", "seaside-sunset"},
        {"на закате", "seaside-sunset"},
        {"sunsets", "seaside-sunset"},
        {"неоновый", "neon-street"},
        {"неоновые улицы", "neon-street"},
        {"streets neon", "neon-street"},
        {"киберпанк", "hoverbike"},
        {"киберпанке", "hoverbike"},
        {"костры", "campfire-stars"},
        {"КОСТЁР", "campfire-stars"},
        {"костер", "campfire-stars"},
        {"деловые портреты", "business-portrait"},
        {"business portraits", "business-portrait"},
        {"зимой", "mountain-hike"}, /* a choice has it */
        {"офисы", "boardroom"},
        {"фэнтези магия", "forest-elf"},
        {"fantasy магия", "forest-elf"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof FOUND / sizeof FOUND[0]; i++)
        if (!score(FOUND[i].words, FOUND[i].id))
            fail_msg("\"%s\" does not find %s", FOUND[i].words, FOUND[i].id);
}

static void finds_the_beginnings_of_words_from_three_letters_on(void **state)
{
    (void)state;
    assert_true(score("кибе", "neon-street"));
    assert_true(score("cybe", "neon-street"));
    assert_true(score("busines", "boardroom"));
    assert_false(score("ne", "neon-street"));
    assert_false(score("не", "neon-street"));
}

static void wants_every_word(void **state)
{
    (void)state;
    assert_true(score("рыцарь замок", "knight"));
    assert_false(score("рыцарь неон", "knight"));
    assert_false(score("рыцарь неон", "neon-street"));
    assert_false(score("xyzzy", "knight"));
    assert_false(score("!?!", "knight"));
}

static void finds_everything_when_nothing_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(score("", "knight"), 1);
    assert_int_equal(score(" \t", "knight"), 1);
}

static void passes_over_small_words_unless_there_are_no_others(void **state)
{
    (void)state;
    assert_int_equal(score("в замке", "knight"), score("замке", "knight"));
    assert_int_equal(score("the castle", "knight"), score("castle", "knight"));
    assert_int_equal(style_query_read(TEXT("на")).count, 1);
}

static void ranks_titles_before_tags_and_tags_before_the_rest(void **state)
{
    (void)state;
    assert_true(score("неон", "neon-street") > score("неон", "rooftop-hacker"));        /* title; tag */
    assert_true(score("киберпанк", "neon-street") > score("вывески", "neon-street"));   /* group; description */
    assert_true(score("портрет", "business-portrait") > score("портрет", "boardroom")); /* title; category */
    assert_true(score("закат", "seaside-sunset") > score("зака", "seaside-sunset"));    /* whole; beginning */
}

static void survives_any_text(void **state)
{
    char longest[4 * STYLE_QUERY_MAX + 1];
    struct style_query query;

    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(style_query_read(text_of(longest)).count, 0);
    query = style_query_read(TEXT("a1 b2 c3 d4 e5 f6 g7 h8 i9 j10"));
    assert_int_equal(query.count, STYLE_QUERY_WORDS);
    query = style_query_read(TEXT("Ёжик 猫 café naïve ﷺ 😀 İ ß"));
    assert_string_equal(query.words[0].word, "ежик");
    assert_true(query.count >= 3);
}

static void finds_own_styles_by_title_tags_and_prompt(void **state)
{
    struct own_style own = {.title = "Моя осень", .prompt = "{subject} under golden maples", .tags = {1, {"парк"}}};
    struct stemmer *stemmer = stemmer_open();
    struct style_query title = style_query_read(TEXT("осенью")), tag = style_query_read(TEXT("парки")),
                       prompt = style_query_read(TEXT("maple")), none = style_query_read(TEXT("зима")),
                       all = style_query_read(TEXT(""));

    (void)state;
    assert_true(style_query_score_own(&title, &own, stemmer) > style_query_score_own(&tag, &own, stemmer));
    assert_true(style_query_score_own(&tag, &own, stemmer) > style_query_score_own(&prompt, &own, stemmer));
    assert_true(style_query_score_own(&prompt, &own, stemmer) > 0);
    assert_int_equal(style_query_score_own(&none, &own, stemmer), 0);
    assert_int_equal(style_query_score_own(&all, &own, stemmer), 1);
    stemmer_close(stemmer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_words_in_other_forms),
        cmocka_unit_test(finds_the_beginnings_of_words_from_three_letters_on),
        cmocka_unit_test(wants_every_word),
        cmocka_unit_test(finds_everything_when_nothing_is_asked_for),
        cmocka_unit_test(passes_over_small_words_unless_there_are_no_others),
        cmocka_unit_test(ranks_titles_before_tags_and_tags_before_the_rest),
        cmocka_unit_test(survives_any_text),
        cmocka_unit_test(finds_own_styles_by_title_tags_and_prompt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
