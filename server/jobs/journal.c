#include "jobs/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/uuid.h"

enum { MAX_FILE = 8 << 20, KEEP_S = 2 * 24 * 3600, BOOT_ID_ROOM = 40 };

struct journal {
    struct uuid name;
    int fd;
};

static bool read_boot_id(char to[BOOT_ID_ROOM])
{
    CLEANUP(buf_done) struct buf id = buf_make(BOOT_ID_ROOM - 2);
    struct err err;

    return file_read("/proc/sys/kernel/random", "boot_id", &id, &err) &&
           text_copy(to, BOOT_ID_ROOM, (struct text){id.bytes, id.len}) && id.len > 0;
}

static void throw_away_old(const char *folder)
{
    char path[PATH_MAX];
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct stat file;

    while (dir && (entry = readdir(dir))) {
        struct uuid name;
        if (!uuid_read(text_of(entry->d_name), &name))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, name.text);
        if (stat(path, &file) == 0 && file.st_mtime < clock_wall_s() - KEEP_S)
            (void)unlink(path);
    }
    if (dir)
        closedir(dir);
}

struct journal *journal_open(const char *folder, struct err *reterr)
{
    struct journal *journal = calloc(1, sizeof *journal);
    char path[PATH_MAX], boot_id[BOOT_ID_ROOM];

    if (!journal)
        abort();
    (void)mkdir(folder, 0700); /* its parent is there, or opening fails */
    throw_away_old(folder);
    journal->name = uuid_make();
    (void)snprintf(path, sizeof path, "%s/%s", folder, journal->name.text);
    journal->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (journal->fd >= 0 && read_boot_id(boot_id) &&
        write(journal->fd, boot_id, strlen(boot_id)) == (ssize_t)strlen(boot_id))
        return journal;
    (void)err_set(reterr, ERR_INTERNAL, "journal", "cannot write to %s: %s", path, strerror(errno));
    journal_close(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->fd >= 0)
        close(journal->fd);
    free(journal);
}

const char *journal_name(const struct journal *journal) { return journal->name.text; }

bool journal_note(struct journal *journal, int64_t id)
{
    char line[32];
    int len = snprintf(line, sizeof line, "%" PRId64 "\n", id);

    return write(journal->fd, line, (size_t)len) == len; /* one write: lines of several threads do not mix */
}

static bool has_line(struct text rest, int64_t id)
{
    char wanted[32];

    (void)snprintf(wanted, sizeof wanted, "%" PRId64, id);
    while (rest.at && rest.len)
        if (text_equal(text_cut(&rest, '\n'), text_of(wanted)))
            return true;
    return false;
}

enum journal_word journal_look(const char *folder, const char *name, int64_t id)
{
    CLEANUP(buf_done) struct buf file = buf_make(MAX_FILE);
    char boot_id[BOOT_ID_ROOM];
    struct text rest;
    struct uuid checked;
    struct err err;

    if (!uuid_read(text_of(name), &checked) || !read_boot_id(boot_id) || !file_read(folder, checked.text, &file, &err))
        return JOURNAL_SILENT;
    rest = (struct text){file.bytes, file.len};
    if (!text_starts(rest, text_of(boot_id)))
        return JOURNAL_SILENT;
    return has_line(rest, id) ? JOURNAL_NOTED : JOURNAL_NOT_NOTED;
}
