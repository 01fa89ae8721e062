/* The shipped styles: that there are enough of each kind, and that every prompt they can give is fit to be sent. */
#include "styles/styles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "moderation/moderation.h"
#include "styles/style_words.h"
#include "support/altered_catalog.h"
#include "support/altered_styles.h"

static const char *const GENDERS[] = {"male", "female", "other"};

/* The data */

static void has_the_categories_and_groups_that_the_product_names(void **state)
{
    static const struct {
        const char *category, *emoji, *title, *groups[3][3];
    } NAMED[] = {
        {"portrait",
         "🎭",
         "Портреты",
         {{"business", "🏢", "Деловой"}, {"glamour", "🌟", "Гламурный"}, {"artistic", "🎨", "Художественный"}}},
        {"lifestyle", "🌟", "Образ жизни", {{"casual", "👕", "Повседневный"}, {"outdoor", "🌅", "На природе"}}},
        {"fantasy",
         "🧙‍♀️",
         "Фэнтези",
         {{"medieval", "🏰", "Средневековье"}, {"cyberpunk", "🤖", "Киберпанк"}}},
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct style_category *category = styles_category_at(shipped_styles(), i);
        assert_string_equal(category->id, NAMED[i].category);
        assert_string_equal(category->emoji, NAMED[i].emoji);
        assert_string_equal(category->title.ru, NAMED[i].title);
        assert_ptr_equal(styles_category(shipped_styles(), NAMED[i].category), category);
        for (int j = 0; j < category->groups.count; j++) {
            const struct style_group *group = &category->groups.at[j];
            assert_string_equal(group->id, NAMED[i].groups[j][0]);
            assert_string_equal(group->emoji, NAMED[i].groups[j][1]);
            assert_string_equal(group->title.ru, NAMED[i].groups[j][2]);
            assert_ptr_equal(group->category, category);
            assert_ptr_equal(styles_group(shipped_styles(), group->id), group);
        }
    }
    assert_null(styles_category_at(shipped_styles(), 3));
    assert_int_equal(styles_category_at(shipped_styles(), 0)->groups.count, 3);
    assert_int_equal(styles_category_at(shipped_styles(), 1)->groups.count, 2);
    assert_int_equal(styles_category_at(shipped_styles(), 2)->groups.count, 2);
}

static void has_at_least_five_styles_in_each_group_and_a_quick_look_in_each(void **state)
{
    const struct style *style;
    int quick[16] = {0};

    (void)state;
    for (int i = 0; (style = styles_at(shipped_styles(), i)); i++) {
        const struct style_category *category = style->group->category;
        if (style->quick)
            quick[(category - styles_category_at(shipped_styles(), 0)) * 4 + (style->group - category->groups.at)]++;
        assert_int_equal(style->index, i);
        assert_ptr_equal(styles_find(shipped_styles(), style->id), style);
        assert_in_range(style->tags.count, 2, STYLE_TAGS_MAX);
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < styles_category_at(shipped_styles(), i)->groups.count; j++) {
            const char *group = styles_category_at(shipped_styles(), i)->groups.at[j].id;
            assert_in_range(styles_count_in(shipped_styles(), group), 5, 50);
            assert_in_range(quick[i * 4 + j], 1, 50);
        }
    assert_int_equal(styles_count_in(shipped_styles(), ""), styles_count(shipped_styles()));
    assert_null(styles_find(shipped_styles(), "no-such-style"));
    assert_null(styles_at(shipped_styles(), styles_count(shipped_styles())));
    assert_null(styles_at(shipped_styles(), -1));
}

static bool has_cyrillic(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text == 0xd0 || (unsigned char)*text == 0xd1)
            return true;
    return false;
}

static void check_words(const struct words *words)
{
    assert_true(has_cyrillic(words->ru));
    assert_false(has_cyrillic(words->en));
}

static void has_titles_in_russian_and_english(void **state)
{
    const struct style *style;
    const struct style_tag *tag;

    (void)state;
    for (int i = 0; (style = styles_at(shipped_styles(), i)); i++) {
        check_words(&style->title);
        check_words(&style->description);
        for (int j = 0; j < style->choices.count; j++) {
            check_words(&style->choices.at[j].title);
            for (int k = 0; k < style->choices.at[j].options.count; k++)
                check_words(&style->choices.at[j].options.at[k].title);
        }
    }
    for (int i = 0; (tag = styles_tag_at(shipped_styles(), i)); i++)
        check_words(&tag->title);
}

/* Prompts */

static struct moderation *moderation;
static int prompts_seen;

static void check_prompt(const struct style *style, const struct style_variant *variant,
                         const struct style_chosen *chosen, struct style_wearer wearer)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(8 * STYLE_PROMPT_MAX);
    struct moderation_verdict verdict;
    struct faults faults = {0};
    struct text made;

    assert_true(style_prompt_write(style, variant, &wearer, chosen, &prompt, &faults));
    made = (struct text){prompt.bytes, prompt.len};
    assert_in_range(text_code_points(made), 20, STYLE_PROMPT_MAX);
    assert_null(strpbrk(prompt.bytes, "{}"));
    assert_null(strstr(prompt.bytes, "  "));
    assert_null(strstr(prompt.bytes, " ,"));
    if (!moderation_passes(moderation, made, &verdict))
        fail_msg("%s: \"%.*s\" is %s in: %s", style->id, (int)verdict.found.len, verdict.found.at, verdict.category,
                 prompt.bytes);
    prompts_seen++;
}

static void check_wearers(const struct style *style, const struct style_variant *variant,
                          const struct style_chosen *chosen)
{
    for (int g = 0; g < 3; g++) {
        check_prompt(style, variant, chosen, (struct style_wearer){AVATAR_PORTRAIT, GENDERS[g]});
        check_prompt(style, variant, chosen, (struct style_wearer){AVATAR_STYLE, GENDERS[g]});
    }
}

/* Every combination of options, from the choice at depth on. */
static void check_choices(const struct style *style, const struct style_variant *variant, struct style_chosen chosen,
                          int depth)
{
    if (depth == style->choices.count) {
        check_wearers(style, variant, &chosen);
        return;
    }
    chosen.count = depth + 1;
    (void)snprintf(chosen.at[depth].name, sizeof chosen.at[depth].name, "%s", style->choices.at[depth].name);
    for (int i = 0; i < style->choices.at[depth].options.count; i++) {
        (void)snprintf(chosen.at[depth].value, sizeof chosen.at[depth].value, "%s",
                       style->choices.at[depth].options.at[i].value);
        check_choices(style, variant, chosen, depth + 1);
    }
}

static void gives_fit_prompts_for_every_choice_variant_gender_and_kind_of_avatar(void **state)
{
    const struct style *style;
    struct err err = {0};

    (void)state;
    moderation = moderation_open(altered_catalog_root(), &err);
    assert_non_null(moderation);
    for (int i = 0; (style = styles_at(shipped_styles(), i)); i++)
        for (int v = 0; v < style->variants.count; v++)
            check_choices(style, &style->variants.at[v], (struct style_chosen){0}, 0);
    moderation_close(moderation);
    assert_in_range(prompts_seen, 6 * 42, 100000);
}

static struct text shown_words(const struct style *style, enum lang lang)
{
    return text_of(words_in(&style->description, lang));
}

static void has_titles_and_descriptions_that_pass_as_prompts_do(void **state)
{
    const struct style *style;
    struct moderation_verdict verdict;
    struct err err = {0};
    struct moderation *words = moderation_open(altered_catalog_root(), &err);

    (void)state;
    assert_non_null(words);
    for (int i = 0; (style = styles_at(shipped_styles(), i)); i++)
        for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
            assert_true(moderation_passes(words, text_of(words_in(&style->title, (enum lang)lang)), &verdict));
            assert_true(moderation_passes(words, shown_words(style, (enum lang)lang), &verdict));
        }
    moderation_close(words);
}

static void assert_prompt(const char *id, const char *variant, struct style_wearer wearer, const char *choices,
                          const char *part, bool has)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(8 * STYLE_PROMPT_MAX);
    const struct style *style = styles_find(shipped_styles(), id);
    struct style_chosen chosen;
    struct faults faults = {0};

    assert_true(style_chosen_parse(choices, &chosen, "choices", &faults));
    assert_true(style_prompt_write(style, style_variant_named(style, variant), &wearer, &chosen, &prompt, &faults));
    if ((strstr(prompt.bytes, part) != NULL) != has)
        fail_msg("%s %s \"%s\": %s", id, has ? "lacks" : "has", part, prompt.bytes);
}

static void fits_itself_to_the_avatar(void **state)
{
    struct style_wearer man = {AVATAR_PORTRAIT, "male"}, woman = {AVATAR_PORTRAIT, "female"},
                        other = {AVATAR_PORTRAIT, "other"}, style = {AVATAR_STYLE, "female"};

    (void)state;
    assert_prompt("business-portrait", "classic", man, "", "man wearing a tailored charcoal suit", true);
    assert_prompt("business-portrait", "classic", woman, "", "woman wearing a tailored charcoal blazer", true);
    assert_prompt("business-portrait", "classic", other, "", "person wearing a tailored charcoal jacket", true);
    assert_prompt("business-portrait", "classic", style, "", "woman", false);
    assert_prompt("business-portrait", "classic", style, "", "bust portrait of a business person", true);
    assert_prompt("city-executive", "", man, "", "his coat", true);
    assert_prompt("city-executive", "", woman, "", "her coat", true);
    assert_prompt("city-executive", "", other, "", "their coat", true);
    assert_prompt("royal-court", "", man, "", "man as a king wearing", true);
    assert_prompt("royal-court", "", woman, "", "woman as a queen wearing", true);
    assert_prompt("royal-court", "", other, "", "king", false);
    assert_prompt("royal-court", "", (struct style_wearer){AVATAR_PORTRAIT, NULL}, "", "person wearing", true);
}

static void puts_in_what_was_chosen_and_else_the_first_option(void **state)
{
    struct style_wearer woman = {AVATAR_PORTRAIT, "female"}, style = {AVATAR_STYLE, "other"};

    (void)state;
    assert_prompt("seaside-sunset", "golden", woman, "", "on a wide sandy beach", true);
    assert_prompt("seaside-sunset", "golden", woman, "place:pier", "on an old wooden pier", true);
    assert_prompt("seaside-sunset", "golden", woman, "place:pier", "beach", false);
    assert_prompt("seaside-sunset", "afterglow", style, " place : cliffs ", "rocky cliff path", true);
}

static void assert_refused(const char *id, const struct style_chosen *chosen, const char *field, const char *code,
                           const char *what)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(8 * STYLE_PROMPT_MAX);
    const struct style *style = styles_find(shipped_styles(), id);
    struct style_wearer wearer = {AVATAR_PORTRAIT, "male"};
    struct faults faults = {0};

    assert_false(style_prompt_write(style, &style->variants.at[0], &wearer, chosen, &prompt, &faults));
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, field);
    assert_string_equal(faults.items[0].code, code);
    assert_string_equal(faults.items[0].what, what);
    assert_int_equal(prompt.len, 0);
}

static void refuses_choices_that_the_style_does_not_have(void **state)
{
    (void)state;
    assert_refused("seaside-sunset", &(struct style_chosen){1, {{"place", "moon"}}}, "choices.place", "not_one_of",
                   "beach, cliffs, pier");
    assert_refused("seaside-sunset", &(struct style_chosen){1, {{"colour", "red"}}}, "choices", "unknown_choice",
                   "colour");
    assert_refused("boardroom", &(struct style_chosen){1, {{"place", "beach"}}}, "choices", "unknown_choice", "place");
    assert_refused("boardroom", &(struct style_chosen){1, {{"subject", "cat"}}}, "choices", "unknown_choice",
                   "subject");
}

static void reads_choices_from_a_query_string(void **state)
{
    struct style_chosen chosen;
    struct faults faults = {0};

    (void)state;
    assert_true(style_chosen_parse("", &chosen, "choices", &faults));
    assert_int_equal(chosen.count, 0);
    assert_true(style_chosen_parse("place:beach,light:soft", &chosen, "choices", &faults));
    assert_int_equal(chosen.count, 2);
    assert_string_equal(style_chosen_value(&chosen, "light"), "soft");
    assert_null(style_chosen_value(&chosen, "colour"));
    assert_false(style_chosen_parse("place:beach,place:pier", &chosen, "choices", &faults));
    assert_string_equal(faults.items[0].field, "choices.place");
    assert_string_equal(faults.items[0].code, "repeated");
    faults.count = 0;
    assert_false(style_chosen_parse("a:1,b:2,c:3,d:4,e:5", &chosen, "choices", &faults));
    assert_string_equal(faults.items[0].code, "too_many_items");
    faults.count = 0;
    assert_false(style_chosen_parse(",", &chosen, "choices", &faults));
    assert_string_equal(faults.items[0].code, "unknown_choice");
    faults.count = 0;
    assert_false(style_chosen_parse("place:a-value-that-is-much-too-long", &chosen, "choices", &faults));
    assert_string_equal(faults.items[0].code, "too_long");
}

static void assert_own(const char *own, struct style_wearer wearer, const char *expected)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(8 * STYLE_PROMPT_MAX);

    assert_true(style_own_prompt_write(text_of(own), &wearer, &prompt));
    assert_string_equal(prompt.bytes, expected);
}

static void fills_subject_and_their_into_own_prompts_and_leaves_other_braces(void **state)
{
    struct style_wearer woman = {AVATAR_PORTRAIT, "female"}, style = {AVATAR_STYLE, "female"};

    (void)state;
    assert_own("{subject} with {their} cat", woman, "woman with her cat");
    assert_own("{subject} with {their} cat", style, "person with their cat");
    assert_own("{place} {outfit} { {} {subject {Subject} }}", woman, "{place} {outfit} { {} {subject {Subject} }}");
    assert_own("кошка на окне", woman, "кошка на окне");
}

/* Variants */

static struct uuid user_number(int n)
{
    struct uuid user;

    (void)snprintf(user.text, sizeof user.text, "01990000-0000-7000-8000-%012x", (unsigned)n);
    return user;
}

static void gives_each_user_always_the_same_variant(void **state)
{
    const struct style *style = styles_find(shipped_styles(), "fashion-cover");
    struct err err = {0};
    struct styles *again = altered_styles_open("fantasy.json", "Рыцарь", "Витязь", &err);

    (void)state;
    assert_non_null(again);
    for (int i = 0; i < 200; i++) {
        const struct style_variant *variant = style_variant(style, user_number(i));
        assert_ptr_equal(style_variant(style, user_number(i)), variant);
        assert_string_equal(style_variant(styles_find(again, style->id), user_number(i))->name, variant->name);
    }
    styles_close(again);
}

static int count_of(const struct style *style, int variant, int users)
{
    int count = 0;

    for (int i = 0; i < users; i++)
        count += style_variant(style, user_number(i)) == &style->variants.at[variant];
    return count;
}

/* Four standard deviations of 10,000 draws are 173 at a quarter and 200 at a half. */
static void spreads_variants_over_users_by_their_weights(void **state)
{
    const struct style *uneven = styles_find(shipped_styles(), "fashion-cover"),
                       *even = styles_find(shipped_styles(), "business-portrait"),
                       *other = styles_find(shipped_styles(), "knight");
    int together = 0;

    (void)state;
    assert_int_equal(uneven->variants.at[0].weight, 3);
    assert_int_equal(uneven->variants.at[1].weight, 1);
    assert_in_range(count_of(uneven, 1, 10000), 2500 - 173, 2500 + 173);
    assert_in_range(count_of(even, 0, 10000), 5000 - 200, 5000 + 200);
    for (int i = 0; i < 10000; i++) /* what one gets of one style says nothing of another */
        together += style_variant(even, user_number(i)) == &even->variants.at[0] &&
                    style_variant(other, user_number(i)) == &other->variants.at[0];
    assert_in_range(together, 2500 - 173, 2500 + 173);
}

static void has_one_nameless_variant_where_nothing_is_compared(void **state)
{
    const struct style *style = styles_find(shipped_styles(), "boardroom");

    (void)state;
    assert_int_equal(style->variants.count, 1);
    assert_string_equal(style_variant(style, user_number(1))->name, "");
    assert_null(style_variant_named(style, "classic"));
    assert_non_null(style_variant_named(styles_find(shipped_styles(), "business-portrait"), "classic"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_categories_and_groups_that_the_product_names),
        cmocka_unit_test(has_at_least_five_styles_in_each_group_and_a_quick_look_in_each),
        cmocka_unit_test(has_titles_in_russian_and_english),
        cmocka_unit_test(gives_fit_prompts_for_every_choice_variant_gender_and_kind_of_avatar),
        cmocka_unit_test(has_titles_and_descriptions_that_pass_as_prompts_do),
        cmocka_unit_test(fits_itself_to_the_avatar),
        cmocka_unit_test(puts_in_what_was_chosen_and_else_the_first_option),
        cmocka_unit_test(refuses_choices_that_the_style_does_not_have),
        cmocka_unit_test(reads_choices_from_a_query_string),
        cmocka_unit_test(fills_subject_and_their_into_own_prompts_and_leaves_other_braces),
        cmocka_unit_test(gives_each_user_always_the_same_variant),
        cmocka_unit_test(spreads_variants_over_users_by_their_weights),
        cmocka_unit_test(has_one_nameless_variant_where_nothing_is_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
