#include "falsim/sim_lora_check.h"

#include <string.h>

#include "base/buf.h"
#include "falsim/sim_load.h"
#include "falsim/sim_make.h"
#include "json/json_in.h"

enum { MAX_LORA_BYTES = 1 << 30, LENGTH_BYTES = 8 };

/* The length of the header, low byte first, and an object of JSON behind it that lies in the file. */
static bool begins_like_weights(const struct buf *bytes)
{
    uint64_t header = 0;

    if (bytes->len <= LENGTH_BYTES || bytes->bytes[LENGTH_BYTES] != '{')
        return false;
    for (int i = LENGTH_BYTES; i-- > 0;)
        header = header << 8 | (unsigned char)bytes->bytes[i];
    return header <= bytes->len - LENGTH_BYTES;
}

static bool is_there(struct sim *sim, const char *path)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MAX_LORA_BYTES);
    struct err err;

    return path && sim_load(sim, path, &bytes, &err) && begins_like_weights(&bytes);
}

bool sim_lora_check(struct sim *sim, yajl_val input, struct sim_outcome *ret)
{
    yajl_val loras = json_get(input, "loras");

    for (size_t i = 0; YAJL_IS_ARRAY(loras) && i < YAJL_GET_ARRAY(loras)->len; i++) {
        if (is_there(sim, json_get_text(YAJL_GET_ARRAY(loras)->values[i], "path")))
            continue;
        sim_outcome_invalid(ret, "loras", "file_download_error",
                            "Failed to download the file. Please check if the URL is accessible and try again.", NULL);
        return false;
    }
    return true;
}
