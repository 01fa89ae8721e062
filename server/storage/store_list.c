/* What lies in a bucket: names are judged here, found by the driver. */
#include <assert.h>
#include <stdio.h>

#include "base/uuid.h"
#include "storage/store_driver.h"

bool store_is_leftover(struct text key)
{
    size_t start = key.len;
    struct uuid id;

    while (start && key.at[start - 1] != '/')
        start--;
    return key.len > start && key.at[start] == '~' &&
           uuid_read((struct text){key.at + start + 1, key.len - start - 1}, &id) &&
           (start == 0 || store_key_ok((struct text){key.at, start - 1}));
}

bool store_list(struct store *store, struct text bucket, const char *after, int limit, store_list_fn fn, void *owner,
                struct err *reterr)
{
    char name[STORE_BUCKET_MAX + 1];

    assert(limit > 0);
    if (!store_bucket_ok(bucket))
        return err_set(reterr, ERR_INVALID, "storage_key", "not the name of a bucket (%zu bytes)", bucket.len);
    (void)text_copy(name, sizeof name, bucket);
    return store->driver->list(store, name, after, limit, fn, owner, reterr);
}

bool store_discard(struct store *store, struct text bucket, struct text key, struct err *reterr)
{
    char path[STORE_PATH_ROOM];

    if (!store_bucket_ok(bucket) || key.len > STORE_KEY_MAX || !store_is_leftover(key))
        return err_set(reterr, ERR_INVALID, "storage_key", "not the name of a leftover (%zu bytes)", key.len);
    (void)snprintf(path, sizeof path, "%.*s/%.*s", (int)bucket.len, bucket.at, (int)key.len, key.at);
    return store->driver->remove(store, path, reterr);
}
