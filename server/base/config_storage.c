#include "base/config_storage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/url.h"

/* Half of it would be a store that nobody can write to: all three, or none. */
static void want_whole(const struct config *config, struct buf *problems)
{
    const struct {
        const char *name, *value;
    } PARTS[] = {{"S3_ENDPOINT", config->s3_endpoint},
                 {"S3_ACCESS_KEY", config->s3_access_key},
                 {"S3_SECRET_KEY", config->s3_secret_key}};
    const char *given = config->s3_public_endpoint ? "S3_PUBLIC_ENDPOINT" : NULL;

    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        if (PARTS[i].value)
            given = PARTS[i].name;
    for (size_t i = 0; given && i < sizeof PARTS / sizeof *PARTS; i++)
        if (!PARTS[i].value)
            (void)buf_add_format(problems, "%s is not set, but %s is: S3 needs its address and both keys\n",
                                 PARTS[i].name, given);
}

static void want_bare(const char *name, const char *url, struct buf *problems)
{
    if (url && !url_is_origin(url))
        (void)buf_add_format(problems, "%s must be scheme://host:port in small letters with nothing behind it\n", name);
}

/* They stand in addresses and in lines that are signed. */
static void want_plain(const char *name, const char *value, struct buf *problems)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    if (value && value[strspn(value, PLAIN)])
        (void)buf_add_format(problems, "%s may have letters, digits and - . _ ~ alone\n", name);
}

/* Browsers load nothing by http on a page that came by https, but from their own machine. */
static void want_no_mixture(const struct config *config, struct buf *problems)
{
    const char *url = config->s3_public_endpoint;

    if (url && config->public_url && strncmp(config->public_url, "https://", 8) == 0 &&
        strncmp(url, "https://", 8) != 0 && url_reach(url) != URL_LOOPBACK)
        (void)buf_add_text(problems, "S3_PUBLIC_ENDPOINT must be https, because PUBLIC_URL is: browsers would not load "
                                     "the pictures\n");
}

/* Who has only a simulator to give addresses to may give those of this machine. */
static bool is_public_by_itself(const struct config *config)
{
    const char *url = config->s3_public_endpoint ? config->s3_public_endpoint : config->public_url;

    if (config->test_mode && config->training_test_mode)
        return true;
    return url && strncmp(url, "https://", 8) == 0 && url_reach(url) == URL_PUBLIC;
}

static void decide_public(struct config *config, struct buf *problems)
{
    const char *said = config->storage_public_name;

    if (!said)
        config->storage_public = is_public_by_itself(config);
    else if (strcmp(said, "true") == 0 || strcmp(said, "1") == 0)
        config->storage_public = true;
    else if (strcmp(said, "false") != 0 && strcmp(said, "0") != 0)
        (void)buf_add_text(problems, "STORAGE_PUBLIC must be true or false, or left out\n");
}

void config_derive_storage(struct config *config, struct buf *problems)
{
    want_whole(config, problems);
    want_bare("S3_ENDPOINT", config->s3_endpoint, problems);
    want_bare("S3_PUBLIC_ENDPOINT", config->s3_public_endpoint, problems);
    want_plain("S3_ACCESS_KEY", config->s3_access_key, problems);
    want_plain("S3_REGION", config->s3_region, problems);
    if (config->s3_endpoint && !config->s3_public_endpoint &&
        !(config->s3_public_endpoint = strdup(config->s3_endpoint)))
        abort();
    want_no_mixture(config, problems);
    decide_public(config, problems);
}
