/* A Content-Type up to the first newline, and behind it the body: parts lie inside, in their order, apart from each
   other, and no boundary is in the bytes of one. */
#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct seen {
    struct text body, boundary;
    const char *end; /* of what came last */
    int count;
};

static void lies_inside(const struct seen *seen, struct text t)
{
    if (t.at && (t.at < seen->end || t.at + t.len > seen->body.at + seen->body.len))
        abort();
}

/* A line of the bytes that is a boundary would have ended them. */
static void holds_no_boundary(const struct seen *seen, struct text bytes)
{
    char line[100];
    int len = snprintf(line, sizeof line, "\r\n--%.*s\r\n", (int)seen->boundary.len, seen->boundary.at);

    if (memmem(bytes.at, bytes.len, line, (size_t)len))
        abort();
}

static bool take(void *owner, const struct multipart_part *part)
{
    struct seen *seen = owner;

    lies_inside(seen, part->name);
    lies_inside(seen, part->file_name);
    lies_inside(seen, part->content_type);
    lies_inside(seen, part->bytes);
    if (!part->name.at || !part->bytes.at || part->file_name.len > MULTIPART_MAX_HEAD)
        abort();
    holds_no_boundary(seen, part->bytes);
    seen->end = part->bytes.at + part->bytes.len;
    if (++seen->count > MULTIPART_MAX_PARTS)
        abort();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text body = {(const char *)bytes, len}, type = text_cut(&body, '\n');
    struct seen seen = {.body = body, .end = body.at};
    struct err err;

    if (!body.at || !type.at || !multipart_boundary(type, &seen.boundary, &err))
        return 0;
    (void)multipart_read(body, seen.boundary, take, &seen, &err);
    return 0;
}
