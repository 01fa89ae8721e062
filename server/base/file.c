#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_all(int fd, struct buf *ret)
{
    char piece[16384];
    ssize_t got;

    while ((got = read(fd, piece, sizeof piece)) > 0)
        if (!buf_add(ret, piece, (size_t)got)) {
            errno = EFBIG;
            return false;
        }
    return got == 0;
}

bool file_read(const char *folder, const char *name, struct buf *ret, struct err *reterr)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    int fd = len < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && read_all(fd, ret);

    if (!ok)
        (void)err_set(reterr, ERR_INVALID, "file", "cannot read %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Where the file system has no files without names: one whose name goes at once. */
static int unnamed_by_hand(const char *folder)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof path, "%s/aisha-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
        (void)unlink(path);
    return fd;
}

bool file_failed(const char *what, struct err *reterr)
{
    bool full = errno == ENOSPC || errno == EDQUOT;

    return err_set(reterr, full ? ERR_BUSY : ERR_INTERNAL, full ? "file_full" : "file_failed", "%s: %s", what,
                   strerrordesc_np(errno));
}

int file_unnamed(const char *folder, struct err *reterr)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        fd = unnamed_by_hand(folder);
    if (fd < 0)
        (void)file_failed(folder, reterr);
    return fd;
}

/* at: -1 is where it stands. */
static bool write_all(int fd, struct text bytes, int64_t at)
{
    while (bytes.len) {
        ssize_t wrote = at < 0 ? write(fd, bytes.at, bytes.len) : pwrite(fd, bytes.at, bytes.len, at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes = (struct text){bytes.at + wrote, bytes.len - (size_t)wrote};
        at = at < 0 ? at : at + wrote;
    }
    return true;
}

bool file_write(int fd, struct text bytes) { return write_all(fd, bytes, -1); }

bool file_write_at(int fd, struct text bytes, int64_t at)
{
    assert(at >= 0);
    return write_all(fd, bytes, at);
}
