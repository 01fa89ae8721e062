#include "storage/store.h"

#include <stdio.h>

#include "base/fault_point.h"
#include "storage/store_driver.h"

static bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool store_bucket_ok(struct text bucket)
{
    if (!bucket.len || bucket.len > STORE_BUCKET_MAX || bucket.at[0] == '-' || bucket.at[bucket.len - 1] == '-')
        return false;
    for (size_t i = 0; i < bucket.len; i++)
        if (!is_lower_or_digit(bucket.at[i]) && bucket.at[i] != '-')
            return false;
    return true;
}

static bool segment_ok(struct text segment)
{
    if (!segment.len || text_equal(segment, TEXT(".")) || text_equal(segment, TEXT("..")))
        return false;
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.at[i];
        if (!is_lower_or_digit(c) && !(c >= 'A' && c <= 'Z') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

bool store_key_ok(struct text key)
{
    if (!key.len || key.len > STORE_KEY_MAX || key.at[key.len - 1] == '/')
        return false;
    for (struct text rest = key; rest.len;)
        if (!segment_ok(text_cut(&rest, '/')))
            return false;
    return true;
}

static bool write_path(struct text bucket, struct text key, char to[STORE_PATH_ROOM], struct err *reterr)
{
    if (!store_bucket_ok(bucket) || !store_key_ok(key))
        return err_set(reterr, ERR_INVALID, "storage_key", "not the name of an object (%zu + %zu bytes)", bucket.len,
                       key.len);
    (void)snprintf(to, STORE_PATH_ROOM, "%.*s/%.*s", (int)bucket.len, bucket.at, (int)key.len, key.at);
    return true;
}

struct store *store_open(const char *dir, struct err *reterr) { return store_disk_open(dir, reterr); }

void store_close(struct store *store)
{
    if (store)
        store->driver->close(store);
}

static bool is_cut(const char *what, const char *when, struct err *reterr)
{
    return FAULT_POINT(what, NULL, when) &&
           !err_set(reterr, ERR_INTERNAL, "storage_failed", "a fault %s %s", when, what);
}

bool store_put(struct store *store, struct text bucket, struct text key, struct text bytes, struct err *reterr)
{
    char path[STORE_PATH_ROOM];

    return write_path(bucket, key, path, reterr) && !is_cut("put", "before", reterr) &&
           store->driver->put(store, path, bytes, reterr) && !is_cut("put", "after", reterr);
}

bool store_put_file(struct store *store, struct text bucket, struct text key, int fd, int64_t bytes, struct err *reterr)
{
    char path[STORE_PATH_ROOM];

    return write_path(bucket, key, path, reterr) && !is_cut("put", "before", reterr) &&
           store->driver->put_file(store, path, fd, bytes, reterr) && !is_cut("put", "after", reterr);
}

bool store_get(struct store *store, struct text bucket, struct text key, struct buf *ret, struct err *reterr)
{
    size_t len = ret->len;
    char path[STORE_PATH_ROOM];

    if (!write_path(bucket, key, path, reterr) || is_cut("get", "before", reterr) ||
        !store->driver->get(store, path, ret, reterr))
        return false;
    if (!is_cut("get", "after", reterr))
        return true;
    ret->len = len; /* no more than was there */
    if (ret->bytes)
        ret->bytes[len] = '\0';
    return false;
}

bool store_delete(struct store *store, struct text bucket, struct text key, struct err *reterr)
{
    char path[STORE_PATH_ROOM];

    return write_path(bucket, key, path, reterr) && store->driver->remove(store, path, reterr);
}

bool store_size(struct store *store, struct text bucket, struct text key, int64_t *ret, struct err *reterr)
{
    char path[STORE_PATH_ROOM];

    return write_path(bucket, key, path, reterr) && store->driver->size(store, path, ret, reterr);
}

bool store_exists(struct store *store, struct text bucket, struct text key, bool *ret, struct err *reterr)
{
    int64_t size;
    bool found = store_size(store, bucket, key, &size, reterr);

    if (!found && reterr->kind != ERR_NOT_FOUND)
        return false;
    *ret = found;
    return true;
}
