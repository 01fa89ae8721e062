#include "view/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/folder.h"

#define RU "templates/texts/ru.json"
#define EN "templates/texts/en.json"

static struct texts *open_pair(const char *ru, const char *en, struct err *reterr)
{
    char root[FOLDER_ROOM];
    struct texts *texts;

    folder_make(root);
    if (ru)
        folder_write(root, RU, ru);
    if (en)
        folder_write(root, EN, en);
    texts = texts_open(root, reterr);
    folder_remove(root);
    return texts;
}

static const char SOUND_RU[] = "{\"b.two\": \"два {{name}}\", \"a.one\": \"один\", \"a\": \"начало\", \"n\": {\"by\":"
                               " \"count\", \"one\": \"{{count}} кот\", \"few\": \"{{count}} кота\","
                               " \"many\": \"{{count}} котов\", \"other\": \"{{count}} кота\"}}";
static const char SOUND_EN[] = "{\"a\": \"start\", \"a.one\": \"one\", \"b.two\": \"{{ name }}'s two\", \"n\":"
                               " {\"by\": \"count\", \"one\": \"one cat\", \"other\": \"{{count}} cats\"}}";

static void finds_texts_in_both_languages(void **state)
{
    struct err err;
    struct texts *texts = open_pair(SOUND_RU, SOUND_EN, &err);

    (void)state;
    assert_non_null(texts);
    assert_string_equal(texts_get(texts, LANG_RU, "a.one"), "один");
    assert_string_equal(texts_get(texts, LANG_EN, "a.one"), "one");
    assert_string_equal(texts_get(texts, LANG_EN, "a"), "start");
    assert_true(texts_has(texts, "a"));
    for (size_t i = 0; i < 5; i++)
        assert_false(texts_has(texts, ((const char *[]){"", "a.", "a.on", "a.one.more", "z"})[i]));
    texts_close(texts);
}

static void says_of_texts_with_tags_or_forms_that_c_may_not_have_them(void **state)
{
    struct err err;
    struct texts *texts = open_pair(SOUND_RU, SOUND_EN, &err);

    (void)state;
    assert_false(texts_has(texts, "b.two"));
    assert_false(texts_has(texts, "n"));
    texts_close(texts);
}

static void gives_engines_the_texts_of_their_language(void **state)
{
    struct mustache_text text;
    struct mustache_texts ru, en;
    struct err err;
    struct texts *texts = open_pair(SOUND_RU, SOUND_EN, &err);

    (void)state;
    ru = texts_for(texts, LANG_RU);
    en = texts_for(texts, LANG_EN);
    assert_true(ru.find(ru.texts, TEXT("b.two"), &text));
    assert_string_equal(text.text, "два {{name}}");
    assert_true(en.find(en.texts, TEXT("n"), &text));
    assert_null(text.text);
    assert_string_equal(text.by, "count");
    assert_string_equal(text.forms[MUSTACHE_ONE], "one cat");
    assert_string_equal(text.forms[MUSTACHE_OTHER], "{{count}} cats");
    assert_null(text.forms[MUSTACHE_FEW]);
    assert_null(text.forms[MUSTACHE_MANY]);
    assert_false(en.find(en.texts, TEXT("n\0x"), &text));
    assert_false(en.find(en.texts, TEXT(""), &text));
    assert_int_equal(ru.plural(ru.texts, 22), MUSTACHE_FEW);
    assert_int_equal(en.plural(en.texts, 22), MUSTACHE_OTHER);
    texts_close(texts);
}

static void counts_as_each_language_does(void **state)
{
    static const struct {
        int64_t count;
        enum mustache_plural ru, en;
    } CASES[] = {
        {0, MUSTACHE_MANY, MUSTACHE_OTHER},    {1, MUSTACHE_ONE, MUSTACHE_ONE},
        {-1, MUSTACHE_ONE, MUSTACHE_ONE},      {2, MUSTACHE_FEW, MUSTACHE_OTHER},
        {4, MUSTACHE_FEW, MUSTACHE_OTHER},     {5, MUSTACHE_MANY, MUSTACHE_OTHER},
        {10, MUSTACHE_MANY, MUSTACHE_OTHER},   {11, MUSTACHE_MANY, MUSTACHE_OTHER},
        {12, MUSTACHE_MANY, MUSTACHE_OTHER},   {14, MUSTACHE_MANY, MUSTACHE_OTHER},
        {15, MUSTACHE_MANY, MUSTACHE_OTHER},   {21, MUSTACHE_ONE, MUSTACHE_OTHER},
        {22, MUSTACHE_FEW, MUSTACHE_OTHER},    {25, MUSTACHE_MANY, MUSTACHE_OTHER},
        {101, MUSTACHE_ONE, MUSTACHE_OTHER},   {111, MUSTACHE_MANY, MUSTACHE_OTHER},
        {112, MUSTACHE_MANY, MUSTACHE_OTHER},  {122, MUSTACHE_FEW, MUSTACHE_OTHER},
        {1000, MUSTACHE_MANY, MUSTACHE_OTHER}, {INT64_MIN, MUSTACHE_MANY, MUSTACHE_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(texts_plural(LANG_RU, CASES[i].count), CASES[i].ru);
        assert_int_equal(texts_plural(LANG_EN, CASES[i].count), CASES[i].en);
    }
}

#define FORMS_RU "\"one\": \"a\", \"few\": \"a\", \"many\": \"a\", \"other\": \"a\""
#define FORMS_EN "\"one\": \"a\", \"other\": \"a\""

static const struct broken {
    const char *ru, *en, *words;
} BROKEN[] = {
    {NULL, "{}", "cannot read "},
    {"{}", NULL, "templates/texts/en.json"},
    {"{", "{}", RU ": not JSON"},
    {"", "{}", RU ": "},
    {"[]", "{}", RU ": is not an object"},
    {"{\"a\": \"x\"}", "{}", EN ": a: is missing"},
    {"{}", "{\"a\": \"x\"}", RU ": a: is missing"},
    {"{\"a\": \"x\", \"a\": \"y\"}", "{\"a\": \"x\"}", RU ": a: stands there twice"},
    {"{\"A\": \"x\"}", "{\"A\": \"x\"}", RU ": A: a key has small letters"},
    {"{\"\": \"x\"}", "{\"\": \"x\"}", "a key has small letters"},
    {"{\"a-b\": \"x\"}", "{\"a-b\": \"x\"}", RU ": a-b: a key has small letters"},
    {"{\"a\": 1}", "{\"a\": \"x\"}", RU ": a: is not text"},
    {"{\"a\": [\"x\"]}", "{\"a\": \"x\"}", RU ": a: is not text"},
    {"{\"a\": \"\"}", "{\"a\": \"x\"}", RU ": a: is empty"},
    {"{\"a\": \"x\"}", "{\"a\": \"<b>x\"}", EN ": a: has < & or"},
    {"{\"a\": \"x\"}", "{\"a\": \"x&nbsp;y\"}", EN ": a: has < & or"},
    {"{\"a\": \"x\"}", "{\"a\": \"\\\"x\\\"\"}", EN ": a: has < & or"},
    {"{\"a\": \"x\\ny\"}", "{\"a\": \"x\"}", RU ": a: has a line break"},
    {"{\"a\": \"\xff\"}", "{\"a\": \"x\"}", RU ": "},
    {"{\"a\": \"{{x\"}", "{\"a\": \"x\"}", RU ": a: has a tag that is not {{name}}"},
    {"{\"a\": \"{{}}\"}", "{\"a\": \"x\"}", RU ": a: has a tag that is not {{name}}"},
    {"{\"a\": \"{{{x}}}\"}", "{\"a\": \"x\"}", RU ": a: has a tag that is not {{name}}"},
    {"{\"a\": \"{{#x}}y{{/x}}\"}", "{\"a\": \"x\"}", RU ": a: has a tag that is not {{name}}"},
    {"{\"a\": \"{{>x}}\"}", "{\"a\": \"x\"}", RU ": a: has a tag that is not {{name}}"},
    {"{\"a\": \"{{t.b}}\"}", "{\"a\": \"x\"}", RU ": a: names another text"},
    {"{\"a\": \"{{x}} {{y}}\"}", "{\"a\": \"{{x}}\"}", EN ": a: does not name {{y}} as " RU " does"},
    {"{\"a\": \"x\"}", "{\"a\": \"{{x}}\"}", RU ": a: does not name {{x}} as " EN " does"},
    {"{\"a\": {" FORMS_RU "}}", "{\"a\": \"x\"}", RU ": a: does not say by which number"},
    {"{\"a\": {\"by\": \"n\"," FORMS_EN "}}", "{\"a\": \"{{n}}\"}", RU ": a: the form \"few\" is missing"},
    {"{\"a\": {\"by\": \"n\"," FORMS_RU "}}", "{\"a\": {\"by\": \"n\"," FORMS_RU "}}",
     EN ": a: \"few\" is no form of this language"},
    {"{\"a\": {\"by\": \"n\", \"two\": \"x\"," FORMS_RU "}}", "{\"a\": \"{{n}}\"}", RU ": a: \"two\" is no form"},
    {"{\"a\": {\"by\": \"n\"," FORMS_RU "}}", "{\"a\": {\"by\": \"m\"," FORMS_EN "}}", EN ": a: does not name {{n}}"},
    {"{\"a\": {\"by\": \"n\"," FORMS_RU "}}", "{\"a\": {\"by\": \"n\", \"one\": \"a\", \"other\": \"<\"}}",
     EN ": a: has < & or"},
};

static void names_file_and_key_of_a_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
        struct err err = {0};
        assert_null(open_pair(BROKEN[i].ru, BROKEN[i].en, &err));
        assert_string_equal(err.code, "texts");
        if (!strstr(err.detail, BROKEN[i].words))
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.detail, BROKEN[i].words);
    }
}

static void counts_all_faults_at_once(void **state)
{
    struct err err;

    (void)state;
    assert_null(open_pair("{\"a\": \"\", \"b\": 1, \"c\": \"x\"}", "{\"a\": \"x\", \"b\": \"<\"}", &err));
    assert_non_null(strstr(err.detail, RU ": a: is empty (4 faults"));
}

static void refuses_a_file_that_is_too_large(void **state)
{
    char *large = malloc(300 * 1024);
    struct err err;

    (void)state;
    assert_non_null(large);
    memset(large, ' ', 300 * 1024);
    memcpy(large, "{}", 2);
    large[300 * 1024 - 1] = '\0';
    assert_null(open_pair(large, "{}", &err));
    assert_non_null(strstr(err.detail, "File too large"));
    free(large);
}

static void the_texts_of_the_house_are_sound(void **state)
{
    const char *root = getenv("AISHA_ROOT");
    struct err err = {0};
    struct texts *texts = texts_open(root ? root : ".", &err);

    (void)state;
    assert_string_equal(err.detail, "");
    texts_close(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_texts_in_both_languages),
        cmocka_unit_test(says_of_texts_with_tags_or_forms_that_c_may_not_have_them),
        cmocka_unit_test(gives_engines_the_texts_of_their_language),
        cmocka_unit_test(counts_as_each_language_does),
        cmocka_unit_test(names_file_and_key_of_a_fault),
        cmocka_unit_test(counts_all_faults_at_once),
        cmocka_unit_test(refuses_a_file_that_is_too_large),
        cmocka_unit_test(the_texts_of_the_house_are_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
