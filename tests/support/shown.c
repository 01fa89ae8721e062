#include "support/shown.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"

enum { MAX_FOUND = 100000 };

bool shown_has(const struct loopback *l, const char *part) { return strstr(loopback_body(l), part) != NULL; }

int shown_count(const struct loopback *l, const char *part)
{
    int found = 0;

    for (const char *at = loopback_body(l); (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

const char *shown_between(const struct loopback *l, const char *begin, const char *end)
{
    static char found[MAX_FOUND];
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

void shown_assert(const struct loopback *l, const char *part)
{
    const char *shown = strstr(loopback_body(l), "<main");

    if (!shown_has(l, part))
        fail_msg("without %s:\n%.3000s", part, shown ? shown : loopback_body(l));
}

void shown_close(struct loopback *l, int status)
{
    assert_false(fake_db_waits());
    if (loopback_status(l) != status)
        fail_msg("%d: %.3000s", loopback_status(l), loopback_body(l));
    loopback_close(l);
}

void shown_close_redirect(struct loopback *l, const char *location)
{
    assert_non_null(loopback_header(l, "location", 0));
    assert_string_equal(loopback_header(l, "location", 0), location);
    shown_close(l, 303);
}
