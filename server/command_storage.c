#include "command_storage.h"

#include <stdio.h>

#include "storage/storage_watch.h"
#include "storage/store_config.h"
#include "storage/store_s3.h"

struct bucket {
    const char *name, *what;
    bool pages; /* a browser's scripts put or read objects there */
};

static const struct bucket BUCKETS[] = {
    {"aisha-v2-generated", "pictures that were made", true},
    {"aisha-v2-photos", "people's photos, and archives of them for training", true},
    {"aisha-v2-models", "trained models", false},
    {"aisha-v2-templates", "pictures of templates", false},
    {STORAGE_TRY_BUCKET, "whose the objects are", false},
};

enum { BUCKETS_COUNT = sizeof BUCKETS / sizeof *BUCKETS };

static void say_rules(const char *buckets, const char *origin)
{
    (void)printf("  %s: a CORS rule that lets %s GET, HEAD and PUT with any header\n", buckets, origin);
}

static void say_what_is_to_be_made(const struct config *config)
{
    (void)printf("S3_CREATE_BUCKETS=false, so these must be made at %s by hand:\n", config->s3_endpoint);
    for (int i = 0; i < BUCKETS_COUNT; i++)
        (void)printf("  bucket %s (%s)\n", BUCKETS[i].name, BUCKETS[i].what);
    for (int i = 0; i < BUCKETS_COUNT; i++)
        if (BUCKETS[i].pages)
            say_rules(BUCKETS[i].name, config->public_url);
    (void)printf("  each: a lifecycle rule that aborts unfinished multipart uploads after a day\n");
}

static void say_bucket(const struct config *config, const struct bucket *bucket, const struct s3_bucket_report *report)
{
    (void)printf("bucket %s %s\n", bucket->name, report->made ? "was made" : "is there");
    if (bucket->pages && !report->cors)
        say_rules("its server has no such settings; if pages cannot upload photos, it needs", config->public_url);
    if (!report->lifecycle)
        (void)printf("  unfinished multipart uploads must be aborted by the server itself, or by a lifecycle rule\n");
}

static bool make_buckets(const struct config *config, struct store *store, struct err *reterr)
{
    for (int i = 0; i < BUCKETS_COUNT; i++) {
        const struct bucket *bucket = &BUCKETS[i];
        struct s3_bucket_report report;
        if (!store_s3_make_bucket(store, text_of(bucket->name), bucket->pages ? config->public_url : NULL, &report,
                                  reterr))
            return false;
        say_bucket(config, bucket, &report);
    }
    return true;
}

bool command_storage_prepare(const struct config *config, struct err *reterr)
{
    struct store *store;
    bool ok;

    if (!config->s3_endpoint)
        return true;
    if (!config->s3_create_buckets) {
        say_what_is_to_be_made(config);
        return true;
    }
    store = store_open_configured(config, NULL, reterr);
    ok = store && make_buckets(config, store, reterr);
    store_close(store);
    return ok;
}

bool command_storage_try(const struct config *config, struct err *reterr)
{
    struct store *store = store_open_configured(config, NULL, reterr);
    bool ok = store != NULL;

    for (int i = 0; i < BUCKETS_COUNT && ok; i++)
        ok = storage_answers(store, BUCKETS[i].name, reterr);
    store_close(store);
    return ok;
}
