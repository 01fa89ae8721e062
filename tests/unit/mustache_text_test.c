/* {{t.key}}: texts stand in the template as if they had been written there, plural forms are chosen by the number. */
#include "view/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct page {
    int64_t count;
    const char *many, *name;
    struct view_items pages;
};

static const struct view_type PAGE;
static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct page, count),
    VIEW_FIELD(VIEW_STRING, struct page, many),
    VIEW_FIELD(VIEW_STRING, struct page, name),
    VIEW_FIELD(VIEW_ITEMS, struct page, pages, .type = &PAGE),
    {0},
};
static const struct view_type PAGE = VIEW_TYPE(struct page, FIELDS);

static bool find_text(const void *texts, struct text key, struct mustache_text *ret)
{
    assert_string_equal(texts, "catalogue");
    if (text_equal(key, TEXT("hello")))
        *ret = (struct mustache_text){.text = "Hello <b>{{name}}</b>{{#name}}!{{/name}}"};
    else if (text_equal(key, TEXT("outer")))
        *ret = (struct mustache_text){.text = "({{t.hello}})"};
    else if (text_equal(key, TEXT("images.found")))
        *ret = (struct mustache_text){.by = "count",
                                      .forms = {[MUSTACHE_ONE] = "{{count}} картинка",
                                                [MUSTACHE_FEW] = "{{count}} картинки",
                                                [MUSTACHE_MANY] = "{{count}} картинок {{t.hello}}",
                                                [MUSTACHE_OTHER] = "other"}};
    else if (text_equal(key, TEXT("two")))
        *ret = (struct mustache_text){.by = "many", .forms = {[MUSTACHE_ONE] = "one", [MUSTACHE_OTHER] = "more"}};
    else
        return false;
    return true;
}

static enum mustache_plural plural(const void *texts, int64_t count)
{
    assert_string_equal(texts, "catalogue");
    return count == 1 ? MUSTACHE_ONE : count >= 2 && count <= 4 ? MUSTACHE_FEW : MUSTACHE_MANY;
}

static void shows(const struct page *page, const char *template, const char *expected)
{
    const struct mustache_texts texts = {find_text, plural, "catalogue"};
    CLEANUP(buf_done) struct buf out = buf_make(1000);
    struct mustache_set *set = mustache_open(&texts);
    struct err err;

    if (!mustache_add(set, "page", "page.mustache", text_of(template), &err) ||
        !mustache_add(set, "part", "part.mustache", TEXT("{{t.hello}}\n"), &err) ||
        !mustache_link(set, (const struct view_type *const[]){&PAGE, NULL}, &err))
        fail_msg("%s", err.detail);
    assert_true(mustache_render(mustache_find(set, "page"), &(struct view_object){&PAGE, page}, 1, &out));
    assert_string_equal(out.bytes, expected);
    mustache_close(set);
}

static void puts_texts_where_their_tags_are(void **state)
{
    const struct page page = {.name = "A&B"};

    (void)state;
    shows(&page, "<p>{{t.hello}}</p>", "<p>Hello <b>A&amp;B</b>!</p>");
    shows(&page, "{{{t.hello}}}{{&t.hello}}{{ t.hello }}",
          "Hello <b>A&amp;B</b>!Hello <b>A&amp;B</b>!Hello <b>A&amp;B</b>!");
    shows(&page, "{{t.outer}}", "(Hello <b>A&amp;B</b>!)");
    shows(&page, "{{=<% %>=}}<%t.hello%> <%name%>", "Hello <b>A&amp;B</b>! A&amp;B");
    shows(&page, "{{#name}}{{t.hello}}{{/name}}{{^name}}{{t.outer}}{{/name}}", "Hello <b>A&amp;B</b>!");
    shows(&page, "a\n  {{>part}}\n{{t.hello}}\nb", "a\n  Hello <b>A&amp;B</b>!\nHello <b>A&amp;B</b>!\nb");
}

static void chooses_the_form_by_the_number(void **state)
{
    static const char TEMPLATE[] = "[{{t.images.found}}]";

    (void)state;
    shows(&(struct page){.count = 1}, TEMPLATE, "[1 картинка]");
    shows(&(struct page){.count = 3}, TEMPLATE, "[3 картинки]");
    shows(&(struct page){.count = 50, .name = "N"}, TEMPLATE, "[50 картинок Hello <b>N</b>!]");
    shows(&(struct page){.count = -1}, TEMPLATE, "[-1 картинок Hello <b></b>]");
}

static void takes_numbers_that_are_texts_and_the_last_form_for_want_of_one(void **state)
{
    (void)state;
    shows(&(struct page){.many = "1"}, "{{t.two}}", "one");
    shows(&(struct page){.many = "3"}, "{{t.two}}", "more");
    shows(&(struct page){.many = "none"}, "{{t.two}}", "more");
    shows(&(struct page){.many = NULL}, "{{t.two}}", "more");
}

static void counts_with_the_innermost_number(void **state)
{
    const struct page pages[] = {{.count = 1}, {.count = 2}};

    (void)state;
    shows(&(struct page){.count = 9, .pages = {pages, 2}}, "{{#pages}}{{t.images.found}};{{/pages}}",
          "1 картинка;2 картинки;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_texts_where_their_tags_are),
        cmocka_unit_test(chooses_the_form_by_the_number),
        cmocka_unit_test(takes_numbers_that_are_texts_and_the_last_form_for_want_of_one),
        cmocka_unit_test(counts_with_the_innermost_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
