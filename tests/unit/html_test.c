#include "view/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void escapes_what_markup_is_made_of(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(1000);

    (void)state;
    assert_true(html_text(&out, TEXT("<b title='a' lang=\"en\">&amp;</b>")));
    assert_string_equal(out.bytes, "&lt;b title=&#39;a&#39; lang=&quot;en&quot;&gt;&amp;amp;&lt;/b&gt;");
}

static void leaves_everything_else_and_what_stands_before(void **state)
{
    CLEANUP(buf_done) struct buf out = buf_make(1000);

    (void)state;
    assert_true(buf_add_text(&out, "<p>"));
    assert_true(html_text(&out, TEXT("Анна 😀 `=/\\")));
    assert_true(html_text(&out, TEXT("")));
    assert_string_equal(out.bytes, "<p>Анна 😀 `=/\\");
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    for (size_t room = 0; room <= 12; room++) {
        CLEANUP(buf_done) struct buf out = buf_make(room);
        assert_int_equal(html_text(&out, TEXT("ab&c<")), room >= strlen("ab&amp;c&lt;"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_markup_is_made_of),
        cmocka_unit_test(leaves_everything_else_and_what_stands_before),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
