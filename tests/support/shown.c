#include "support/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"

bool shown_has(const struct loopback *l, const char *part) { return strstr(loopback_body(l), part) != NULL; }

int shown_count(const struct loopback *l, const char *part)
{
    int found = 0;

    for (const char *at = loopback_body(l); (at = strstr(at, part)); at += strlen(part))
        found++;
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
    assert_int_equal(loopback_status(l), status);
    assert_false(fake_db_waits());
    loopback_close(l);
}
