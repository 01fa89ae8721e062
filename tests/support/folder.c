#include "support/folder.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void folder_make(char to[FOLDER_ROOM])
{
    (void)snprintf(to, FOLDER_ROOM, "/tmp/aisha-folder-XXXXXX");
    if (!mkdtemp(to))
        abort();
}

void folder_write(const char *folder, const char *path, const char *content)
{
    char full[512];
    FILE *file;

    (void)snprintf(full, sizeof full, "%s/%s", folder, path);
    for (char *slash = full + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        (void)mkdir(full, 0700);
    }
    if (!(file = fopen(full, "w")) || fputs(content, file) < 0 || fclose(file) != 0)
        abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(const char *folder)
{
    assert(strncmp(folder, "/tmp/", 5) == 0);
    (void)nftw(folder, remove_one, 10, FTW_DEPTH | FTW_PHYS);
}
