#include "storage/store_config.h"

#include "base/config.h"
#include "storage/store_s3.h"

struct store *store_open_configured(const struct config *config, const atomic_bool *stop, struct err *reterr)
{
    const struct s3_config s3 = {.endpoint = config->s3_endpoint,
                                 .region = config->s3_region,
                                 .access_key = config->s3_access_key,
                                 .secret_key = config->s3_secret_key,
                                 .path_style = config->s3_path_style,
                                 .stop = stop};

    return config->s3_endpoint ? store_s3_open(&s3, reterr) : store_open(config->objects_dir, reterr);
}
