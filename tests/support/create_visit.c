#include "support/create_visit.h"
#include "support/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/page_form.h"
#include "web/create_form.h"
#include "web/create_page.h"
#include "web/style_edit_page.h"
#include "web/style_forms.h"
#include "web/style_page.h"
#include "web/styles_page.h"

enum { COLUMNS = 21, OWN_COLUMNS = 9, MOST = 8 };

visit_avatar VISIT_ANNA = {FAKE_AVATAR, "Анна", "portrait", "completed", VISIT_LORA, NULL, "t"};
visit_avatar VISIT_INK = {VISIT_STYLE, "Тушь <b>", "style", "completed", NULL, "ft-1", "f"};
visit_avatar VISIT_NEW = {VISIT_DRAFT, "Новый", "portrait", "training", NULL, NULL, "f"};

static const char *const OWN[OWN_COLUMNS] = {VISIT_OWN,
                                             NULL,
                                             "Мой <b>",
                                             "{subject} on a pier",
                                             "fast",
                                             "",
                                             NULL,
                                             "2026-01-15 10:00:00+00",
                                             "2026-01-15 10:00:00+00"};
static const char *const *own; /* NULL: there are none */
static const char *favorite;   /* the id of a style; NULL: none */
static const char *account[4]; /* granted, available, held, spent; at NULL: none */

static const struct route ROUTES[] = {
    {"GET", "/styles", ACCESS_READ, 0, styles_page_show, true},
    {"GET", "/styles/new", ACCESS_READ, 0, style_new_show, true},
    {"POST", "/styles/new", ACCESS_WRITE, CREATE_FORM_BYTES, style_new_send, true},
    {"GET", "/styles/{id}", ACCESS_READ, 0, style_page_show, true},
    {"POST", "/styles/{id}", ACCESS_GENERATE, 4096, style_page_make, true},
    {"POST", "/styles/{id}/look", ACCESS_READ, 4096, style_page_look, true},
    {"POST", "/styles/{id}/favorite", ACCESS_WRITE, 4096, style_forms_favorite, true},
    {"GET", "/styles/{id}/edit", ACCESS_READ, 0, style_edit_show, true},
    {"POST", "/styles/{id}/edit", ACCESS_WRITE, CREATE_FORM_BYTES, style_edit_send, true},
    {"POST", "/styles/{id}/delete", ACCESS_WRITE, 4096, style_forms_delete, true},
    {"GET", "/create", ACCESS_READ, 0, create_page_show, true},
    {"POST", "/create", ACCESS_GENERATE, CREATE_FORM_BYTES, create_page_send, true},
    {0},
};

int visit_open(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    memset(account, 0, sizeof account);
    favorite = NULL;
    own = NULL;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    (void)text_copy(house_who.default_preset, sizeof house_who.default_preset, TEXT("quality"));
    return 0;
}

void visit_has(const char *granted, const char *available, const char *held, const char *spent)
{
    account[0] = granted;
    account[1] = available;
    account[2] = held;
    account[3] = spent;
}

bool visit_asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

void visit_answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

void visit_keeps_one(void) { own = OWN; }

void visit_answer_own(bool there)
{
    assert_true(visit_asks("FROM own_styles") && strcmp(fake_db_value(0), FAKE_USER) == 0);
    fake_db_answer(fake_rows(OWN_COLUMNS, there, OWN));
}

void visit_answer_saved(void) { fake_db_answer(fake_rows(OWN_COLUMNS, 1, OWN)); }

void visit_likes(const char *style_id) { favorite = style_id; }

void visit_answer_taste(void)
{
    const char *values[] = {favorite, "1"};

    assert_true(visit_asks("FROM style_favorites"));
    fake_db_answer(fake_rows(2, favorite != NULL, values));
    assert_true(visit_asks("FROM own_styles"));
    fake_db_answer(fake_rows(OWN_COLUMNS, own != NULL, own));
}

void visit_answer_shelves(void)
{
    assert_true(visit_asks("FROM generations"));
    fake_db_answer(fake_rows(2, 0, NULL));
    assert_true(visit_asks("FROM generations") && strcmp(fake_db_value(0), FAKE_USER) == 0);
    fake_db_answer(fake_rows(3, 0, NULL));
}

static void fill(const char *const *avatar, const char *to[COLUMNS])
{
    const char *const row[COLUMNS] = {avatar[0],
                                      FAKE_USER,
                                      avatar[1],
                                      "female",
                                      avatar[2],
                                      avatar[3],
                                      "40",
                                      NULL,
                                      "ANNA",
                                      avatar[4],
                                      avatar[5],
                                      NULL,
                                      avatar[6],
                                      "1",
                                      "1",
                                      NULL,
                                      "2026-01-15 10:00:00+00",
                                      "2026-01-15 10:00:00+00",
                                      NULL,
                                      NULL,
                                      NULL};

    memcpy(to, row, sizeof row);
}

void visit_answer_rows(int count, visit_avatar *const rows[])
{
    const char *values[MOST * COLUMNS];

    assert_true(visit_asks("FROM accounts"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    fake_db_answer(fake_rows(4, account[0] != NULL, account));
    assert_true(visit_asks("FROM avatars") && visit_asks("LIMIT") && count <= MOST);
    for (int i = 0; i < count; i++)
        fill(*rows[i], &values[i * COLUMNS]);
    fake_db_answer(fake_rows(COLUMNS, count, values));
    visit_answer_taste();
    if (fake_db_waits()) /* the page as one comes to it */
        visit_answer_shelves();
}

void visit_answer_avatars(void) { visit_answer_rows(3, (visit_avatar *const[]){&VISIT_NEW, &VISIT_INK, &VISIT_ANNA}); }

static bool has_attribute(const struct loopback *l, const char *id, const char *attribute)
{
    char begin[100];

    (void)snprintf(begin, sizeof begin, "<input type=\"radio\" id=\"%s\"", id);
    return strstr(shown_between(l, begin, ">"), attribute) != NULL;
}

bool visit_is_checked(const struct loopback *l, const char *id) { return has_attribute(l, id, " checked"); }
bool visit_is_disabled(const struct loopback *l, const char *id) { return has_attribute(l, id, " disabled"); }
