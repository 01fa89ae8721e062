/* A request's head: whatever it says, its length and every byte outside the lines that tell of its body stay; and what
   is said of an upload is within its limit. A second look finds no upload any more. */
#include "http/upload_head.h"

#include <stdlib.h>
#include <string.h>

#include "http/call.h"
#include "http/raw_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { LIMIT = 1000 };

static struct next never(struct call *call)
{
    (void)call;
    abort();
}

static const struct route ROUTES[] = {
    {"POST", "/{a}", ACCESS_PUBLIC, 0, never, .upload_limit = LIMIT}, {"GET", "/{a}", ACCESS_PUBLIC, 0, never}, {0}};

static size_t count(const char *bytes, size_t len, char what)
{
    size_t found = 0;

    for (size_t i = 0; i < len; i++)
        found += bytes[i] == what;
    return found;
}

static void check(const char *before, char *head, size_t len)
{
    struct upload_head upload = upload_head_take(ROUTES, head, len);

    if (upload.len != len || raw_head_len((struct text){head, len}, 0) != len)
        abort();
    if (upload.kind == UPLOAD_NONE ? memcmp(before, head, len) != 0
                                   : count(before, len, '\n') != count(head, len, '\n'))
        abort();
    if ((upload.kind == UPLOAD_COMES) != (upload.bytes > 0) || upload.bytes > LIMIT)
        abort();
    if (upload.kind != UPLOAD_NONE && upload_head_take(ROUTES, head, len).kind != UPLOAD_NONE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *before = (const char *)bytes;
    size_t head_len = raw_head_len((struct text){before, len}, 0);
    char *head;

    for (size_t from = 1; from < len && from < 64; from++) /* in two pieces the same */
        if (!raw_head_len((struct text){before, from}, 0) && raw_head_len((struct text){before, len}, from) != head_len)
            abort();
    if (!head_len)
        return 0;
    if (!(head = malloc(head_len)))
        abort();
    memcpy(head, before, head_len);
    check(before, head, head_len);
    free(head);
    return 0;
}
