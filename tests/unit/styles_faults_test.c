/* Files of styles with a fault in them: refused at start, in words with file and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/altered_styles.h"

static const struct broken {
    const char *file, *from, *to;
    const char *words; /* what the error must say beside the file */
} BROKEN[] = {
    {"categories.json", NULL, "{", "json_malformed"},
    {"categories.json", NULL, NULL, "cannot be opened"},
    {"categories.json", "\"emoji\": \"🎭\", ", "", "categories[0].emoji: required"},
    {"categories.json", "\"ru\": \"Портреты\", ", "", "categories[0].title.ru: required"},
    {"categories.json", "\"id\": \"glamour\"", "\"id\": \"business\"", "\"business\": stands twice"},
    {"categories.json", "\"id\": \"glamour\"", "\"id\": \"lifestyle\"", "\"lifestyle\": stands twice"},
    {"categories.json", "\"id\": \"glamour\"", "\"id\": \"own\"", "users' own"},
    {"categories.json", "\"id\": \"glamour\"", "\"id\": \"Glamour\"", "a-z"},
    {"categories.json", "\"id\": \"portrait\"", "\"id\": \"../portrait\"", "../portrait"},
    {"categories.json", "\"id\": \"portrait\"", "\"id\": \"faces\"", "faces.json: cannot be opened"},
    {"categories.json", "\"id\": \"suit\"", "\"id\": \"office\"", "tag \"office\": stands twice"},
    {"categories.json", "\"id\": \"suit\"", "\"id\": \"suits\"", "\"suit\": no such tag"},
    {"categories.json", "\"groups\": [",
     "\"groups\": [{\"id\": \"x\", \"emoji\": \"x\", \"title\": {\"ru\": \"х\", \"en\": \"x\"}},",
     "group \"x\": has no styles"},
    {"portrait.json", NULL, NULL, "cannot be opened"},
    {"portrait.json", NULL, "{\"category\": \"portrait\", \"styles\": []}", "not_an_array"},
    {"portrait.json", "\"category\": \"portrait\"", "\"category\": \"fantasy\"", "another's file"},
    {"portrait.json", "\"quick\": true, ", "", "styles[0].quick: required"},
    {"portrait.json", "\"quick\": true", "\"quick\": \"yes\"", "styles[0].quick: not_a_boolean"},
    {"portrait.json", "\"quick\": true", "\"quik\": true", "unknown_field quik"},
    {"portrait.json", "\"ru\": \"Деловой портрет\", ", "", "styles[0].title.ru: required"},
    {"portrait.json", "\"en\": \"Business portrait\"", "\"en\": \"\"", "styles[0].title.en: empty"},
    {"portrait.json", "\"id\": \"boardroom\"", "\"id\": \"business-portrait\"", "\"business-portrait\": stands twice"},
    {"portrait.json", "\"id\": \"boardroom\"", "\"id\": \"popular\"", "is an address"},
    {"portrait.json", "\"id\": \"boardroom\"", "\"id\": \"Board Room\"", "a-z"},
    {"portrait.json", "\"id\": \"boardroom\"", "\"id\": \"01990000-0000-7000-8000-000000000001\"", "no UUID"},
    {"lifestyle.json", "\"id\": \"street-style\"", "\"id\": \"knight\"", "\"knight\": stands twice"},
    {"portrait.json", "\"group\": \"business\"", "\"group\": \"casual\"", "\"casual\": no such group in this category"},
    {"portrait.json", "\"preset\": \"portrait\"", "\"preset\": \"sharp\"", "\"sharp\": no such preset"},
    {"portrait.json", "\"preset\": \"portrait\"", "\"preset\": \"ultra\"", "portraits cannot use"},
    {"portrait.json", "\"tags\": [\"office\"", "\"tags\": [\"bureau\"", "\"bureau\": no such tag"},
    {"portrait.json", "\"tags\": [\"office\", \"suit\"", "\"tags\": [\"suit\", \"suit\"", "styles[0].tags: bad_item"},
    {"portrait.json", "\"name\": \"backdrop\"", "\"name\": \"subject\"", "follows the avatar"},
    {"portrait.json", "\"name\": \"backdrop\"", "\"name\": \"Back\"", "a name has a-z"},
    {"portrait.json", "\"name\": \"backdrop\"", "\"name\": \"scene\"", "\"backdrop\": no such placeholder"},
    {"portrait.json", "\"value\": \"office\"", "\"value\": \"grey\"", "\"grey\": stands twice"},
    {"portrait.json", "\"prompt\": \"a plain light grey studio background\"", "\"prompt\": \"a {colour} background\"",
     "no placeholder"},
    {"portrait.json", "into the camera, {backdrop}, soft", "into the camera, soft", "does not use"},
    {"portrait.json", "into the camera, {backdrop}, soft", "into the camera, {backdrop, soft", "brace"},
    {"portrait.json", "into the camera, {backdrop}, soft", "into the camera, {backdrp}, soft",
     "\"backdrp\": no such placeholder"},
    {"portrait.json", "{subject} wearing {outfit}, professional", "{subject}, professional", "\"outfit\": is given"},
    {"portrait.json", "bust portrait of a business", "bust portrait of a {subject}",
     "\"subject\": no such placeholder"},
    {"portrait.json", "bust portrait of a business", "bust portrait in {outfit}", "\"outfit\": no such placeholder"},
    {"portrait.json", "\"name\": \"warm\"", "\"name\": \"classic\"", "\"classic\": stands twice"},
    {"portrait.json", "\"weight\": 1", "\"weight\": 0", "styles[0].variants[0].weight: out_of_range"},
    {"portrait.json", "\"tags\": [\"office\", \"suit\", \"city\"],",
     "\"tags\": [\"office\", \"suit\", \"city\"], \"variants\": [{\"name\": \"a\", \"weight\": 1, \"prompts\": {"
     "\"person\": \"{subject}\", \"style\": \"x\"}}],",
     "either prompts or variants"},
    {"fantasy.json", "\"other\": \"an embroidered velvet robe and a golden circlet\"", "\"othr\": \"x\"",
     "prompts.outfit"},
    {"fantasy.json", "\"style\": \"a forest elf", "\"stile\": \"a forest elf", "unknown_field stile"},
};

static void refuses_data_with_a_fault_and_says_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++) {
        const struct broken *b = &BROKEN[i];
        struct err err = {0};
        struct styles *styles = altered_styles_open(b->file, b->from, b->to, &err);
        if (styles || err.kind != ERR_INTERNAL || strcmp(err.code, "data_file") != 0 || !strstr(err.detail, b->words))
            fail_msg("%s with %s: %s", b->file, b->to ? b->to : "nothing", styles ? "was taken" : err.detail);
        if (!strstr(err.detail, ".json"))
            fail_msg("names no file: %s", err.detail);
    }
}

static void refuses_a_prompt_that_can_become_too_long(void **state)
{
    struct err err = {0};
    char text[1200] = "a {backdrop} ";

    (void)state;
    memset(text + strlen(text), 'x', 715);
    assert_null(altered_styles_open("portrait.json", "into the camera, {backdrop}, soft", text, &err));
    assert_non_null(strstr(err.detail, "business-portrait"));
}

static void takes_other_styles_than_the_shipped_ones(void **state)
{
    struct err err = {0};
    struct styles *styles = altered_styles_open("portrait.json", "\"id\": \"boardroom\"", "\"id\": \"board-2\"", &err);

    (void)state;
    assert_non_null(styles);
    assert_non_null(styles_find(styles, "board-2"));
    assert_null(styles_find(styles, "boardroom"));
    styles_close(styles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_data_with_a_fault_and_says_where_it_is),
        cmocka_unit_test(refuses_a_prompt_that_can_become_too_long),
        cmocka_unit_test(takes_other_styles_than_the_shipped_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
