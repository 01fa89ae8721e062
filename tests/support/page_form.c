#include "support/page_form.h"

#include <assert.h>
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
    return house_send(&(struct loopback_message){
        .method = "POST",
        .path = path,
        .headers = {"content-type", "application/x-www-form-urlencoded", "accept", "text/html"},
        .body = kept});
}

int page_count(const struct loopback *l, const char *part)
{
    int count = 0;

    assert(*part);
    for (const char *at = loopback_body(l); (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

bool page_has(const struct loopback *l, const char *part) { return strstr(loopback_body(l), part) != NULL; }

const char *page_between(const struct loopback *l, const char *begin, const char *end)
{
    static char found[LIMIT];
    const char *from = strstr(loopback_body(l), begin), *to = from ? strstr(from + strlen(begin), end) : NULL;

    found[0] = '\0';
    if (to) {
        from += strlen(begin);
        assert((size_t)(to - from) < sizeof found);
        memcpy(found, from, (size_t)(to - from));
        found[to - from] = '\0';
    }
    return found;
}
