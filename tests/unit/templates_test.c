#include "view/templates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/folder.h"

struct cat {
    const char *name;
    int64_t count;
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct cat, name), VIEW_FIELD(VIEW_INT64, struct cat, count), {0}};
static const struct view_type TYPE = VIEW_TYPE(struct cat, FIELDS);
static const struct view_type *const TYPES[] = {&TYPE, NULL};

/* The folder of each test, with its two catalogues. */
static struct house {
    char root[FOLDER_ROOM];
    struct texts *texts;
    struct templates *templates;
    struct err err;
} house;

static int set_up(void **state)
{
    (void)state;
    house = (struct house){0};
    folder_make(house.root);
    folder_write(house.root, "templates/texts/ru.json",
                 "{\"hi\": \"Привет, {{name}}\", \"n\": {\"by\": \"count\", \"one\": \"{{count}} раз\","
                 " \"few\": \"{{count}} раза\", \"many\": \"{{count}} раз\", \"other\": \"{{count}} раза\"}}");
    folder_write(house.root, "templates/texts/en.json",
                 "{\"hi\": \"Hello {{name}}\", \"n\": {\"by\": \"count\", \"one\": \"once\","
                 " \"other\": \"{{count}} times\"}}");
    house.texts = texts_open(house.root, &house.err);
    assert_non_null(house.texts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    templates_close(house.templates);
    texts_close(house.texts);
    folder_remove(house.root);
    return 0;
}

static void put(const char *path, const char *content) { folder_write(house.root, path, content); }

static bool open_all(void)
{
    house.templates = templates_open(house.root, house.texts, TYPES, &house.err);
    return house.templates != NULL;
}

static void assert_fault(const char *words)
{
    assert_false(open_all());
    if (!strstr(house.err.detail, words))
        fail_msg("\"%s\" does not say \"%s\"", house.err.detail, words);
}

static void assert_page(enum lang lang, const char *name, const struct cat *cat, const char *expected)
{
    CLEANUP(buf_done) struct buf out = buf_make(1000);
    const struct mustache *template = templates_find(house.templates, lang, name);

    assert_non_null(template);
    assert_true(mustache_render(template, &(struct view_object){&TYPE, cat}, 1, &out));
    assert_string_equal(out.bytes, expected);
}

static void finds_templates_in_folders_and_says_them_in_both_languages(void **state)
{
    (void)state;
    put("templates/page.mustache", "<p>{{>part/hi}}, {{t.n}}</p>");
    put("templates/part/hi.mustache", "{{t.hi}}");
    put("templates/a/b/deep.mustache", "{{name}}");
    assert_true(open_all());
    assert_page(LANG_RU, "page", &(struct cat){"Мурка", 3}, "<p>Привет, Мурка, 3 раза</p>");
    assert_page(LANG_EN, "page", &(struct cat){"<Tom>", 1}, "<p>Hello &lt;Tom&gt;, once</p>");
    assert_page(LANG_EN, "a/b/deep", &(struct cat){"x", 1}, "x");
}

static void passes_over_what_is_no_template(void **state)
{
    (void)state;
    put("templates/page.mustache", "x");
    put("templates/page.mustache~", "{{#broken}}");
    put("templates/.page.mustache", "{{#broken}}");
    put("templates/.git/page.mustache", "{{#broken}}");
    put("templates/notes.txt", "{{#broken}}");
    assert_true(open_all());
    assert_null(templates_find(house.templates, LANG_RU, "notes"));
    assert_null(templates_find(house.templates, LANG_RU, ".page"));
    assert_null(templates_find(house.templates, LANG_RU, "page.mustache"));
}

static void names_file_and_line_of_a_fault(void **state)
{
    (void)state;
    put("templates/part/bad.mustache", "one\n{{#name}}\n");
    assert_fault("templates/part/bad.mustache:2");
}

static void names_file_and_line_of_a_name_that_nothing_has(void **state)
{
    (void)state;
    put("templates/page.mustache", "{{name}}\n\n{{nmae}}\n");
    assert_fault("templates/page.mustache:3");
}

static void names_file_and_line_of_a_partial_that_is_missing(void **state)
{
    (void)state;
    put("templates/page.mustache", "\n{{>part/none}}\n");
    assert_fault("templates/page.mustache:2");
}

static void names_file_and_line_of_a_text_that_is_missing(void **state)
{
    (void)state;
    put("templates/page.mustache", "\n\n\n{{t.none}}\n");
    assert_fault("templates/page.mustache:4");
}

static void refuses_a_folder_that_is_missing(void **state)
{
    (void)state;
    folder_remove(house.root);
    assert_fault("templates: No such file");
}

static void refuses_folders_that_are_too_deep(void **state)
{
    (void)state;
    put("templates/1/2/3/4/page.mustache", "x");
    assert_fault("deeper than");
}

static void refuses_too_many_templates(void **state)
{
    char path[64];

    (void)state;
    for (int i = 0; i < 501; i++) {
        (void)snprintf(path, sizeof path, "templates/p%d.mustache", i);
        put(path, "x");
    }
    assert_fault("more than 500 templates");
}

static void refuses_a_template_that_is_too_large(void **state)
{
    char *large = malloc(65 * 1024 + 1);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 65 * 1024);
    large[65 * 1024] = '\0';
    put("templates/large.mustache", large);
    free(large);
    assert_fault("templates/large.mustache: File too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_templates_in_folders_and_says_them_in_both_languages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(passes_over_what_is_no_template, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_file_and_line_of_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_file_and_line_of_a_name_that_nothing_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_file_and_line_of_a_partial_that_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_file_and_line_of_a_text_that_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_folder_that_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_folders_that_are_too_deep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_too_many_templates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_template_that_is_too_large, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
