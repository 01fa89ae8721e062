#include "jobs/journal.h"

#include <ctype.h>
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

enum { KEEP_S = 2 * 24 * 3600, BOOT_ID_ROOM = 40, LINE_ROOM = 128 };

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

/* A file that has no name on the disk yet keeps nothing over a power cut. */
static bool keep_name(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
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
        write(journal->fd, boot_id, strlen(boot_id)) == (ssize_t)strlen(boot_id) && keep_name(folder))
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

/* One write: lines of several threads do not mix. Each begins a line of its own, because the one before may be a piece
   of what no longer fitted on the disk. */
static bool add(const struct journal *journal, const char *line)
{
    size_t len = strlen(line);

    return write(journal->fd, line, len) == (ssize_t)len;
}

bool journal_note(struct journal *journal, int64_t id)
{
    char line[LINE_ROOM];

    (void)snprintf(line, sizeof line, "\n%" PRId64 "\n", id);
    return add(journal, line);
}

static bool is_request_id(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!isalnum((unsigned char)t.at[i]) && t.at[i] != '-' && t.at[i] != '_')
            return false;
    return t.len > 0 && t.len < JOURNAL_ID_ROOM;
}

/* The point tells a whole id from the beginning of one. */
bool journal_accepted(struct journal *journal, int64_t id, const char *request_id)
{
    char line[LINE_ROOM];

    if (!is_request_id(text_of(request_id)))
        return false;
    (void)snprintf(line, sizeof line, "\n%" PRId64 " %s .\n", id, request_id);
    return add(journal, line) && fdatasync(journal->fd) == 0;
}

/* "id" or "id request ." */
static bool read_line(struct text line, int64_t wanted, char request_id[JOURNAL_ID_ROOM])
{
    struct text number = text_cut(&line, ' '), theirs = text_cut(&line, ' ');
    int64_t id;

    if (!text_int64(number, INT64_MIN, INT64_MAX, &id) || id != wanted)
        return false;
    if (is_request_id(theirs) && text_equal(line, TEXT(".")))
        (void)text_copy(request_id, JOURNAL_ID_ROOM, theirs);
    return true;
}

/* True: it is noted. What a file of any length says needs no more than a line's room. */
static bool read_lines(FILE *file, int64_t id, bool *ret_same_boot, char request_id[JOURNAL_ID_ROOM])
{
    char line[LINE_ROOM], boot_id[BOOT_ID_ROOM];
    bool noted = false, first = true;

    *ret_same_boot = false;
    while (!*request_id && fgets(line, sizeof line, file)) {
        if (first)
            *ret_same_boot = read_boot_id(boot_id) && strcmp(line, boot_id) == 0;
        else if (read_line((struct text){line, strcspn(line, "\n")}, id, request_id))
            noted = true;
        first = false;
    }
    *ret_same_boot = *ret_same_boot && !ferror(file);
    return noted;
}

enum journal_word journal_look(const char *folder, const char *name, int64_t id, char request_id[JOURNAL_ID_ROOM])
{
    char path[PATH_MAX];
    struct uuid checked;
    bool noted, same_boot;
    FILE *file;

    *request_id = '\0';
    if (!uuid_read(text_of(name), &checked))
        return JOURNAL_SILENT;
    (void)snprintf(path, sizeof path, "%s/%s", folder, checked.text);
    if (!(file = fopen(path, "re")))
        return JOURNAL_SILENT;
    noted = read_lines(file, id, &same_boot, request_id);
    (void)fclose(file);
    if (*request_id)
        return JOURNAL_NOTED;
    if (!same_boot)
        return JOURNAL_SILENT;
    return noted ? JOURNAL_NOTED : JOURNAL_NOT_NOTED;
}
