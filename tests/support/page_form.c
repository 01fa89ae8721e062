#include "support/page_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { LIMIT = 100000, BODIES = 4 /* of forms that may be under way at the same time */ };

static void add(struct buf *body, const char *text)
{
    size_t room = 3 * strlen(text) + 1;
    char *encoded = malloc(room);

    if (!encoded || !text_percent_encode(text_of(text), encoded, room) || !buf_add_text(body, encoded))
        abort();
    free(encoded);
}

struct loopback *page_form_send(const char *path, const char *const *fields)
{
    static char bodies[BODIES][LIMIT]; /* a request borrows its body */
    static int next;
    CLEANUP(buf_done) struct buf body = buf_make(LIMIT - 1);
    char *kept = bodies[next++ % BODIES];

    (void)buf_add_text(&body, "csrf_token=t");
    for (; fields[0]; fields += 2) {
        (void)buf_add_text(&body, "&");
        add(&body, fields[0]);
        (void)buf_add_text(&body, "=");
        add(&body, fields[1]);
    }
    memcpy(kept, body.bytes, body.len + 1);
    return house_post(path, kept);
}
