#include "falsim/sim_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { MAX_FILES = 60000, PATH_ROOM = 1024 };
static const char *const FOLDERS[] = {"out", "in", "part"};

struct file {
    char name[SIM_FILE_NAME_ROOM];
    int64_t len;
};

struct sim_files {
    char root[PATH_ROOM / 2];
    bool temporary;
    pthread_mutex_t mutex;
    struct file *list; /* a ring, oldest first */
    int first, count;
    int64_t total;
};

static bool failed(struct err *reterr, const char *what)
{
    return err_set(reterr, ERR_INTERNAL, "sim_files", "%s: %s", what, strerror(errno));
}

static void path_of(const struct sim_files *files, const char *name, char to[PATH_ROOM])
{
    (void)snprintf(to, PATH_ROOM, "%s/%s", files->root, name);
}

/* In the ring; the oldest files make room. Called with the mutex held. */
static void remember(struct sim_files *files, const char *name, int64_t len)
{
    char path[PATH_ROOM];
    struct file *file;

    while (files->count && (files->count == MAX_FILES || files->total + len > SIM_MAX_FILE_BYTES)) {
        file = &files->list[files->first];
        path_of(files, file->name, path);
        (void)unlink(path);
        files->total -= file->len;
        files->first = (files->first + 1) % MAX_FILES;
        files->count--;
    }
    file = &files->list[(files->first + files->count++) % MAX_FILES];
    (void)snprintf(file->name, sizeof file->name, "%s", name);
    file->len = len;
    files->total += len;
}

static void add(struct sim_files *files, const char *name, int64_t len)
{
    (void)pthread_mutex_lock(&files->mutex);
    remember(files, name, len);
    (void)pthread_mutex_unlock(&files->mutex);
}

static void find_old_files(struct sim_files *files, const char *folder)
{
    char path[PATH_ROOM], name[SIM_FILE_NAME_ROOM];
    DIR *dir;
    struct stat st;

    path_of(files, folder, path);
    if (!(dir = opendir(path)))
        return;
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.' || (size_t)snprintf(name, sizeof name, "%s/%s", folder, e->d_name) >= sizeof name)
            continue;
        path_of(files, name, path);
        if (stat(path, &st) == 0)
            remember(files, name, (int64_t)st.st_blocks * 512);
    }
    (void)closedir(dir);
}

static bool make_root(struct sim_files *files, const char *state, struct err *reterr)
{
    const char *tmp = getenv("TMPDIR");

    files->temporary = !state;
    if (state)
        (void)snprintf(files->root, sizeof files->root, "%s.files", state);
    else
        (void)snprintf(files->root, sizeof files->root, "%s/falsim-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (state ? mkdir(files->root, 0700) != 0 && errno != EEXIST : !mkdtemp(files->root))
        return failed(reterr, files->root);
    for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        char path[PATH_ROOM];
        path_of(files, FOLDERS[i], path);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return failed(reterr, path);
        find_old_files(files, FOLDERS[i]);
    }
    return true;
}

struct sim_files *sim_files_open(const char *state, struct err *reterr)
{
    struct sim_files *files = calloc(1, sizeof *files);

    if (!files || !(files->list = calloc(MAX_FILES, sizeof *files->list)) ||
        pthread_mutex_init(&files->mutex, NULL) != 0)
        abort();
    if (make_root(files, state, reterr))
        return files;
    sim_files_close(files);
    return NULL;
}

static void remove_all(struct sim_files *files)
{
    char path[PATH_ROOM];

    for (; files->count; files->count--, files->first = (files->first + 1) % MAX_FILES) {
        path_of(files, files->list[files->first].name, path);
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        path_of(files, FOLDERS[i], path);
        (void)rmdir(path);
    }
    (void)rmdir(files->root);
}

void sim_files_close(struct sim_files *files)
{
    if (files->temporary)
        remove_all(files);
    (void)pthread_mutex_destroy(&files->mutex);
    free(files->list);
    free(files);
}

const char *sim_files_root(const struct sim_files *files) { return files->root; }

static bool put(struct sim_files *files, const char *name, int flags, struct text bytes, int64_t hole,
                struct err *reterr)
{
    char path[PATH_ROOM];
    int fd;
    bool ok;

    path_of(files, name, path);
    if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600)) < 0)
        return failed(reterr, path);
    ok = file_write(fd, bytes) && (!hole || ftruncate(fd, hole) == 0);
    if (close(fd) != 0 || !ok)
        return failed(reterr, path);
    add(files, name, (int64_t)bytes.len);
    return true;
}

bool sim_files_write(struct sim_files *files, const char *name, struct text bytes, struct err *reterr)
{
    return put(files, name, O_TRUNC, bytes, 0, reterr);
}

bool sim_files_append(struct sim_files *files, const char *name, struct text bytes, struct err *reterr)
{
    return put(files, name, O_APPEND, bytes, 0, reterr);
}

bool sim_files_write_hole(struct sim_files *files, const char *name, int64_t len, struct err *reterr)
{
    return put(files, name, O_TRUNC, TEXT(""), len, reterr);
}

static bool read_all(int fd, struct buf *ret)
{
    for (;;) {
        char *to = buf_reserve(ret, 256 * 1024);
        ssize_t got = to ? read(fd, to, 256 * 1024) : -1;
        if (got <= 0)
            return got == 0;
        ret->len += (size_t)got;
    }
}

bool sim_files_read(struct sim_files *files, const char *name, struct buf *ret, struct err *reterr)
{
    char path[PATH_ROOM];
    int fd;
    bool ok;

    path_of(files, name, path);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return failed(reterr, path);
    ok = read_all(fd, ret);
    (void)close(fd);
    return ok || err_set(reterr, ERR_TOO_LARGE, "sim_files", "%s", name);
}

void sim_files_remove(struct sim_files *files, const char *name)
{
    char path[PATH_ROOM];

    path_of(files, name, path);
    (void)unlink(path);
}

bool sim_files_rename(struct sim_files *files, const char *from, const char *to, struct err *reterr)
{
    char old[PATH_ROOM], new[PATH_ROOM];
    struct stat st;

    path_of(files, from, old);
    path_of(files, to, new);
    if (rename(old, new) != 0 || stat(new, &st) != 0)
        return failed(reterr, new);
    add(files, to, st.st_size);
    return true;
}

void sim_files_end_in(struct sim_files *files, const char *name, int64_t lifetime_s, int64_t ttl_s)
{
    const struct timespec written[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = clock_wall_s() + lifetime_s - ttl_s}};
    char path[PATH_ROOM];

    path_of(files, name, path);
    (void)utimensat(AT_FDCWD, path, written, 0);
}

bool sim_files_name_is_fine(struct text name)
{
    struct text rest = name, folder = text_cut(&rest, '/');

    if (!folder.len || !rest.len || rest.at[0] == '.' || name.len >= SIM_FILE_NAME_ROOM)
        return false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("._-", c))
            return false;
    }
    return true;
}

bool sim_files_expired(const struct sim_files *files, struct text name, int64_t ttl_s)
{
    char path[PATH_ROOM], copy[SIM_FILE_NAME_ROOM];
    struct stat st;

    if (!ttl_s || !text_copy(copy, sizeof copy, name))
        return false;
    path_of(files, copy, path);
    return stat(path, &st) == 0 && clock_wall_s() - st.st_mtime >= ttl_s;
}
