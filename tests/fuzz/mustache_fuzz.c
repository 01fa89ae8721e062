/* A template, two partials, a text and JSON data, with lines of "---" between them: compiling, linking and rendering
   end, within their limits, with a page or with words about what is wrong, and every time with the same. */
#include "view/mustache.h"

#include <stdlib.h>
#include <string.h>

#include "support/json_view.h"
#include "json/json_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { PAGE_LIMIT = 64 * 1024, PIECES = 5 };

static const char *const NAMES[] = {"page", "a", "b"};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* As "t.one" it is one text, as "t.many" two forms. */
static bool find_text(const void *texts, struct text key, struct mustache_text *ret)
{
    if (text_equal(key, TEXT("one")))
        *ret = (struct mustache_text){.text = texts};
    else
        *ret = (struct mustache_text){.by = "count", .forms = {[MUSTACHE_ONE] = texts, [MUSTACHE_OTHER] = "{{count}}"}};
    return text_equal(key, TEXT("one")) || text_equal(key, TEXT("many"));
}

static enum mustache_plural plural(const void *texts, int64_t count)
{
    (void)texts;
    return count == 1 ? MUSTACHE_ONE : MUSTACHE_OTHER;
}

static void cut(struct text input, struct text *pieces)
{
    static const char BETWEEN[] = "\n---\n";

    for (int i = 0; i < PIECES; i++) {
        const char *end = i < PIECES - 1 && input.len ? memmem(input.at, input.len, BETWEEN, strlen(BETWEEN)) : NULL;
        pieces[i] = (struct text){input.at, end ? (size_t)(end - input.at) : input.len};
        input = end ? (struct text){end + strlen(BETWEEN), input.len - pieces[i].len - strlen(BETWEEN)} : TEXT("");
    }
}

static void render(const struct mustache_set *set, yajl_val data)
{
    const struct view_object root = {&json_view_type, &data};
    CLEANUP(buf_done) struct buf page = buf_make(PAGE_LIMIT), again = buf_make(PAGE_LIMIT);
    bool done = mustache_render(mustache_find(set, "page"), &root, 1, &page);

    must(page.len <= PAGE_LIMIT);
    must(mustache_render(mustache_find(set, "page"), &root, 1, &again) == done);
    must(page.len == again.len && (!page.len || memcmp(page.bytes, again.bytes, page.len) == 0));
}

static void compile(const struct text *pieces, const char *text, yajl_val data)
{
    static const struct view_type *const TYPES[] = {&json_view_type, NULL};
    const struct mustache_texts texts = {find_text, plural, text};
    struct mustache_set *set = mustache_open(&texts);
    struct err err = {0};
    bool done = true;

    for (int i = 0; done && i < 3; i++)
        done = mustache_add(set, NAMES[i], NAMES[i], pieces[i], &err);
    must(done || (err.kind == ERR_INVALID && strchr(err.detail, ':')));
    if (done && mustache_link(set, NULL, &err))
        render(set, data);
    if (done && mustache_link(set, TYPES, &err))
        render(set, data);
    mustache_close(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text pieces[PIECES];
    yajl_val data = NULL;
    struct err err;
    char text[200];

    cut((struct text){(const char *)bytes, len}, pieces);
    if (!text_copy(text, sizeof text, pieces[3]) || !json_parse(pieces[4], &data, &err))
        return 0;
    compile(pieces, text, data);
    yajl_tree_free(data);
    return 0;
}
