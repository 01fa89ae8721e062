/* What a template sees of C data: every kind of field, contexts, and the limits of a rendering. What the specification
   says of tags is tested in tests/view. */
#include "view/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct inner {
    const char *name;
    int64_t number;
};

struct item {
    char id[8];
    struct view_items words; /* const char * */
};

struct page {
    struct text text;
    char chars[16];
    const char *string;
    int64_t number;
    bool flag;
    struct inner inner;
    const struct inner *pointer;
    struct view_items items;
    struct view_items texts;
    const char *name;
};

static size_t three(const void *owner)
{
    (void)owner;
    return 3;
}

static void make_inner(const void *owner, size_t index, void *item)
{
    struct inner *inner = item;

    assert_null(inner->name); /* zeroed each time */
    inner->name = ((const struct page *)owner)->string;
    inner->number = (int64_t)index * 10;
}

static struct text shout(const void *owner, char *room)
{
    int len = snprintf(room, VIEW_TEXT_ROOM, "%s!", ((const struct page *)owner)->string);

    return (struct text){room, (size_t)len};
}

static const struct view_field INNER_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct inner, name), VIEW_FIELD(VIEW_INT64, struct inner, number), {0}};
static const struct view_type INNER = VIEW_TYPE(struct inner, INNER_FIELDS);

static const struct view_field ITEM_FIELDS[] = {
    VIEW_FIELD(VIEW_CHARS, struct item, id),
    VIEW_FIELD(VIEW_ITEMS, struct item, words, .type = &view_string_type),
    {0},
};
static const struct view_type ITEM = VIEW_TYPE(struct item, ITEM_FIELDS);

static const struct view_field PAGE_FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct page, text),
    VIEW_FIELD(VIEW_CHARS, struct page, chars),
    VIEW_FIELD(VIEW_STRING, struct page, string),
    VIEW_FIELD(VIEW_INT64, struct page, number),
    VIEW_FIELD(VIEW_BOOL, struct page, flag),
    VIEW_FIELD(VIEW_STRUCT, struct page, inner, .type = &INNER),
    VIEW_FIELD(VIEW_POINTER, struct page, pointer, .type = &INNER),
    VIEW_FIELD(VIEW_ITEMS, struct page, items, .type = &ITEM),
    VIEW_FIELD(VIEW_ITEMS, struct page, texts, .type = &view_text_type),
    VIEW_FIELD_EACH("each", &INNER, three, make_inner),
    VIEW_FIELD_COMPUTED("shout", shout),
    VIEW_FIELD(VIEW_STRING, struct page, name),
    {0},
};
static const struct view_type PAGE = VIEW_TYPE(struct page, PAGE_FIELDS);
static const struct view_type *const TYPES[] = {&PAGE, NULL};

static const struct page FULL = {
    .text = {"<text>!", 6},
    .chars = "'chars'",
    .string = "a & b",
    .number = INT64_MIN,
    .flag = true,
    .inner = {"inner", 1},
    .pointer = &(const struct inner){"pointed", 2},
    .items = {(const struct item[]){{"one", {(const char *const[]){"x", NULL, "z"}, 3}}, {"two", {NULL, 0}}}, 2},
    .texts = {(const struct text[]){{"first!", 5}, {"<2>", 3}}, 2},
    .name = "page",
};
static const struct page EMPTY;

/* Renders with fields found by the set's table, and again with fields found by their names. */
static void shows(const struct page *page, const char *template, const char *expected)
{
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf out = buf_make(10000);
        struct mustache_set *set = mustache_open(NULL);
        struct err err;
        if (!mustache_add(set, "page", "page.mustache", text_of(template), &err) ||
            !mustache_link(set, i ? NULL : TYPES, &err))
            fail_msg("%s", err.detail);
        assert_true(mustache_render(mustache_find(set, "page"), &(struct view_object){&PAGE, page}, 1, &out));
        assert_string_equal(out.bytes ? out.bytes : "", expected);
        mustache_close(set);
    }
}

static void shows_every_kind_of_field(void **state)
{
    (void)state;
    shows(&FULL, "{{text}} {{{text}}}", "&lt;text&gt; <text>");
    shows(&FULL, "{{chars}} {{&chars}}", "&#39;chars&#39; 'chars'");
    shows(&FULL, "{{string}} {{number}} {{flag}}", "a &amp; b -9223372036854775808 true");
    shows(&FULL, "{{inner.name}} {{inner.number}} {{pointer.name}} {{pointer.number}}", "inner 1 pointed 2");
    shows(&FULL, "{{#items}}<{{id}}{{#words}} {{.}}{{/words}}>{{/items}}", "<one x  z><two>");
    shows(&FULL, "{{#texts}}[{{.}}]{{/texts}}", "[first][&lt;2&gt;]");
    shows(&FULL, "{{#each}}{{number}}{{name}};{{/each}}", "0a &amp; b;10a &amp; b;20a &amp; b;");
    shows(&FULL, "{{shout}}{{{shout}}}", "a &amp; b!a & b!");
    shows(&FULL, "{{inner}}{{items}}{{.}}", "");
}

static void knows_what_is_false(void **state)
{
    (void)state;
    shows(&EMPTY, "{{#text}}1{{/text}}{{#chars}}2{{/chars}}{{#string}}3{{/string}}{{#flag}}4{{/flag}}", "");
    shows(&EMPTY, "{{#pointer}}1{{/pointer}}{{#items}}2{{/items}}{{pointer.name}}", "");
    shows(&EMPTY,
          "{{^text}}1{{/text}}{{^pointer}}2{{/pointer}}{{^items}}3{{/items}}{{^pointer.name}}4{{/pointer.name}}",
          "1234");
    shows(&EMPTY, "{{#number}}zero is {{number}}{{/number}}{{#inner}}, a struct is there{{/inner}}{{flag}}",
          "zero is 0, a struct is therefalse");
    shows(&FULL,
          "{{#text}}1{{/text}}{{#chars}}2{{/chars}}{{#string}}3{{/string}}{{#flag}}4{{/flag}}{{#shout}}5{{/shout}}",
          "12345");
}

static void puts_what_a_section_is_about_on_top(void **state)
{
    (void)state;
    shows(&FULL, "{{#inner}}{{name}}{{#pointer}} {{name}}{{string}}{{/pointer}} {{name}}{{/inner}} {{name}}",
          "inner pointeda &amp; b inner page");
    shows(&FULL, "{{#shout}}{{.}}{{#flag}}{{/flag}}{{.}}{{/shout}}", "a &amp; b!a &amp; b!");
    shows(&FULL, "{{#each}}{{#each}}{{number}} {{/each}}{{number}};{{/each}}", "0 10 20 0;0 10 20 10;0 10 20 20;");
}

static void looks_through_the_roots_from_the_last(void **state)
{
    const struct inner frame = {"frame", 7}, body = {"body", 8};
    const struct view_object roots[] = {{&PAGE, &FULL}, {&INNER, &frame}, {&INNER, &body}};
    CLEANUP(buf_done) struct buf out = buf_make(1000);
    struct mustache_set *set = mustache_open(NULL);
    struct err err;

    (void)state;
    assert_true(mustache_add(set, "a", "a", TEXT("{{name}} {{number}} {{string}} {{.}}"), &err));
    assert_true(mustache_link(set, TYPES, &err));
    assert_true(mustache_render(mustache_find(set, "a"), roots, 3, &out));
    assert_true(mustache_render(mustache_find(set, "a"), roots, 2, &out));
    assert_true(mustache_render(mustache_find(set, "a"), roots, 0, &out));
    assert_string_equal(out.bytes, "body 8 a &amp; b frame 7 a &amp; b    ");
    assert_null(mustache_find(set, "b"));
    mustache_close(set);
}

/* The page "a" of these two templates, in a buffer of so many bytes. */
static bool renders(const char *a, const char *b, size_t limit, size_t *len)
{
    CLEANUP(buf_done) struct buf out = buf_make(limit);
    struct mustache_set *set = mustache_open(NULL);
    struct err err;
    bool done;

    if (!mustache_add(set, "a", "a", text_of(a), &err) || !mustache_add(set, "b", "b", text_of(b), &err) ||
        !mustache_link(set, TYPES, &err))
        fail_msg("%s", err.detail);
    done = mustache_render(mustache_find(set, "a"), &(struct view_object){&PAGE, &FULL}, 1, &out);
    *len = out.len;
    mustache_close(set);
    return done;
}

static void says_when_the_page_is_too_long(void **state)
{
    size_t len;

    (void)state;
    for (size_t limit = 0; limit < 40; limit++) {
        assert_int_equal(renders("<{{text}}>{{number}}", "", limit, &len), limit >= 2 + 12 + 20);
        assert_true(len <= limit);
        assert_int_equal(renders("  {{>b}}\n", "1\n  2\n{{text}}\n", limit, &len), limit >= 4 + 6 + 15);
        assert_true(len <= limit);
    }
}

static void ends_what_calls_itself_without_end(void **state)
{
    size_t len;

    (void)state;
    assert_false(renders("{{>a}}", "", 1000, &len));
    assert_false(renders("{{>b}}", "{{>a}}{{>a}}", 1000, &len)); /* would be 2^32 calls */
    assert_false(renders("{{>b}}x", "{{<a}}{{$x}}{{/x}}{{/a}}", 1000, &len));
    assert_false(renders("{{#each}}{{>b}}{{/each}}", "{{#each}}{{>a}}{{/each}}", 1000, &len));
    assert_false(renders("  {{>a}}\n", "", 1000, &len));
    assert_int_equal(len, 0);
}

/* 40 templates, each of which calls the next one twice. */
static void ends_what_would_take_for_ever(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(1000);
    struct mustache_set *set = mustache_open(NULL);
    struct err err;

    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[16], source[60];
        (void)snprintf(name, sizeof name, "p%d", i);
        (void)snprintf(source, sizeof source, "{{>p%d}}{{>p%d}}", i + 1, i + 1);
        assert_true(mustache_add(set, name, name, text_of(source), &err));
    }
    assert_true(mustache_link(set, NULL, &err));
    assert_false(mustache_render(mustache_find(set, "p0"), NULL, 0, &out));
    assert_true(mustache_render(mustache_find(set, "p30"), NULL, 0, &out));
    mustache_close(set);
}

static void goes_as_deep_as_it_says(void **state)
{
    char deep[20 * MUSTACHE_MAX_DEPTH] = "", *at = deep;
    size_t len;

    (void)state;
    for (int i = 0; i < MUSTACHE_MAX_DEPTH; i++)
        at += snprintf(at, sizeof deep - (size_t)(at - deep), "{{#flag}}");
    at += snprintf(at, sizeof deep - (size_t)(at - deep), "x");
    for (int i = 0; i < MUSTACHE_MAX_DEPTH; i++)
        at += snprintf(at, sizeof deep - (size_t)(at - deep), "{{/flag}}");
    assert_true(renders(deep, "", 1000, &len));
    assert_int_equal(len, 1);
    assert_false(renders("{{>b}}", deep, 1000, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_every_kind_of_field),           cmocka_unit_test(knows_what_is_false),
        cmocka_unit_test(puts_what_a_section_is_about_on_top), cmocka_unit_test(looks_through_the_roots_from_the_last),
        cmocka_unit_test(says_when_the_page_is_too_long),      cmocka_unit_test(ends_what_calls_itself_without_end),
        cmocka_unit_test(ends_what_would_take_for_ever),       cmocka_unit_test(goes_as_deep_as_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
