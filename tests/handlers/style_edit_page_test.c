/* Styles of one's own: made of a picture, changed, deleted. */
#include "web/style_edit_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/create_visit.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/page_form.h"
#include "support/shown.h"

#define ID "01990000-0000-7000-8000-0000000000b0"
#define KEY "3b0e27a8-2f0c-4a5e-9d5b-2b8f0f4f3c11"

static struct loopback *save(const char *path, const char *title, const char *prompt)
{
    const char *const fields[] = {"title", title, "prompt", prompt, "preset", "fast", "key", KEY, NULL};

    return page_form_send(path, fields);
}

static void it_is_filled_with_what_a_picture_was_made_from(void **state)
{
    struct loopback *l = house_get("/styles/new?image=" ID);

    (void)state;
    assert_true(visit_asks("FROM images") && visit_asks("user_id = $1"));
    fake_db_answer(fake_rows(2, 1, (const char *[]){"A <cat>", "artistic"}));
    assert_true(shown_has(l, ">\nA &lt;cat&gt;</textarea>") && shown_has(l, "<option value=\"artistic\" selected>"));
    assert_true(shown_has(l, "name=\"image_id\" value=\"" ID "\""));
    shown_close(l, 200);
    l = house_get("/styles/new?image=" ID); /* missing, or somebody else's */
    visit_answer_nothing();
    shown_close(l, 404);
    l = house_get("/styles/new");
    assert_true(shown_has(l, "Новый стиль") && !shown_has(l, "name=\"image_id\""));
    shown_close(l, 200);
}

static void a_saved_one_has_a_page(void **state)
{
    struct loopback *l = save("/styles/new", "Пирс", "{subject} on a pier");

    (void)state;
    assert_true(visit_asks("idempotency_keys"));
    visit_answer_nothing();
    assert_true(visit_asks("INTO own_styles"));
    visit_answer_saved();
    assert_string_equal(loopback_header(l, "location", 0), "/styles/" VISIT_OWN "?done=style_saved");
    shown_close(l, 303);
    l = house_get("/styles/" VISIT_OWN);
    visit_answer_own(true);
    visit_answer_avatars();
    assert_true(shown_has(l, "Мой &lt;b&gt;") && shown_has(l, "href=\"/styles/" VISIT_OWN "/edit\""));
    assert_non_null(strstr(shown_between(l, "id=\"prompt\"", "</p>"), "woman on a pier"));
    assert_true(shown_has(l, "action=\"/styles/" VISIT_OWN "/delete\""));
    shown_close(l, 200);
}

static void what_is_wrong_is_told_and_nothing_is_lost(void **state)
{
    struct loopback *l = save("/styles/new", " ", "{subject} on a pier");

    (void)state;
    assert_true(shown_has(l, "id=\"title-error\"") && shown_has(l, ">\n{subject} on a pier</textarea>"));
    shown_close(l, 422);
    l = save("/styles/new", "A title", "");
    assert_true(shown_has(l, "id=\"prompt-error\"") && shown_has(l, "value=\"A title\""));
    shown_close(l, 422);
    l = save("/styles/new", "A title of more than sixty-four characters, which is longer than any may be", "A cat");
    assert_true(shown_has(l, "id=\"title-error\""));
    shown_close(l, 422);
    l = save("/styles/new", "A title", "a naked woman"); /* moderation */
    assert_true(shown_has(l, "id=\"prompt-error\"") && shown_has(l, "a naked woman</textarea>"));
    shown_close(l, 422);
}

/* As the API: a title is one line. */
static void a_title_is_one_line_without_control_characters(void **state)
{
    static const char *const TITLES[] = {"one\ntwo", "one\ttwo", "one\x1b[31m", "one\x7f"};

    (void)state;
    for (size_t i = 0; i < sizeof TITLES / sizeof *TITLES; i++) {
        struct loopback *l = save("/styles/new", TITLES[i], "a pier");
        assert_false(fake_db_waits());
        assert_true(shown_has(l, "id=\"title-error\"") && !shown_has(l, "id=\"prompt-error\""));
        shown_close(l, 422);
        l = save("/styles/" VISIT_OWN "/edit", TITLES[i], "a pier");
        visit_answer_own(true);
        assert_true(shown_has(l, "id=\"title-error\""));
        shown_close(l, 422);
    }
}

static void too_many_is_told_and_nothing_is_lost(void **state)
{
    struct loopback *l = save("/styles/new", "Пирс", "a pier");

    (void)state;
    visit_answer_nothing();
    visit_answer_nothing(); /* nothing was inserted */
    assert_true(visit_asks("idempotency_keys"));
    visit_answer_nothing();
    assert_true(shown_has(l, "Своих стилей уже 200") && shown_has(l, "value=\"Пирс\""));
    shown_close(l, 409);
}

static void one_is_changed_and_somebody_elses_is_not_there(void **state)
{
    struct loopback *l = house_get("/styles/" VISIT_OWN "/edit");

    (void)state;
    visit_answer_own(true);
    assert_true(shown_has(l, "Мой &lt;b&gt;") && shown_has(l, ">\n{subject} on a pier</textarea>"));
    shown_close(l, 200);
    l = save("/styles/" VISIT_OWN "/edit", "Другой", "another pier");
    assert_true(visit_asks("own_styles"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    visit_answer_saved();
    assert_string_equal(loopback_header(l, "location", 0), "/styles/" VISIT_OWN "?done=style_changed");
    shown_close(l, 303);
    l = save("/styles/" VISIT_OWN "/edit", "Другой", "another pier");
    visit_answer_nothing();
    shown_close(l, 404);
    l = save("/styles/" VISIT_OWN "/edit", "", "");
    visit_answer_own(false);
    shown_close(l, 404);
    l = house_get("/styles/" VISIT_OWN);
    visit_answer_own(false);
    shown_close(l, 404);
    shown_close(house_get("/styles/knight/edit"), 404); /* shipped ones stay as they are */
}

static void one_is_deleted(void **state)
{
    static const char *const NOTHING[] = {NULL};
    struct loopback *l = page_form_send("/styles/" VISIT_OWN "/delete", NOTHING);

    (void)state;
    assert_true(visit_asks("own_styles"));
    fake_db_answer(fake_rows(1, 1, (const char *[]){VISIT_OWN}));
    assert_string_equal(loopback_header(l, "location", 0), "/styles?category=own&done=style_deleted");
    shown_close(l, 303);
    l = page_form_send("/styles/" VISIT_OWN "/delete", NOTHING);
    visit_answer_nothing();
    shown_close(l, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, visit_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_filled_with_what_a_picture_was_made_from),
        TEST(a_saved_one_has_a_page),
        TEST(what_is_wrong_is_told_and_nothing_is_lost),
        TEST(too_many_is_told_and_nothing_is_lost),
        TEST(a_title_is_one_line_without_control_characters),
        TEST(one_is_changed_and_somebody_elses_is_not_there),
        TEST(one_is_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
