/* Fetching the files a result points to. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "fal/fal_call.h"

enum { TIMEOUT_MS = 120000, LARGE_TIMEOUT_MS = 900000 };

static bool judge(enum fetch_outcome outcome, int status, struct err *reterr)
{
    if (outcome != FETCH_OK)
        return false;
    if (status == 404 || status == 410)
        return err_set(reterr, ERR_NOT_FOUND, "fal_media_gone", "HTTP %d", status);
    return status == 200 || err_set(reterr, ERR_UPSTREAM, "fal_media_failed", "HTTP %d", status);
}

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
    return judge(outcome, response.status, reterr);
}

struct sink {
    int fd;
    int64_t bytes;
    int error; /* of the last write; 0: none */
    struct digest *digest;
};

static bool on_piece(void *taker, const char *bytes, size_t len)
{
    struct sink *sink = taker;

    digest_add(sink->digest, (struct text){bytes, len});
    if (!file_write_at(sink->fd, (struct text){bytes, len}, sink->bytes)) {
        sink->error = errno;
        return false;
    }
    sink->bytes += (int64_t)len;
    return true;
}

static bool not_written(int error, struct err *reterr)
{
    return err_set(reterr, error == ENOSPC ? ERR_BUSY : ERR_INTERNAL, "fal_media_unwritten", "%s", strerror(error));
}

bool fal_download_to(struct fal *fal, const char *url, int64_t max_bytes, int fd, struct fal_file *ret,
                     struct err *reterr)
{
    struct sink sink = {.fd = fd};
    struct fetch_request request = {.trust = FETCH_MEDIA,
                                    .url = url,
                                    .take = on_piece,
                                    .taker = &sink,
                                    .connect_timeout_ms = FAL_CONNECT_MS,
                                    .timeout_ms = LARGE_TIMEOUT_MS,
                                    .max_bytes = (size_t)max_bytes};
    struct fetch_response response;
    enum fetch_outcome outcome;
    bool ok;

    *ret = (struct fal_file){0};
    if (ftruncate(fd, 0) != 0)
        return not_written(errno, reterr);
    sink.digest = digest_open(DIGEST_SHA256);
    outcome = fetch_do(fal->fetch, &request, &response, reterr);
    fetch_response_done(&response);
    (void)digest_done(sink.digest, ret->sha256);
    ret->bytes = sink.bytes;
    ok = judge(outcome, response.status, reterr);
    return ok || !sink.error ? ok : not_written(sink.error, reterr);
}
