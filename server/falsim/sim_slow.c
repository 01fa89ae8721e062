#include "falsim/sim_slow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "falsim/sim_broken.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_files.h"

enum { MAX_BAD_FILE = 64 << 20, MAX_NUMBER = 24 * 3600 * 1000, CUT_BYTES = 64 * 1024, MAX_COUNTER = 1 << 20 };
static const char TYPE[] = "application/octet-stream";

void sim_slow_url(const struct sim *sim, const char *name, const struct sim_fault *fault, char *to, size_t room)
{
    if (fault && strcmp(fault->fault, "slow") == 0)
        (void)snprintf(to, room, "%s/_sim/bad/slow/%" PRId64 "/%s", sim->public_url, fault->delay_ms, name);
    else if (fault && strcmp(fault->fault, "cut") == 0)
        (void)snprintf(to, room, "%s/_sim/bad/cut/%" PRId64 "/%s", sim->public_url, fault->times, name);
    else
        (void)snprintf(to, room, "%s/files/%s", sim->public_url, name);
}

/* Was it downloaded so often yet? Counted in a file beside it: a byte for each time. */
static bool is_counted_out(struct sim *sim, const char *name, int64_t times)
{
    CLEANUP(buf_done) struct buf counted = buf_make(MAX_COUNTER);
    char counter[SIM_FILE_NAME_ROOM];
    struct err err;

    if ((size_t)snprintf(counter, sizeof counter, "part/%s.cut", name + strlen("out/")) >= sizeof counter)
        return true;
    (void)sim_files_read(sim->files, counter, &counted, &err); /* not there: never */
    return (int64_t)counted.len >= times || !sim_files_append(sim->files, counter, TEXT("x"), &err);
}

/* The whole length is announced, a beginning comes, and the connection ends. */
static struct next reply_cut(struct call *call, const struct buf *bytes)
{
    CLEANUP(buf_done) struct buf raw = buf_make(CUT_BYTES + 1000);

    (void)buf_add_format(&raw, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", TYPE, bytes->len);
    (void)buf_add(&raw, bytes->bytes, bytes->len / 2 < CUT_BYTES ? bytes->len / 2 : CUT_BYTES);
    return sim_broken_cut(call, (struct text){raw.bytes, raw.len});
}

struct next sim_slow_serve(struct call *call, struct text rest)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MAX_BAD_FILE);
    struct text how = text_cut(&rest, '/'), number_text = text_cut(&rest, '/');
    char name[SIM_FILE_NAME_ROOM];
    struct err err;
    int64_t number;

    if (!text_int64(number_text, 1, MAX_NUMBER, &number) || !sim_files_name_is_fine(rest) ||
        !text_starts(rest, TEXT("out/")) || !text_copy(name, sizeof name, rest) ||
        !sim_files_read(sim_of(call)->files, name, &bytes, &err))
        return sim_reply_detail(call, 404, "Not found");
    if (text_equal(how, TEXT("slow")))
        return sim_broken_slow(call, number, TYPE, &bytes);
    return is_counted_out(sim_of(call), name, number)
               ? reply_bytes(call, 200, TYPE, (struct text){bytes.bytes, bytes.len})
               : reply_cut(call, &bytes);
}
