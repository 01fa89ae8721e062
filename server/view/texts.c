#include "view/texts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "view/texts_inside.h"

enum { LANGS = 2, MAX_FILE = 256 * 1024 };

struct texts {
    struct texts_file files[LANGS];
    struct view {
        const struct texts *texts;
        enum lang lang;
    } views[LANGS]; /* what an engine gets */
};

/* CLDR */

static enum mustache_plural plural_ru(uint64_t n)
{
    if (n % 10 == 1 && n % 100 != 11)
        return MUSTACHE_ONE;
    if (n % 10 >= 2 && n % 10 <= 4 && !(n % 100 >= 12 && n % 100 <= 14))
        return MUSTACHE_FEW;
    return MUSTACHE_MANY;
}

enum mustache_plural texts_plural(enum lang lang, int64_t count)
{
    uint64_t n = count < 0 ? -(uint64_t)count : (uint64_t)count;

    if (lang == LANG_RU)
        return plural_ru(n);
    return n == 1 ? MUSTACHE_ONE : MUSTACHE_OTHER;
}

/* Start */

static bool read_one(const char *root, enum lang lang, struct texts_file *ret, struct texts_faults *faults)
{
    CLEANUP(buf_done) struct buf buf = buf_make(MAX_FILE);
    struct err err;

    ret->lang = lang;
    ret->name = lang == LANG_RU ? "templates/texts/ru.json" : "templates/texts/en.json";
    if (!file_read(root, ret->name, &buf, &err) || !json_parse((struct text){buf.bytes, buf.len}, &ret->tree, &err))
        return texts_fault(faults, ret, NULL, err.detail);
    return texts_file_read(ret, faults);
}

struct texts *texts_open(const char *root, struct err *reterr)
{
    struct texts_faults faults = {0};
    struct texts *texts = calloc(1, sizeof *texts);
    bool all_read = true;

    if (!texts)
        abort();
    for (int i = 0; i < LANGS; i++) {
        texts->views[i].texts = texts;
        texts->views[i].lang = (enum lang)i;
        all_read &= read_one(root, (enum lang)i, &texts->files[i], &faults);
    }
    if (all_read)
        texts_files_compare(&texts->files[LANG_RU], &texts->files[LANG_EN], &faults);
    if (!faults.count)
        return texts;
    texts_close(texts);
    (void)texts_faults_err(&faults, reterr);
    return NULL;
}

void texts_close(struct texts *texts)
{
    if (!texts)
        return;
    for (int i = 0; i < LANGS; i++) {
        free(texts->files[i].entries);
        yajl_tree_free(texts->files[i].tree);
    }
    free(texts);
}

/* Use */

static bool find_text(const void *of, struct text key, struct mustache_text *ret)
{
    const struct view *view = of;
    const struct texts_entry *entry = texts_file_find(&view->texts->files[view->lang], key);

    if (entry)
        *ret = entry->text;
    return entry != NULL;
}

static enum mustache_plural plural_of(const void *of, int64_t count)
{
    const struct view *view = of;

    return texts_plural(view->lang, count);
}

struct mustache_texts texts_for(const struct texts *texts, enum lang lang)
{
    return (struct mustache_texts){.find = find_text, .plural = plural_of, .texts = &texts->views[lang]};
}

/* NULL: none, or one that only a template can say. */
static const char *plain_text(const struct texts *texts, enum lang lang, const char *key)
{
    const struct texts_entry *entry = texts_file_find(&texts->files[lang], text_of(key));

    return entry && entry->text.text && !strstr(entry->text.text, "{{") ? entry->text.text : NULL;
}

const char *texts_get(const struct texts *texts, enum lang lang, const char *key)
{
    const char *text = plain_text(texts, lang, key);

    assert(text && "no such text, or one with tags or forms");
    return text;
}

bool texts_has(const struct texts *texts, const char *key)
{
    return plain_text(texts, LANG_RU, key) && plain_text(texts, LANG_EN, key);
}
