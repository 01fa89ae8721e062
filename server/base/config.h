#pragma once
/* The configuration: environment variables, and a .env file in the current folder for what the environment leaves out.
   Read once at start; texts live as long as the process. Every problem is reported, in words, all at once. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/log.h"

enum { CONFIG_URL_MAX = 200 }; /* bytes of a URL: every link to a picture begins with PUBLIC_URL */

/* Who does one kind of paid work: fal.ai or, in that kind's test mode, the simulator. */
struct provider {
    char *queue_url, *rest_url, *platform_url;
    char *key;         /* id:secret; NULL: work of this kind is not available */
    char *webhook_url; /* base of the addresses that it calls; NULL: polling alone */
    bool simulated;    /* nothing is paid; plain http and its own files are fine */
};

/* Is it the same one, so that a handle may serve both kinds? */
bool provider_equal(const struct provider *a, const struct provider *b);

struct config {
    char *listen;
    char *public_url; /* without a slash at the end */
    char *database_url;
    char *redis_url;     /* NULL: none */
    char *secret_key;    /* signs URLs, cursors, webhook addresses */
    char *service_token; /* NULL: no internal clients */
    char *root;          /* where migrations/, templates/ and the data folders of server/ are */
    char *objects_dir;
    char *s3_endpoint, *s3_access_key, *s3_secret_key; /* NULL: objects lie in objects_dir */
    char *s3_public_endpoint;                          /* where others reach it; set when s3_endpoint is */
    char *s3_region;
    bool s3_path_style, s3_create_buckets;
    char *storage_public_name;
    bool storage_public; /* a stranger on the internet can follow our links to objects */
    char *temp_dir;      /* for what is on its way: uploads, archives, models; files without names */
    char *spool_dir;     /* where results wait while the storage does not take them */

    struct provider fal;                  /* as it is set: work goes to one of these two */
    struct provider generation, training; /* their texts are those of fal, or of the simulator */
    char *fal_media_hosts, *fal_webhook_secret;
    char *falsim_url;
    bool test_mode, training_test_mode, webhook_simulation;
    bool safety_checker;  /* the provider looks for indecency */
    long mock_training_s; /* how long the simulator takes for a training */

    long http_threads, workers, max_connections, request_timeout_s, write_timeout_s, database_connections;
    long avatars_per_user;
    long avatar_min_photos, avatar_max_photos; /* of one avatar: to be trained, and at all */
    long photo_max_size;                       /* bytes of a photo as it is sent */
    long upload_space_mib;                     /* that all uploads together may take of the disk */
    long decoders;                             /* processes that decode strangers' pictures */
    long default_quota;                        /* credits that a user begins with */
    long fal_concurrency; /* generations that may be at the provider at the same time; of one user: */
    long fal_user_concurrency;
    long resend_max_credits; /* dearer work is never sent again when nobody can know what became of it */
    long spool_max_mib;
    char *log_level_name;
    enum log_level log_level;
    bool secure_cookies; /* public_url is https, or loopback, where browsers take Secure cookies too */
};

/* False: problems has a line for each. */
bool config_load(struct config *ret, struct buf *problems);
