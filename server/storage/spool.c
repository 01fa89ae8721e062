/* Objects of a store of its own on local disk: written whole and synced as all others. Before a result's bytes stands
   their SHA-256. */
#include "storage/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "storage/store_driver.h"

enum { COUNTED_MS = 10 * 1000 };

static const char RESULTS[] = "results";

struct spool {
    struct store *store;
    struct uuid name;
    char folder[PATH_MAX]; /* of the files */
    int64_t max_bytes;
    pthread_mutex_t lock; /* of the two below */
    int64_t used_bytes, counted_ms;
    atomic_int_fast64_t due_ms;
};

/* The name: whoever is first writes it, whole, and all read the same. */

static bool write_name(const char *path, struct uuid name)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t len = (ssize_t)strlen(name.text);
    bool ok = fd >= 0 && write(fd, name.text, (size_t)len) == len && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

static void make_name(const char *dir)
{
    char path[PATH_MAX], to[PATH_MAX];
    struct uuid name = uuid_make();
    bool made = snprintf(path, sizeof path, "%s/~%s", dir, name.text) < (int)sizeof path &&
                snprintf(to, sizeof to, "%s/.name", dir) < (int)sizeof to && write_name(path, name);

    if (made && link(path, to) != 0 && errno != EEXIST) /* not over one that is there */
        log_write(LOG_WARN, "spool_unnamed", "reason=%s", strerror(errno));
    (void)unlink(path);
}

static bool read_name(const char *dir, struct uuid *ret)
{
    CLEANUP(buf_done) struct buf name = buf_make(sizeof ret->text);
    struct err err;

    return file_read(dir, ".name", &name, &err) && uuid_read((struct text){name.bytes, name.len}, ret);
}

struct spool *spool_open(const char *dir, int64_t max_bytes, struct err *reterr)
{
    struct spool *spool = calloc(1, sizeof *spool);

    if (!spool)
        abort();
    spool->max_bytes = max_bytes;
    pthread_mutex_init(&spool->lock, NULL);
    if (snprintf(spool->folder, sizeof spool->folder, "%s/%s", dir, RESULTS) >= (int)sizeof spool->folder)
        (void)err_set(reterr, ERR_INVALID, "spool_failed", "the folder's name is too long");
    else if ((spool->store = store_disk_open(dir, reterr))) {
        if (!read_name(dir, &spool->name))
            make_name(dir);
        if (read_name(dir, &spool->name))
            return spool;
        (void)err_set(reterr, ERR_INTERNAL, "spool_failed", "cannot read or make %s/.name", dir);
    }
    spool_close(spool);
    return NULL;
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    store_close(spool->store);
    pthread_mutex_destroy(&spool->lock);
    free(spool);
}

const char *spool_name(const struct spool *spool) { return spool->name.text; }

/* What is there */

/* Every regular file; fn may remove it. */
static void walk(const struct spool *spool,
                 void (*fn)(void *arg, int folder, const char *name, const struct stat *file), void *arg)
{
    DIR *dir = opendir(spool->folder); /* made by the first put */
    struct dirent *entry;
    struct stat file;

    while (dir && (entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode))
            fn(arg, dirfd(dir), entry->d_name, &file);
    if (dir)
        closedir(dir);
}

static void add_size(void *arg, int folder, const char *name, const struct stat *file)
{
    (void)folder;
    (void)name;
    *(int64_t *)arg += file->st_size;
}

/* Others put and remove here as well: counted anew from time to time. */
static bool take_room(struct spool *spool, int64_t bytes)
{
    int64_t now_ms = clock_monotonic_ms();
    bool ok;

    pthread_mutex_lock(&spool->lock);
    if (!spool->counted_ms || now_ms - spool->counted_ms > COUNTED_MS) {
        spool->used_bytes = 0;
        walk(spool, add_size, &spool->used_bytes);
        spool->counted_ms = now_ms;
    }
    ok = spool->used_bytes + bytes <= spool->max_bytes;
    if (ok)
        spool->used_bytes += bytes;
    pthread_mutex_unlock(&spool->lock);
    return ok;
}

static void give_room(struct spool *spool, int64_t bytes)
{
    pthread_mutex_lock(&spool->lock);
    spool->used_bytes = spool->used_bytes > bytes ? spool->used_bytes - bytes : 0;
    pthread_mutex_unlock(&spool->lock);
}

/* One result */

bool spool_put(struct spool *spool, struct uuid id, struct text bytes, struct err *reterr)
{
    CLEANUP(buf_done) struct buf file = buf_make(SHA256_BYTES + bytes.len);
    unsigned char sha256[SHA256_BYTES];

    if (!take_room(spool, (int64_t)(SHA256_BYTES + bytes.len)))
        return err_set(reterr, ERR_BUSY, "spool_full", "no room for %zu bytes", bytes.len);
    crypto_sha256(bytes, sha256);
    (void)buf_add(&file, sha256, sizeof sha256);
    (void)buf_add(&file, bytes.at, bytes.len);
    if (store_put(spool->store, text_of(RESULTS), text_of(id.text), (struct text){file.bytes, file.len}, reterr))
        return true;
    give_room(spool, (int64_t)file.len);
    return false;
}

bool spool_get(struct spool *spool, struct uuid id, struct buf *ret, struct err *reterr)
{
    CLEANUP(buf_done) struct buf file = buf_make(SHA256_BYTES + ret->limit - ret->len);
    unsigned char sha256[SHA256_BYTES];
    struct text bytes;

    if (!store_get(spool->store, text_of(RESULTS), text_of(id.text), &file, reterr))
        return reterr->kind == ERR_NOT_FOUND ? err_set(reterr, ERR_NOT_FOUND, "spool_missing", "%s", id.text) : false;
    if (file.len > SHA256_BYTES) {
        bytes = (struct text){file.bytes + SHA256_BYTES, file.len - SHA256_BYTES};
        crypto_sha256(bytes, sha256);
        if (memcmp(sha256, file.bytes, sizeof sha256) == 0)
            return buf_add(ret, bytes.at, bytes.len);
    }
    spool_remove(spool, id);
    return err_set(reterr, ERR_UPSTREAM, "spool_corrupt", "%s is not what was written", id.text);
}

void spool_remove(struct spool *spool, struct uuid id)
{
    int64_t bytes = 0;
    struct err err;

    if (!store_size(spool->store, text_of(RESULTS), text_of(id.text), &bytes, &err) && err.kind == ERR_NOT_FOUND)
        return;
    if (store_delete(spool->store, text_of(RESULTS), text_of(id.text), &err))
        give_room(spool, bytes);
    else
        log_write(LOG_WARN, "spool_not_removed", "id=%s reason=%s", id.text, LOG_QUOTE(err.detail));
}

/* All of them */

struct looker {
    int64_t before_s;
    void (*take)(void *owner, struct uuid id);
    void *owner;
};

static void look_at(void *arg, int folder, const char *name, const struct stat *file)
{
    const struct looker *looker = arg;
    struct uuid id;

    if (file->st_mtime > looker->before_s)
        return;
    if (uuid_read(text_of(name), &id))
        looker->take(looker->owner, id);
    else if (*name == '~')
        (void)unlinkat(folder, name, 0);
}

void spool_each(struct spool *spool, int64_t min_age_s, void (*take)(void *owner, struct uuid id), void *owner)
{
    struct looker looker = {.before_s = clock_wall_s() - min_age_s, .take = take, .owner = owner};

    walk(spool, look_at, &looker);
}

bool spool_due(struct spool *spool, int64_t every_s)
{
    int64_t now_ms = clock_monotonic_ms(), due_ms = atomic_load(&spool->due_ms);

    return now_ms >= due_ms && atomic_compare_exchange_strong(&spool->due_ms, &due_ms, now_ms + every_s * 1000);
}
