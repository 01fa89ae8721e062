#include "support/fake_gallery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "web/gallery_page.h"

static const struct route ROUTES[] = {
    {"GET", "/images", ACCESS_READ, 0, gallery_page_show, true},
    {0},
};

int fake_gallery_open(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    (void)text_copy(house_who.time_zone, sizeof house_who.time_zone, TEXT("Europe/Moscow"));
    fake_db_reset();
    return 0;
}

enum { COLUMNS = 9, MAX_PICTURES = 30 };

const struct fake_head FAKE_PAGE = {NULL, "f", "f", "2026-11-20"}, FAKE_PAGE_BEYOND = {NULL, "f", "t", "2026-11-20"};

static void answer_page(struct fake_head page, const struct fake_picture *pictures, int pictures_count)
{
    const char *values[(MAX_PICTURES + 1) * COLUMNS] = {NULL,        NULL,       NULL,        NULL,      NULL,
                                                        page.avatar, page.stirs, page.beyond, page.today};
    char ids[MAX_PICTURES][40];

    for (int i = 0; i < pictures_count; i++) {
        const struct fake_picture *p = &pictures[i];
        const char *row[COLUMNS] = {ids[i],
                                    "2026/11/20/x.jpg",
                                    p->width ? p->width : "1024",
                                    p->height ? p->height : "768",
                                    p->placeholder ? p->placeholder : "\\x3fb8f2fffe0102",
                                    p->name ? p->name : "кот",
                                    p->favorite ? p->favorite : "f",
                                    p->nsfw ? p->nsfw : "f",
                                    p->day ? p->day : "2026-11-20"};
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000001%02d", i % 100);
        memcpy(&values[(i + 1) * COLUMNS], row, sizeof row);
    }
    fake_db_answer(fake_rows(COLUMNS, pictures_count + 1, values));
}

struct loopback *fake_gallery_show(const char *path, struct fake_head page, const struct fake_picture *pictures,
                                   int pictures_count)
{
    struct loopback *l = house_get(path);

    assert_true(fake_db_waits());
    answer_page(page, pictures, pictures_count);
    return l;
}

struct loopback *fake_gallery_show_one(struct fake_picture picture)
{
    return fake_gallery_show("/images", FAKE_PAGE, &picture, 1);
}

struct loopback *fake_gallery_show_many(const char *path, struct fake_head page, int pictures_count)
{
    static const struct fake_picture NONE[MAX_PICTURES];

    return fake_gallery_show(path, page, NONE, pictures_count);
}
