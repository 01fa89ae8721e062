#include "view/template_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 500, MAX_DEPTH = 4 };

#define FOLDER "templates"
#define SUFFIX ".mustache"

struct search {
    const char *root;
    struct template_files *files;
    int depth;
};

static bool look_into(struct search *search, const char *folder, struct err *reterr);

static bool add_file(struct template_files *files, const char *path, struct err *reterr)
{
    struct template_file *file;
    const char *name = path + strlen(FOLDER "/");

    if (files->count == MAX_FILES)
        return err_set(reterr, ERR_INVALID, "template", "more than %d templates", MAX_FILES);
    file = &files->at[files->count++];
    (void)snprintf(file->path, sizeof file->path, "%s", path);
    (void)snprintf(file->name, sizeof file->name, "%.*s", (int)(strlen(name) - strlen(SUFFIX)), name);
    return true;
}

static bool ends(const char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static bool look_at(struct search *search, const char *folder, const char *name, struct err *reterr)
{
    char path[TEMPLATE_PATH_ROOM], full[PATH_MAX];
    struct stat st;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return err_set(reterr, ERR_INVALID, "template", "%s/%s: the name is too long", folder, name);
    if (snprintf(full, sizeof full, "%s/%s", search->root, path) >= (int)sizeof full || stat(full, &st) != 0)
        return err_set(reterr, ERR_INVALID, "template", "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return look_into(search, path, reterr);
    return !ends(name, SUFFIX) || add_file(search->files, path, reterr);
}

static bool look_into(struct search *search, const char *folder, struct err *reterr)
{
    char full[PATH_MAX];
    const struct dirent *entry;
    bool ok = true;
    DIR *dir;

    if (++search->depth > MAX_DEPTH)
        return err_set(reterr, ERR_INVALID, "template", "%s: folders in folders, deeper than %d", folder, MAX_DEPTH);
    (void)snprintf(full, sizeof full, "%s/%s", search->root, folder);
    if (!(dir = opendir(full)))
        return err_set(reterr, ERR_INVALID, "template", "cannot read %s: %s", full, strerror(errno));
    while (ok && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            ok = look_at(search, folder, entry->d_name, reterr);
    closedir(dir);
    search->depth--;
    return ok;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct template_file *)a)->path, ((const struct template_file *)b)->path);
}

struct template_files *template_files_open(const char *root, struct err *reterr)
{
    struct template_files *files = calloc(1, sizeof *files);
    struct search search = {.root = root, .files = files};

    if (!files || !(files->at = calloc(MAX_FILES, sizeof *files->at)))
        abort();
    if (!look_into(&search, FOLDER, reterr)) {
        template_files_close(files);
        return NULL;
    }
    qsort(files->at, files->count, sizeof *files->at, by_path);
    return files;
}

void template_files_close(struct template_files *files)
{
    if (!files)
        return;
    free(files->at);
    free(files);
}
