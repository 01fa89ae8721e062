/* Fetching the files a result points to. */
#include "fal/fal_call.h"

enum { TIMEOUT_MS = 120000 };

bool fal_download(struct fal *fal, const char *url, size_t max_bytes, struct buf *ret, struct err *reterr)
{
    struct fetch_request request = {.trust = FETCH_MEDIA,
                                    .url = url,
                                    .connect_timeout_ms = FAL_CONNECT_MS,
                                    .timeout_ms = TIMEOUT_MS,
                                    .max_bytes = max_bytes};
    struct fetch_response response;
    enum fetch_outcome outcome = fetch_do(fal->fetch, &request, &response, reterr);

    *ret = response.body; /* handed over, whatever is in it */
    if (outcome != FETCH_OK)
        return false;
    if (response.status == 404 || response.status == 410)
        return err_set(reterr, ERR_NOT_FOUND, "fal_media_gone", "HTTP %d", response.status);
    return response.status == 200 || err_set(reterr, ERR_UPSTREAM, "fal_media_failed", "HTTP %d", response.status);
}
