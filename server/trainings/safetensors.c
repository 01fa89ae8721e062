#include "trainings/safetensors.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "json/json_in.h"

enum { LENGTH_BYTES = 8 };

static bool read_exactly(int fd, void *to, size_t len, int64_t from, struct err *reterr)
{
    ssize_t got = pread(fd, to, len, from);

    return (got >= 0 && (size_t)got == len) ||
           err_set(reterr, ERR_INTERNAL, "model_unreadable", "%s", got < 0 ? strerrordesc_np(errno) : "cut short");
}

static int64_t length_of(const unsigned char bytes[LENGTH_BYTES])
{
    uint64_t length = 0;

    for (int i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | bytes[i];
    return length > SAFETENSORS_MAX_HEADER ? -1 : (int64_t)length;
}

/* The largest end of a tensor; -1: there is none, or one that makes no sense. */
static int64_t data_end(yajl_val header)
{
    int64_t end = -1;

    for (size_t i = 0; i < YAJL_GET_OBJECT(header)->len; i++) {
        yajl_val offsets = json_get(YAJL_GET_OBJECT(header)->values[i], "data_offsets");
        if (strcmp(YAJL_GET_OBJECT(header)->keys[i], "__metadata__") == 0)
            continue;
        if (!YAJL_IS_ARRAY(offsets) || YAJL_GET_ARRAY(offsets)->len != 2 ||
            !YAJL_IS_INTEGER(YAJL_GET_ARRAY(offsets)->values[0]) ||
            !YAJL_IS_INTEGER(YAJL_GET_ARRAY(offsets)->values[1]) ||
            YAJL_GET_INTEGER(YAJL_GET_ARRAY(offsets)->values[0]) < 0 ||
            YAJL_GET_INTEGER(YAJL_GET_ARRAY(offsets)->values[0]) > YAJL_GET_INTEGER(YAJL_GET_ARRAY(offsets)->values[1]))
            return -1;
        if (end < YAJL_GET_INTEGER(YAJL_GET_ARRAY(offsets)->values[1]))
            end = YAJL_GET_INTEGER(YAJL_GET_ARRAY(offsets)->values[1]);
    }
    return end;
}

static bool broken(struct err *reterr, const char *why)
{
    return err_set(reterr, ERR_UPSTREAM, "model_broken", "%s", why);
}

static bool check_header(struct text text, int64_t data_bytes, struct err *reterr)
{
    struct err ignored;
    yajl_val header;
    int64_t end;

    if (!json_parse(text, &header, &ignored))
        return broken(reterr, "its header is no JSON");
    end = YAJL_IS_OBJECT(header) ? data_end(header) : -1;
    yajl_tree_free(header);
    if (end <= 0)
        return broken(reterr, "its header names no tensors");
    return end == data_bytes || broken(reterr, end > data_bytes ? "it is cut short" : "it is longer than it says");
}

bool safetensors_check(int fd, int64_t bytes, struct err *reterr)
{
    CLEANUP(buf_done) struct buf header = buf_make(SAFETENSORS_MAX_HEADER + 1);
    unsigned char head[LENGTH_BYTES];
    int64_t length;
    char *room;

    if (bytes < LENGTH_BYTES + 2)
        return broken(reterr, "it is too short");
    if (!read_exactly(fd, head, sizeof head, 0, reterr))
        return false;
    length = length_of(head);
    if (length < 2 || length > bytes - LENGTH_BYTES)
        return broken(reterr, "its header's length makes no sense");
    room = buf_reserve(&header, (size_t)length);
    if (!room || !read_exactly(fd, room, (size_t)length, LENGTH_BYTES, reterr))
        return false;
    return check_header((struct text){room, (size_t)length}, bytes - LENGTH_BYTES - length, reterr);
}
