#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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
