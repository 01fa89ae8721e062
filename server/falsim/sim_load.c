#include "falsim/sim_load.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/text.h"
#include "falsim/sim.h"
#include "falsim/sim_files.h"
#include "fetch/fetch.h"

enum { CONNECT_TIMEOUT_MS = 5000, TIMEOUT_MS = 60000 };

static bool load_data(const char *url, struct buf *ret, struct err *reterr)
{
    const char *comma = strchr(url, ',');
    size_t len = comma ? strlen(comma + 1) : 0;
    char *to;
    int got;

    if (!comma || comma - url < 7 || strncmp(comma - 7, ";base64", 7) != 0 || len == 0 || len % 4 != 0)
        return err_set(reterr, ERR_INVALID, "data_url", "not base64");
    if (!(to = buf_reserve(ret, len)))
        return err_set(reterr, ERR_TOO_LARGE, "data_url", "%zu bytes", len);
    got = EVP_DecodeBlock((unsigned char *)to, (const unsigned char *)comma + 1, (int)len);
    if (got < 0)
        return err_set(reterr, ERR_INVALID, "data_url", "not base64");
    ret->len += (size_t)got - (comma[len] == '=') - (comma[len - 1] == '=');
    return true;
}

static bool load_remote(struct sim *sim, const char *url, struct buf *ret, struct err *reterr)
{
    struct fetch_request request = {.url = url,
                                    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                    .timeout_ms = TIMEOUT_MS,
                                    .max_bytes = ret->limit,
                                    .fresh = true};
    struct fetch *fetch =
        fetch_open(&(struct fetch_config){.origins = {url}, .loopback = true, .stop = &sim->stopping}, reterr);
    struct fetch_response response;
    bool ok;

    if (!fetch)
        return false;
    ok = fetch_do(fetch, &request, &response, reterr) == FETCH_OK;
    if (ok && response.status != 200)
        ok = err_set(reterr, ERR_UPSTREAM, "load", "status %d", response.status);
    if (ok) {
        const struct buf empty = *ret;
        *ret = response.body;
        response.body = empty;
    }
    fetch_response_done(&response);
    fetch_close(fetch);
    return ok;
}

bool sim_load(struct sim *sim, const char *url, struct buf *ret, struct err *reterr)
{
    size_t own = strlen(sim->public_url);
    const char *name = url + own + strlen("/files/");

    if (strncmp(url, "data:", 5) == 0)
        return load_data(url, ret, reterr);
    if (strncmp(url, sim->public_url, own) == 0 && strncmp(url + own, "/files/", 7) == 0)
        return sim_files_name_is_fine(text_of(name)) &&
                       !sim_files_expired(sim->files, text_of(name), sim->config.file_ttl_s)
                   ? sim_files_read(sim->files, name, ret, reterr)
                   : err_set(reterr, ERR_NOT_FOUND, "load", "no such file");
    return load_remote(sim, url, ret, reterr);
}
