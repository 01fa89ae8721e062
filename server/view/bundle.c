#include "view/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "view/bundle_inside.h"

const char *bundle_version(void) { return bundle_hash; }

static int compare(const void *key, const void *file)
{
    const struct text *wanted = key;
    const char *path = ((const struct bundle_file *)file)->path;
    int order = strncmp(wanted->at, path, wanted->len);

    return order ? order : -(path[wanted->len] != '\0');
}

const struct bundle_file *bundle_find(struct text path)
{
    if (!path.len || memchr(path.at, '\0', path.len))
        return NULL;
    return bsearch(&path, bundle_files, (size_t)bundle_count, sizeof *bundle_files, compare);
}

const struct bundle_file *bundle_at(int index) { return index < bundle_count ? &bundle_files[index] : NULL; }
