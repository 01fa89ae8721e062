/* Every fault of a template is named with its file and line when it is compiled or linked. */
#include "view/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct tile {
    const char *name, *size;
};
struct page {
    struct view_items tiles;
    struct tile first;
    const char *title;
};

static const struct view_field TILE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct tile, name), VIEW_FIELD(VIEW_STRING, struct tile, size), {0}};
static const struct view_type TILE = VIEW_TYPE(struct tile, TILE_FIELDS);
static const struct view_field PAGE_FIELDS[] = {
    VIEW_FIELD(VIEW_ITEMS, struct page, tiles, .type = &TILE),
    VIEW_FIELD(VIEW_STRUCT, struct page, first, .type = &TILE),
    VIEW_FIELD(VIEW_STRING, struct page, title),
    {0},
};
static const struct view_type PAGE = VIEW_TYPE(struct page, PAGE_FIELDS);
static const struct view_type *const TYPES[] = {&PAGE, NULL};

static bool find_text(const void *texts, struct text key, struct mustache_text *ret)
{
    static const struct {
        const char *key;
        struct mustache_text text;
    } TEXTS[] = {
        {"good", {.text = "<b>{{title}}</b>"}},
        {"open", {.text = "{{#title}}x"}},
        {"stray", {.text = "{{/title}}"}},
        {"itself", {.text = "{{t.itself}}"}},
        {"name", {.text = "{{nobody}}"}},
        {"by", {.by = "nobody", .forms = {[MUSTACHE_OTHER] = "x"}}},
        {"neither", {.text = NULL}},
        {"forms", {.by = "title"}},
        {"form", {.by = "title", .forms = {[MUSTACHE_ONE] = "x", [MUSTACHE_OTHER] = "a\n{{"}}},
    };

    (void)texts;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        if (text_equal(key, text_of(TEXTS[i].key))) {
            *ret = TEXTS[i].text;
            return true;
        }
    return false;
}

static enum mustache_plural plural(const void *texts, int64_t count)
{
    (void)texts;
    (void)count;
    return MUSTACHE_OTHER;
}

static const struct mustache_texts WITH_TEXTS = {find_text, plural, NULL};

/* The fault of this template, "" when there is none. */
static const char *fault_of(struct text source)
{
    static struct err err;
    struct mustache_set *set = mustache_open(&WITH_TEXTS);
    bool done =
        mustache_add(set, "other", "other", TEXT("{{$block}}{{/block}}"), &err) &&
        mustache_add(set, "middle", "middle", TEXT("{{<other}}{{$block}}{{$own}}{{/own}}{{/block}}{{/other}}"), &err) &&
        mustache_add(set, "page", "x.mustache", source, &err) && mustache_link(set, TYPES, &err);

    if (!done) {
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err.code, "template");
    }
    mustache_close(set);
    return done ? "" : err.detail;
}

static void has_fault(const char *source, const char *what)
{
    const char *said = fault_of(text_of(source));

    if (strncmp(said, "x.mustache:", 11) != 0 || !strstr(said, what))
        fail_msg("%s: \"%s\" is not about \"%s\"", source, said, what);
}

static void names_what_is_not_closed(void **state)
{
    (void)state;
    has_fault("1\n2\n{{#tiles}}\n4\n", "x.mustache:3: the section {{#tiles}} is not closed");
    has_fault("\n{{^tiles}}{{#first}}{{/first}}", ":2: the section {{^tiles}} is not closed");
    has_fault("{{$main}}", ":1: the block {{$main}} is not closed");
    has_fault("{{! one\n two }}{{<other}}", ":2: the parent {{<other}} is not closed");
    has_fault("{{#tiles}}\n{{#first}}\n{{/tiles}}\n", ":2: the section {{#first}} is closed by {{/tiles}}");
    has_fault("a\n{{/tiles}}", ":2: {{/tiles}} closes nothing");
    has_fault("{{<*title}}{{/title}}", "is closed by {{/title}}");
    has_fault("a\n\nb {{title", ":3: a tag is not closed");
    has_fault("{{{title}}", ":1: a tag is not closed");
    has_fault("{{=<% %>}}", ":1: a tag is not closed");
    has_fault("{{", ":1: a tag is not closed");
}

static void names_tags_that_are_wrong(void **state)
{
    (void)state;
    has_fault("{{}}", "a tag without a name");
    has_fault("{{#  }}", "a tag without a name");
    has_fault("{{>*}}", "a tag without a name");
    has_fault("{{ti tle}}", "blanks in it");
    has_fault("{{ #title}}", "begin with a sign");
    has_fault("{{.title}}", "empty part");
    has_fault("{{first.}}", "empty part");
    has_fault("{{first..name}}", "empty part");
    has_fault("{{=a=}}", "delimiters");
    has_fault("{{=a b c=}}", "delimiters");
    has_fault("{{== ==}}", "delimiters");
    has_fault("{{=0123456789abcdef }}=}}", "delimiters");
    has_fault("{{a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q}}", "too many parts");
}

static void knows_every_name(void **state)
{
    (void)state;
    assert_string_equal(
        fault_of(TEXT("{{#tiles}}{{name}}{{.}}{{title}}{{/tiles}}{{first.name}}{{#first.size}}{{/first.size}}"
                      "{{>*title}}{{t.good}}{{<other}}{{$block}}{{/block}}{{/other}}{{tiles.name}}")),
        "");
    has_fault("{{title}}\n{{titel}}", "x.mustache:2: nothing that a page shows has the name titel");
    has_fault("{{#tile}}{{/tile}}", "has the name tile");
    has_fault("{{^tile}}{{/tile}}", "has the name tile");
    has_fault("{{first.title}}", "has the name first.title"); /* title is no field of a tile */
    has_fault("{{title.name}}", "has the name title.name");   /* a text has no fields */
    has_fault("{{>*kind}}", "has the name kind");
    has_fault("{{<other}}{{$block}}\n\n{{nobody}}{{/block}}{{/other}}",
              ":3: nothing that a page shows has the name nobody");
    has_fault("{{>part}}", ":1: there is no template part");
    has_fault("\n{{<part}}{{/part}}", ":2: there is no template part");
}

static void knows_every_block(void **state)
{
    (void)state;
    assert_string_equal(
        fault_of(TEXT("{{<middle}}{{$block}}{{/block}}{{$own}}{{/own}}{{/middle}}{{<*title}}{{$any}}{{/any}}"
                      "{{/*title}}{{<page}}{{$any}}{{/any}}{{/page}}")),
        "");
    has_fault("{{<other}}\n{{$blok}}{{/blok}}{{/other}}", "x.mustache:2: other has no block blok");
    has_fault("{{<middle}}{{$block}}{{/block}}\n\n{{$title}}{{/title}}{{/middle}}", ":3: middle has no block title");
}

static void names_the_text_that_is_wrong(void **state)
{
    (void)state;
    has_fault("a\n{{t.nothing}}", "x.mustache:2: there is no text nothing");
    has_fault("a\n{{t.open}}", ":2: in the text open: the section {{#title}} is not closed");
    has_fault("{{#title}}{{t.stray}}{{/title}}", ":1: in the text stray: {{/title}} closes nothing");
    has_fault("{{t.itself}}", ":1: in the text itself: there are too many texts, or too many in each other");
    has_fault("a\nb\n{{t.name}}", ":3: nothing that a page shows has the name nobody");
    has_fault("a\n{{t.by}}", ":2: nothing that a page shows has the name nobody");
    has_fault("{{t.neither}}", ":1: a text is neither one text nor forms by a number");
    has_fault("{{t.forms}}", ":1: a text has no forms");
    has_fault("\n\n{{t.form}}", ":3: in the text form: a tag is not closed");
}

static void has_its_limits(void **state)
{
    enum { ROOM = 2 * 1024 * 1024 };
    char *source = malloc(ROOM), *at = source;

    (void)state;
    assert_non_null(source);
    memset(source, 'x', 256 * 1024 + 1);
    assert_string_equal(fault_of((struct text){source, 256 * 1024}), "");
    assert_non_null(strstr(fault_of((struct text){source, 256 * 1024 + 1}), "longer than"));
    for (int i = 0; i <= MUSTACHE_MAX_DEPTH; i++)
        at += snprintf(at, 20, "{{#title}}");
    has_fault(source, "sections are nested too deeply");
    at = source;
    for (int i = 0; i < 5000; i++)
        at += snprintf(at, 20, "{{n%d}}", i);
    has_fault(source, "too many different names");
    memset(source, 'x', 400);
    (void)snprintf(source, 3, "{{");
    source[2] = 'x';
    (void)snprintf(source + 400, 3, "}}");
    has_fault(source, "a name is too long");
    free(source);
}

static void has_one_template_of_a_name(void **state)
{
    struct mustache_set *set = mustache_open(NULL);
    struct err err;

    (void)state;
    assert_true(mustache_add(set, "a", "one.mustache", TEXT("1"), &err));
    assert_false(mustache_add(set, "a", "two.mustache", TEXT("2"), &err));
    assert_string_equal(err.detail, "two.mustache:1: there is a template a already");
    assert_false(mustache_add(set, "b", "b.mustache", TEXT("{{"), &err));
    assert_null(mustache_find(set, "b"));
    assert_true(mustache_add(set, "b", "b.mustache", TEXT("{{>c}}{{x}}"), &err));
    assert_true(mustache_link(set, NULL, &err)); /* without types nothing has to be there */
    mustache_close(set);
    mustache_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_is_not_closed),
        cmocka_unit_test(names_tags_that_are_wrong),
        cmocka_unit_test(knows_every_name),
        cmocka_unit_test(knows_every_block),
        cmocka_unit_test(names_the_text_that_is_wrong),
        cmocka_unit_test(has_its_limits),
        cmocka_unit_test(has_one_template_of_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
