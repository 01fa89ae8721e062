#include "support/avatar_forms.h"

#include "support/fake_db.h"
#include "support/house.h"
#include "web/avatar_create_page.h"
#include "web/import_page.h"

static const struct route ROUTES[] = {
    {"GET", "/avatars/new", ACCESS_READ, 0, avatar_create_page_show, true},
    {"POST", "/avatars/new", ACCESS_WRITE, 4096, avatar_create_page_send, true},
    {"GET", "/avatars/import", ACCESS_READ, 0, import_page_show, true},
    {"POST", "/avatars/import", ACCESS_WRITE, 16384, import_page_send, true},
    {0},
};

int avatar_forms_open(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

void avatar_forms_no_row(void) { fake_db_answer(fake_rows(1, 0, NULL)); }
