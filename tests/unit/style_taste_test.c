/* What is popular, what is recommended and why, and what is certain of a comparison. */
#include "styles/style_taste.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "styles/style_results.h"
#include "support/altered_styles.h"
#include "support/fake_db.h"

static int index_of(const char *id) { return styles_find(shipped_styles(), id)->index; }

/* Popular */

static void puts_the_most_used_first_and_then_something_of_each_group(void **state)
{
    struct style_uses uses = {{0}};
    const struct style *order[STYLES_MAX];

    (void)state;
    uses.of[index_of("knight")] = 3;
    uses.of[index_of("watercolour")] = 7;
    assert_int_equal(style_popular_order(shipped_styles(), &uses, order), styles_count(shipped_styles()));
    assert_string_equal(order[0]->id, "watercolour");
    assert_string_equal(order[1]->id, "knight");
    assert_string_equal(order[2]->id, "business-portrait");
    assert_string_equal(order[3]->id, "red-carpet");
    assert_string_equal(order[4]->id, "oil-portrait");
    assert_string_equal(order[5]->group->id, "casual");
    for (int i = 3; i < 7; i++)
        assert_ptr_not_equal(order[i]->group, order[i - 1]->group);
}

static void counts_only_styles_that_there_are(void **state)
{
    PGresult *rows = fake_rows(2, 2, (const char *[]){"knight", "12", "a-style-of-old", "99"});
    struct style_uses uses = style_uses_from_rows(shipped_styles(), rows);

    (void)state;
    assert_int_equal(uses.of[index_of("knight")], 12);
    for (int i = 0; i < STYLES_MAX; i++)
        assert_true(uses.of[i] == 0 || i == index_of("knight"));
    PQclear(rows);
}

/* Recommended */

static struct style_recommendation found[STYLES_MAX];

static int recommend(const struct style_taste *taste, const struct style_uses *uses, int max)
{
    return style_recommend(shipped_styles(), taste, uses, found, max);
}

static void gives_who_is_unknown_something_of_each_kind_and_says_so(void **state)
{
    struct style_taste taste = {0};
    struct style_uses uses = {{0}};

    (void)state;
    assert_false(style_taste_is_known(&taste));
    assert_int_equal(recommend(&taste, &uses, 7), 7);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(found[i].reason, STYLE_VARIETY);
        assert_null(found[i].because);
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(found[i].style->group, found[j].style->group);
    }
}

static void gives_who_is_unknown_what_others_make(void **state)
{
    struct style_taste taste = {0};
    struct style_uses uses = {{0}};

    (void)state;
    uses.of[index_of("dragon-rider")] = 5;
    assert_int_equal(recommend(&taste, &uses, 2), 2);
    assert_string_equal(found[0].style->id, "dragon-rider");
    assert_int_equal(found[0].reason, STYLE_POPULAR);
    assert_int_equal(found[1].reason, STYLE_VARIETY);
}

static struct style_taste cyberpunk_fan(void)
{
    struct style_taste taste = {0};

    taste.favorite[index_of("neon-street")] = true;
    taste.made[index_of("neon-street")] = 9;
    taste.made[index_of("hoverbike")] = 1;
    taste.liked[index_of("hoverbike")] = 1;
    return taste;
}

static void gives_a_fan_of_cyberpunk_more_of_it_and_says_why(void **state)
{
    struct style_taste taste = cyberpunk_fan();
    struct style_uses uses = {{0}};
    int count, cyberpunk = 0;

    (void)state;
    uses.of[index_of("lavender-field")] = 1000; /* what all others make does not matter before what one likes */
    count = recommend(&taste, &uses, 12);
    assert_int_equal(count, 12);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(found[i].style->group->id, "cyberpunk");
        assert_int_equal(found[i].reason, STYLE_LIKE_FAVORITE);
        assert_string_equal(found[i].because->id, "neon-street");
    }
    for (int i = 0; i < count; i++) {
        assert_string_not_equal(found[i].style->id, "neon-street");
        cyberpunk += strcmp(found[i].style->group->id, "cyberpunk") == 0;
    }
    assert_int_equal(cyberpunk, 4); /* and other things as well */
}

static void leaves_out_what_was_made_three_times_and_every_style_comes_once(void **state)
{
    struct style_taste taste = {0};
    struct style_uses uses = {{0}};
    int count;

    (void)state;
    taste.made[index_of("knight")] = 3;
    taste.made[index_of("royal-court")] = 2;
    count = recommend(&taste, &uses, STYLES_MAX);
    assert_int_equal(count, styles_count(shipped_styles()) - 1);
    for (int i = 0; i < count; i++) {
        assert_string_not_equal(found[i].style->id, "knight");
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(found[i].style, found[j].style);
    }
    assert_string_equal(found[0].style->group->id, "medieval");
    assert_int_equal(found[0].reason, STYLE_LIKE_MADE);
}

static void never_recommends_a_thing_because_of_itself(void **state)
{
    struct style_taste taste = {0};
    struct style_uses uses = {{0}};
    int count;

    (void)state;
    taste.made[index_of("space-colony")] = 1;
    count = recommend(&taste, &uses, STYLES_MAX);
    for (int i = 0; i < count; i++)
        assert_ptr_not_equal(found[i].because, found[i].style);
}

static void gives_nothing_when_everything_is_a_favourite(void **state)
{
    struct style_taste taste = {0};
    struct style_uses uses = {{0}};

    (void)state;
    for (int i = 0; i < styles_count(shipped_styles()); i++)
        taste.favorite[i] = true;
    assert_int_equal(recommend(&taste, &uses, 12), 0);
}

static void takes_tastes_from_rows(void **state)
{
    struct style_taste taste = {0};
    PGresult *favorites = fake_rows(2, 2, (const char *[]){"knight", "1", "01990000-0000-7000-8000-000000000001", "2"});
    PGresult *history = fake_rows(3, 2, (const char *[]){"hoverbike", "4", "1", "gone", "9", "9"});

    (void)state;
    style_taste_add_favorites(&taste, shipped_styles(), favorites);
    style_taste_add_history(&taste, shipped_styles(), history);
    assert_true(taste.favorite[index_of("knight")]);
    assert_int_equal(taste.made[index_of("hoverbike")], 4);
    assert_int_equal(taste.liked[index_of("hoverbike")], 1);
    assert_true(style_taste_is_known(&taste));
    PQclear(favorites);
    PQclear(history);
}

static void assert_words(const struct style_recommendation *r, enum lang lang, const char *expected)
{
    CLEANUP(buf_done) struct buf words = buf_make(1024);

    style_reason_write(r, lang, &words);
    assert_string_equal(words.bytes, expected);
}

static void says_why_in_both_languages(void **state)
{
    const struct style *neon = styles_find(shipped_styles(), "neon-street");
    struct style_recommendation r = {neon, STYLE_LIKE_FAVORITE, neon};

    (void)state;
    assert_words(&r, LANG_RU, "Похоже на «Неоновая улица» из избранного");
    assert_words(&r, LANG_EN, "Like “Neon street” among your favourites");
    assert_string_equal(style_reason_name(STYLE_VARIETY), "variety");
}

/* Results */

static void assert_rate(int64_t hits, int64_t of, double rate, double low, double high)
{
    struct style_rate r = style_rate_of(hits, of);

    assert_float_equal(r.rate, rate, 1e-4);
    assert_float_equal(r.low, low, 1e-4);
    assert_float_equal(r.high, high, 1e-4);
}

/* From tables of Wilson's score interval. */
static void knows_how_certain_a_rate_is(void **state)
{
    (void)state;
    assert_rate(0, 0, 0, 0, 1);
    assert_rate(0, 10, 0, 0, 0.2775);
    assert_rate(10, 10, 1, 0.7225, 1);
    assert_rate(5, 10, 0.5, 0.2366, 0.7634);
    assert_rate(81, 263, 0.30798, 0.25530, 0.36621);
    assert_rate(15, 148, 0.10135, 0.06239, 0.16051);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_the_most_used_first_and_then_something_of_each_group),
        cmocka_unit_test(counts_only_styles_that_there_are),
        cmocka_unit_test(gives_who_is_unknown_something_of_each_kind_and_says_so),
        cmocka_unit_test(gives_who_is_unknown_what_others_make),
        cmocka_unit_test(gives_a_fan_of_cyberpunk_more_of_it_and_says_why),
        cmocka_unit_test(leaves_out_what_was_made_three_times_and_every_style_comes_once),
        cmocka_unit_test(never_recommends_a_thing_because_of_itself),
        cmocka_unit_test(gives_nothing_when_everything_is_a_favourite),
        cmocka_unit_test(takes_tastes_from_rows),
        cmocka_unit_test(says_why_in_both_languages),
        cmocka_unit_test(knows_how_certain_a_rate_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
