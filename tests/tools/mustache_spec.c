/* mustache-spec FILE.json…: runs specification files in the form that Mustache implementations share,

       {"tests": [{"name": …, "desc": …, "data": …, "template": …, "partials": {…}, "expected": …}]}

   and prints every test that fails. Tests that need lambdas are skipped: pages have none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/json_view.h"
#include "view/mustache.h"
#include "json/json_in.h"

enum { FILE_LIMIT = 64 * 1024 * 1024, PAGE_LIMIT = 1024 * 1024 };

static int passed, failed, skipped;

static void print_quoted(const char *label, const char *text)
{
    printf("    %-8s \"", label);
    for (; text && *text; text++)
        switch (*text) {
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        case '\t': fputs("\\t", stdout); break;
        default: putchar(*text);
        }
    puts("\"");
}

static bool add_partials(struct mustache_set *set, yajl_val partials, struct err *reterr)
{
    for (size_t i = 0; YAJL_IS_OBJECT(partials) && i < YAJL_GET_OBJECT(partials)->len; i++) {
        const char *name = YAJL_GET_OBJECT(partials)->keys[i];
        const char *source = YAJL_GET_STRING(YAJL_GET_OBJECT(partials)->values[i]);
        if (!mustache_add(set, name, name, text_of(source ? source : ""), reterr))
            return false;
    }
    return true;
}

static bool render(yajl_val test, struct buf *out, struct err *reterr)
{
    static const char NAME[] = "the template"; /* no tag can have this name */
    struct mustache_set *set = mustache_open(NULL);
    yajl_val data = json_get(test, "data");
    bool done = mustache_add(set, NAME, NAME, text_of(json_get_text(test, "template")), reterr) &&
                add_partials(set, json_get(test, "partials"), reterr) && mustache_link(set, NULL, reterr);

    if (done && !mustache_render(mustache_find(set, NAME), &(struct view_object){&json_view_type, &data}, 1, out))
        done = err_set(reterr, ERR_INVALID, "template", "it does not end, or has no room");
    mustache_close(set);
    return done;
}

static bool has_lambda(yajl_val value)
{
    const char *tag = json_get_text(value, "__tag__");

    if (tag && strcmp(tag, "code") == 0)
        return true;
    for (size_t i = 0; YAJL_IS_OBJECT(value) && i < YAJL_GET_OBJECT(value)->len; i++)
        if (has_lambda(YAJL_GET_OBJECT(value)->values[i]))
            return true;
    return false;
}

static void run(const char *file, yajl_val test)
{
    CLEANUP(buf_done) struct buf out = buf_make(PAGE_LIMIT);
    const char *expected = json_get_text(test, "expected"), *source = json_get_text(test, "template");
    struct err err = {0};
    bool done;

    if (has_lambda(json_get(test, "data"))) {
        skipped++;
        return;
    }
    done = expected && source && render(test, &out, &err);
    if (done && strcmp(expected, out.bytes ? out.bytes : "") == 0) {
        passed++;
        return;
    }
    failed++;
    printf("%s: %s\n", file, json_get_text(test, "name") ? json_get_text(test, "name") : "(a test without a name)");
    print_quoted("template", source);
    print_quoted("expected", expected);
    print_quoted(done ? "got" : "fault", done ? out.bytes : err.detail);
}

static bool run_file(const char *file)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(FILE_LIMIT);
    struct err err = {0};
    yajl_val root = NULL, tests;
    bool has_tests;

    if (!file_read(NULL, file, &bytes, &err) || !json_parse((struct text){bytes.bytes, bytes.len}, &root, &err)) {
        fprintf(stderr, "mustache-spec: %s: %s %s\n", file, err.code, err.detail);
        return false;
    }
    tests = json_get(root, "tests");
    for (size_t i = 0; YAJL_IS_ARRAY(tests) && i < YAJL_GET_ARRAY(tests)->len; i++)
        run(file, YAJL_GET_ARRAY(tests)->values[i]);
    has_tests = YAJL_IS_ARRAY(tests) && YAJL_GET_ARRAY(tests)->len > 0;
    if (!has_tests)
        fprintf(stderr, "mustache-spec: %s has no tests\n", file);
    yajl_tree_free(root);
    return has_tests;
}

int main(int argc, char **argv)
{
    bool readable = argc > 1;

    for (int i = 1; i < argc; i++)
        readable &= run_file(argv[i]);
    if (skipped)
        printf("%d skipped\n", skipped);
    printf("%d passed, %d failed\n", passed, failed);
    return readable && !failed ? 0 : 1;
}
