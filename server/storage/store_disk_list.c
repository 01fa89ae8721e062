/* The names below a folder in the order of whole keys, a bounded number at a time, whatever the size of the folder: of
   each folder the smallest names are gathered, which is once through the folder for so many of them. A folder's name
   counts with its '/', as it stands in the keys. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/store_driver.h"

struct listing {
    int left; /* entries that may still be given */
    store_list_fn fn;
    void *owner;
    char key[STORE_KEY_MAX + 2]; /* of where it is: ends with '/', or is "" */
};

/* The smallest names, in order; owned. */
struct names {
    char **at;
    int count, room;
};

static void names_free(struct names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}

/* Where a name belongs: the first that is not smaller. */
static int place_of(const struct names *names, const char *name)
{
    int low = 0, high = names->count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (strcmp(names->at[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void keep(struct names *names, const char *name)
{
    int at = place_of(names, name);

    if (at == names->room)
        return;
    if (names->count == names->room)
        free(names->at[--names->count]);
    memmove(names->at + at + 1, names->at + at, (size_t)(names->count - at) * sizeof *names->at);
    if (!(names->at[at] = strdup(name)))
        abort();
    names->count++;
}

static bool is_folder_name(const char *name) { return *name && name[strlen(name) - 1] == '/'; }

/* Does it come behind, or is what comes behind inside it? */
static bool is_due(const char *name, const char *after)
{
    return strcmp(name, after) > 0 || (is_folder_name(name) && strncmp(name, after, strlen(name)) == 0);
}

static bool is_folder(int dir, const struct dirent *entry)
{
    struct stat about;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dir, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(about.st_mode);
}

static bool failed(const char *what, struct err *reterr)
{
    return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot list %s: %s", what, strerror(errno));
}

/* The names of a folder that come behind low (NULL: all) and are due after. */
static bool gather(DIR *dir, const char *after, const char *low, struct names *ret)
{
    struct dirent *entry;
    char folder[STORE_KEY_MAX + 2];

    rewinddir(dir);
    while (errno = 0, entry = readdir(dir)) {
        const char *name = entry->d_name;
        if (strlen(name) > STORE_KEY_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (is_folder(dirfd(dir), entry)) {
            (void)snprintf(folder, sizeof folder, "%.*s/", STORE_KEY_MAX, name);
            name = folder;
        }
        if (low ? strcmp(name, low) > 0 : is_due(name, after))
            keep(ret, name);
    }
    return errno == 0;
}

static void give(struct listing *listing, int dir, const char *name)
{
    struct text key = text_of(listing->key);
    bool leftover = store_is_leftover(key);
    struct stat about;

    if ((!leftover && !store_key_ok(key)) || fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(about.st_mode))
        return; /* it has just gone, or was none of ours */
    listing->left--;
    listing->fn(listing->owner, &(struct store_entry){key, about.st_size, about.st_mtim.tv_sec, leftover});
}

static bool list_folder(struct listing *listing, int dir, const char *after, struct err *reterr);

static bool enter(struct listing *listing, int above, const char *name, const char *after, struct err *reterr)
{
    char folder[STORE_KEY_MAX + 2];
    int dir;

    (void)snprintf(folder, sizeof folder, "%.*s", (int)strlen(name) - 1, name);
    dir = openat(above, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT || failed(listing->key, reterr);
    return list_folder(listing, dir, strncmp(after, name, strlen(name)) == 0 ? after + strlen(name) : "", reterr);
}

static bool list_names(struct listing *listing, int dir, const struct names *names, const char *after,
                       struct err *reterr)
{
    size_t base = strlen(listing->key);
    bool ok = true;

    for (int i = 0; i < names->count && listing->left && ok; i++) {
        size_t len = strlen(names->at[i]);
        if (base + len > STORE_KEY_MAX)
            continue; /* longer than any key */
        memcpy(listing->key + base, names->at[i], len + 1);
        if (is_folder_name(names->at[i]))
            ok = enter(listing, dir, names->at[i], after, reterr);
        else
            give(listing, dir, names->at[i]);
        listing->key[base] = '\0';
    }
    return ok;
}

/* Takes the descriptor over. */
static bool list_folder(struct listing *listing, int dir, const char *after, struct err *reterr)
{
    DIR *stream = fdopendir(dir);
    char low[STORE_KEY_MAX + 2];
    bool more = true, first = true, ok = stream != NULL;

    while (ok && more && listing->left) {
        struct names names = {.room = listing->left};
        if (!(names.at = calloc((size_t)names.room + 1, sizeof *names.at)))
            abort();
        ok = gather(stream, after, first ? NULL : low, &names) || failed(listing->key, reterr);
        more = names.count == names.room; /* folders may hold less than they seemed to */
        if (ok && more)
            (void)snprintf(low, sizeof low, "%s", names.at[names.count - 1]);
        ok = ok && list_names(listing, dir, &names, after, reterr);
        first = false;
        names_free(&names);
    }
    if (stream)
        (void)closedir(stream);
    else
        (void)close(dir);
    return ok;
}

bool store_disk_list(int root, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                     struct err *reterr)
{
    struct listing listing = {.left = limit, .fn = fn, .owner = owner};
    int dir = openat(root, bucket, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (dir < 0)
        return errno == ENOENT || failed(bucket, reterr);
    return list_folder(&listing, dir, after, reterr);
}
