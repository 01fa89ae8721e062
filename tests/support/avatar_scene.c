#include "support/avatar_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "web/avatar_page.h"
#include "web/photo_forms.h"
#include "web/training_forms.h"

#define TRAINING "01990000-0000-7000-8000-0000000000dd"
#define TIME "2026-01-15 10:00:01.123456+00"

struct avatar_scene avatar_scene;

static const struct route ROUTES[] = {
    {"GET", "/avatars/{id}", ACCESS_READ, 0, avatar_page_show, true},
    {"GET", "/avatars/{id}/photos", ACCESS_READ, 0, avatar_page_show, true},
    {"POST", "/avatars/{id}/photos/{photo}/delete", ACCESS_WRITE, 4096, photo_forms_delete, true},
    {"POST", "/avatars/{id}/train", ACCESS_GENERATE, 4096, training_forms_begin, true},
    {"POST", "/avatars/{id}/train/cancel", ACCESS_GENERATE, 4096, training_forms_cancel, true},
    {0},
};

int avatar_scene_open(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    avatar_scene = (struct avatar_scene){
        .avatar = {"A",          "15.01.2026, 15:45",
                   "0",          "f",
                   SCENE_AVATAR, HOUSE_USER,
                   "Anna",       "female",
                   "portrait",   "draft",
                   "0",          NULL,
                   "TOK",        NULL,
                   NULL,         NULL,
                   "f",          "0",
                   "0",          NULL,
                   TIME,         TIME,
                   NULL,         NULL,
                   NULL},
        .training = {TRAINING, SCENE_AVATAR, "running", "3", "balanced", "fal-ai/flux-lora-portrait-trainer", "12",
                     "200", "-1", "42", "-1", "700", "f", NULL, TIME, TIME, NULL, NULL},
        .account = {"1000", "1000", "0", "0"},
        .file_name = "one.jpg",
    };
    return 0;
}

static void answer_photos(void)
{
    const char *rows[SCENE_PHOTOS_MOST * SCENE_PHOTO_FIELDS];
    static char ids[SCENE_PHOTOS_MOST][64], looks[SCENE_PHOTOS_MOST][24];

    for (int i = 0; i < avatar_scene.photos; i++) {
        const char *row[SCENE_PHOTO_FIELDS] = {ids[i],
                                               SCENE_AVATAR,
                                               HOUSE_USER,
                                               i ? NULL : avatar_scene.warning,
                                               i ? "b.jpg" : avatar_scene.file_name,
                                               "\\x00112233445566778899aabbccddeeff",
                                               "5000000",
                                               looks[i],
                                               "3000",
                                               "4000",
                                               SCENE_AVATAR "/x.jpg",
                                               "400000",
                                               "\\x0102030405",
                                               "1",
                                               i % 3 ? "0.5" : "0.2",
                                               "3.1",
                                               "120",
                                               "0.8",
                                               TIME};
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000000%02d", i);
        (void)snprintf(looks[i], sizeof looks[i], "%lld", 0x5a5a5a5a5a5a5aLL * (i + 1) % 0x7fffffffffffffLL);
        memcpy(rows + i * SCENE_PHOTO_FIELDS, row, sizeof row);
    }
    fake_db_answer(fake_rows(SCENE_PHOTO_FIELDS, avatar_scene.photos, avatar_scene.photos ? rows : NULL));
}

void avatar_scene_answer(void)
{
    fake_db_answer(fake_rows(SCENE_AVATAR_FIELDS, avatar_scene.is_gone ? 0 : 1, avatar_scene.avatar));
    if (avatar_scene.is_gone)
        return;
    answer_photos();
    fake_db_answer(fake_rows(SCENE_TRAINING_FIELDS, avatar_scene.has_training ? 1 : 0, avatar_scene.training));
    fake_db_answer(fake_rows(4, 1, avatar_scene.account));
}

struct loopback *avatar_scene_show(const char *path)
{
    struct loopback *l = house_get(path);

    avatar_scene_answer();
    return l;
}
