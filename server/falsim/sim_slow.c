#include "falsim/sim_slow.h"

#include <inttypes.h>
#include <stdio.h>

#include "falsim/sim_broken.h"
#include "falsim/sim_files.h"

enum { MAX_SLOW_FILE = 64 << 20, MAX_MS = 24 * 3600 * 1000 };

void sim_slow_url(const struct sim *sim, const char *name, int64_t ms, char *to, size_t room)
{
    if (ms)
        (void)snprintf(to, room, "%s/_sim/slow/%" PRId64 "/%s", sim->public_url, ms, name);
    else
        (void)snprintf(to, room, "%s/files/%s", sim->public_url, name);
}

struct next sim_slow_serve(struct call *call, struct text rest)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MAX_SLOW_FILE);
    struct text ms_text = text_cut(&rest, '/');
    char name[SIM_FILE_NAME_ROOM];
    struct err err;
    int64_t ms;

    if (!text_int64(ms_text, 1, MAX_MS, &ms) || !sim_files_name_is_fine(rest) || !text_starts(rest, TEXT("out/")) ||
        !text_copy(name, sizeof name, rest) || !sim_files_read(sim_of(call)->files, name, &bytes, &err))
        return sim_reply_detail(call, 404, "Not found");
    return sim_broken_slow(call, ms, "application/octet-stream", &bytes);
}
