#include "support/altered_styles.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/altered_catalog.h"
#include "support/folder.h"

#define DATA "server/styles/data/"

static const char *const FILES[] = {"categories.json", "portrait.json", "lifestyle.json", "fantasy.json"};

const struct catalog *shipped_catalog(void)
{
    static struct catalog *catalog;
    struct err err = {0};

    if (!catalog)
        catalog = catalog_open(altered_catalog_root(), &err);
    assert(catalog && "the catalogue is sound");
    return catalog;
}

const struct styles *shipped_styles(void)
{
    static struct styles *styles;
    struct err err = {0};

    if (!styles && !(styles = styles_open(altered_catalog_root(), shipped_catalog(), &err)))
        (void)fprintf(stderr, "%s\n", err.detail);
    assert(styles && "the styles are sound");
    return styles;
}

static struct buf read_whole(const char *name)
{
    struct buf bytes = buf_make(1 << 20);
    char path[600], block[4096];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/" DATA "%s", altered_catalog_root(), name);
    file = fopen(path, "r");
    assert(file && "the data files are there");
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        (void)buf_add(&bytes, block, got);
    (void)fclose(file);
    return bytes;
}

static void write_altered(const char *folder, const char *name, const struct buf *whole, const char *from,
                          const char *to)
{
    CLEANUP(buf_done) struct buf altered = buf_make(1 << 20);
    const char *at = from ? strstr(whole->bytes, from) : NULL;
    char place[100];

    assert((!from || at) && "what is to be replaced is there");
    if (at)
        (void)buf_add(&altered, whole->bytes, (size_t)(at - whole->bytes));
    (void)buf_add_text(&altered, to);
    if (at)
        (void)buf_add_text(&altered, at + strlen(from));
    (void)snprintf(place, sizeof place, DATA "%s", name);
    folder_write(folder, place, altered.bytes ? altered.bytes : "");
}

struct styles *altered_styles_open(const char *file, const char *from, const char *to, struct err *reterr)
{
    char folder[FOLDER_ROOM];
    struct styles *styles;

    folder_make(folder);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        CLEANUP(buf_done) struct buf whole = read_whole(FILES[i]);
        bool named = strcmp(FILES[i], file) == 0;
        if (!named)
            write_altered(folder, FILES[i], &whole, NULL, whole.bytes);
        else if (to)
            write_altered(folder, FILES[i], &whole, from, to);
    }
    styles = styles_open(folder, shipped_catalog(), reterr);
    folder_remove(folder);
    return styles;
}
