#include "support/altered_catalog.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static const char *const FILES[] = {"presets.json", "image_sizes.json", "endpoints.json"};

const char *altered_catalog_root(void)
{
    const char *root = getenv("AISHA_ROOT");

    return root ? root : ".";
}

static void make_path(char *to, size_t room, const char *root, const char *rest)
{
    int len = snprintf(to, room, "%s/server/catalog/data%s", root, rest);

    assert(len > 0 && (size_t)len < room);
    (void)len;
}

static struct buf read_whole(const char *path)
{
    struct buf bytes = buf_make(1 << 20);
    FILE *file = fopen(path, "r");
    char block[4096];

    assert(file && "the data files are there");
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        (void)buf_add(&bytes, block, got);
    (void)fclose(file);
    return bytes;
}

static void write_altered(const char *path, const struct buf *bytes, const char *from, const char *to)
{
    const char *at = from ? strstr(bytes->bytes, from) : NULL;
    FILE *file = fopen(path, "w");

    assert(file && (!from || at));
    if (at)
        (void)fwrite(bytes->bytes, 1, (size_t)(at - bytes->bytes), file);
    (void)fputs(to, file);
    if (at)
        (void)fputs(at + strlen(from), file);
    (void)fclose(file);
}

static void copy_file(const char *root, const char *name, const char *from, const char *to, bool alter)
{
    char path[256], place[64];
    struct buf bytes;

    (void)snprintf(place, sizeof place, "/%s", name);
    make_path(path, sizeof path, altered_catalog_root(), place);
    bytes = read_whole(path);
    make_path(path, sizeof path, root, place);
    write_altered(path, &bytes, alter ? from : "", alter ? to : "");
    buf_done(&bytes);
}

static void make_folders(const char *root)
{
    char path[256];

    make_path(path, sizeof path, root, "");
    for (char *slash = path + strlen(root) + 1; slash; slash = strchr(slash + 1, '/')) {
        char kept = *slash;
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = kept;
    }
    (void)mkdir(path, 0700);
}

static void remove_all(const char *root)
{
    static const char *const FOLDERS[] = {"/server/catalog/data", "/server/catalog", "/server", ""};
    char path[256];

    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/server/catalog/data/%s", root, FILES[i]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", root, FOLDERS[i]);
        (void)rmdir(path);
    }
}

struct catalog *altered_catalog_open(const char *file, const char *from, const char *to, struct err *reterr)
{
    char root[] = "/tmp/aisha-catalog-XXXXXX";
    struct catalog *catalog;

    if (!mkdtemp(root))
        abort();
    make_folders(root);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        copy_file(root, FILES[i], from, to, strcmp(FILES[i], file) == 0);
    catalog = catalog_open(root, reterr);
    remove_all(root);
    return catalog;
}
