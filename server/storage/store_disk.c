/* Objects as files. A file is written under a name that no key has, synced, renamed into place, and its folder
   synced: after a crash there is the old version, the new one or none, never half of one. All paths are relative to
   one open folder, so the process may change its working directory. */
#include "storage/store_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/uuid.h"

enum { TEMPORARY_ROOM = STORE_PATH_ROOM + sizeof(struct uuid) + 2 };

struct store_disk {
    struct store store; /* first: drivers are reached by it */
    int root;           /* the open folder */
};

static int root_of(struct store *store) { return ((struct store_disk *)store)->root; }

static bool failed(const char *doing, const char *path, struct err *reterr)
{
    int why = errno;

    if (why == ENOSPC || why == EDQUOT)
        return err_set(reterr, ERR_BUSY, "storage_full", "no free space for %s: %s", path, strerror(why));
    return err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot %s %s: %s", doing, path, strerror(why));
}

static bool missing_or_failed(const char *doing, const char *path, struct err *reterr)
{
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) /* ELOOP: a symbolic link, which we never make */
        return err_set(reterr, ERR_NOT_FOUND, "storage_missing", "%s: no such object", path);
    return failed(doing, path, reterr);
}

/* close() without a word about it: errno stays what it was. */
static void drop(int fd)
{
    int why = errno;

    (void)close(fd);
    errno = why;
}

/* The folder part of path, "." when there is none. */
static void folder_of(const char *path, char to[STORE_PATH_ROOM])
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(to, STORE_PATH_ROOM, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

static bool sync_folder(int root, const char *folder)
{
    int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        drop(fd);
    return ok;
}

/* Makes every folder above path that is missing. A new folder's entry is synced in the one above it. */
static bool make_folders(int root, const char *path)
{
    char folder[STORE_PATH_ROOM], above[STORE_PATH_ROOM];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        if (mkdirat(root, folder, 0700) == 0) {
            folder_of(folder, above);
            if (!sync_folder(root, above))
                return false;
        } else if (errno != EEXIST) {
            return false;
        }
    }
    return true;
}

/* What is to be written: bytes, or the beginning of a file. */
struct source {
    struct text bytes;
    int fd;
    int64_t file_bytes; /* 0: none of a file */
};

static bool copy_file(int to, const struct source *source)
{
    char piece[32 * 1024];
    ssize_t got;

    for (int64_t done = 0; done < source->file_bytes; done += got) {
        int64_t left = source->file_bytes - done;
        got = pread(source->fd, piece, left < (int64_t)sizeof piece ? (size_t)left : sizeof piece, done);
        if (got == 0)
            errno = EIO; /* it is shorter than promised */
        if (got <= 0 || !file_write(to, (struct text){piece, (size_t)got}))
            return false;
    }
    return true;
}

static bool write_file(int root, const char *path, const struct source *source)
{
    int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok;

    if (fd < 0)
        return false;
    ok = file_write(fd, source->bytes) && copy_file(fd, source) && fsync(fd) == 0;
    drop(fd);
    return ok;
}

static bool put_source(struct store *store, const char *path, const struct source *source, struct err *reterr)
{
    char folder[STORE_PATH_ROOM], temporary[TEMPORARY_ROOM];
    int root = root_of(store);

    folder_of(path, folder);
    (void)snprintf(temporary, sizeof temporary, "%s/~%s", folder, uuid_make().text);
    if (make_folders(root, path) && write_file(root, temporary, source) && renameat(root, temporary, root, path) == 0 &&
        sync_folder(root, folder))
        return true;
    (void)failed("write", path, reterr); /* first: unlinkat changes errno */
    (void)unlinkat(root, temporary, 0);
    return false;
}

static bool put(struct store *store, const char *path, struct text bytes, struct err *reterr)
{
    return put_source(store, path, &(struct source){.bytes = bytes}, reterr);
}

static bool put_file(struct store *store, const char *path, int fd, int64_t bytes, struct err *reterr)
{
    return put_source(store, path, &(struct source){.fd = fd, .file_bytes = bytes}, reterr);
}

/* Opens a file and says how long it is; whatever is no file counts as missing. */
static int open_file(int root, const char *path, struct stat *ret)
{
    int fd = openat(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (fstat(fd, ret) == 0 && S_ISREG(ret->st_mode))
        return fd;
    (void)close(fd);
    errno = ENOENT;
    return -1;
}

static bool read_all(int fd, size_t size, struct buf *ret)
{
    char *at = buf_reserve(ret, size);

    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, at + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO; /* files are never changed in place: the disk lies, or somebody else was at work */
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    ret->len += size;
    at[size] = '\0';
    return true;
}

static bool get(struct store *store, const char *path, struct buf *ret, struct err *reterr)
{
    struct stat about;
    int fd = open_file(root_of(store), path, &about);
    bool ok;

    if (fd < 0)
        return missing_or_failed("open", path, reterr);
    if ((uintmax_t)about.st_size > ret->limit - ret->len)
        ok = err_set(reterr, ERR_TOO_LARGE, "storage_too_large", "%s has %lld bytes", path, (long long)about.st_size);
    else
        ok = read_all(fd, (size_t)about.st_size, ret) || failed("read", path, reterr);
    (void)close(fd);
    return ok;
}

static bool remove_object(struct store *store, const char *path, struct err *reterr)
{
    char folder[STORE_PATH_ROOM];
    int root = root_of(store);

    folder_of(path, folder);
    if (unlinkat(root, path, 0) == 0)
        return sync_folder(root, folder) || failed("sync the folder of", path, reterr);
    return errno == ENOENT || errno == ENOTDIR || errno == EISDIR || failed("delete", path, reterr);
}

static bool size_of(struct store *store, const char *path, int64_t *ret, struct err *reterr)
{
    struct stat about;

    if (fstatat(root_of(store), path, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return missing_or_failed("look at", path, reterr);
    if (!S_ISREG(about.st_mode))
        return err_set(reterr, ERR_NOT_FOUND, "storage_missing", "%s: no object", path);
    *ret = about.st_size;
    return true;
}

static bool list(struct store *store, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                 struct err *reterr)
{
    return store_disk_list(root_of(store), bucket, after, limit, fn, owner, reterr);
}

static void close_disk(struct store *store)
{
    (void)close(root_of(store));
    free(store);
}

struct store *store_disk_open(const char *dir, struct err *reterr)
{
    static const struct store_driver DRIVER = {.close = close_disk,
                                               .put = put,
                                               .put_file = put_file,
                                               .get = get,
                                               .remove = remove_object,
                                               .size = size_of,
                                               .list = list};
    struct store_disk *disk;
    int root;

    if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || (root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        (void)err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot open folder %s: %s", dir, strerror(errno));
        return NULL;
    }
    if (faccessat(root, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
        (void)err_set(reterr, ERR_INTERNAL, "storage_failed", "cannot write into %s: %s", dir, strerror(errno));
        (void)close(root);
        return NULL;
    }
    disk = malloc(sizeof *disk);
    if (!disk)
        abort();
    *disk = (struct store_disk){.store.driver = &DRIVER, .root = root};
    return &disk->store;
}
