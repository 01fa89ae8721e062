#include "view/templates.h"

#include <stdlib.h>

#include "base/file.h"
#include "view/template_files.h"

enum { LANGS = 2, MAX_FILE = 64 * 1024 };

struct templates {
    struct mustache_set *sets[LANGS];
};

/* Once for each language: texts are compiled in. */
static bool add_file(struct templates *templates, const char *root, const struct template_file *file,
                     struct err *reterr)
{
    CLEANUP(buf_done) struct buf source = buf_make(MAX_FILE);

    if (!file_read(root, file->path, &source, reterr))
        return false;
    for (int i = 0; i < LANGS; i++)
        if (!mustache_add(templates->sets[i], file->name, file->path, (struct text){source.bytes, source.len}, reterr))
            return false;
    return true;
}

static bool add_all(struct templates *templates, const char *root, struct err *reterr)
{
    struct template_files *files = template_files_open(root, reterr);
    bool ok = files != NULL;

    for (size_t i = 0; ok && i < files->count; i++)
        ok = add_file(templates, root, &files->at[i], reterr);
    template_files_close(files);
    return ok;
}

struct templates *templates_open(const char *root, const struct texts *texts, const struct view_type *const *types,
                                 struct err *reterr)
{
    struct templates *templates = calloc(1, sizeof *templates);
    bool ok;

    if (!templates)
        abort();
    for (int i = 0; i < LANGS; i++) {
        struct mustache_texts of_lang = texts_for(texts, (enum lang)i);
        templates->sets[i] = mustache_open(&of_lang);
    }
    ok = add_all(templates, root, reterr);
    for (int i = 0; ok && i < LANGS; i++)
        ok = mustache_link(templates->sets[i], types, reterr);
    if (ok)
        return templates;
    templates_close(templates);
    return NULL;
}

void templates_close(struct templates *templates)
{
    if (!templates)
        return;
    for (int i = 0; i < LANGS; i++)
        mustache_close(templates->sets[i]);
    free(templates);
}

const struct mustache *templates_find(const struct templates *templates, enum lang lang, const char *name)
{
    return mustache_find(templates->sets[lang], name);
}
