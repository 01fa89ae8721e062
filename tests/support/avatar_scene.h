#pragma once
/* An avatar's page in tests of handlers: what the database has of it, altered by a test before it is asked. */
#include "support/loopback.h"

#define SCENE_AVATAR "01990000-0000-7000-8000-0000000000cc"
#define SCENE_PAGE "/avatars/" SCENE_AVATAR

enum {
    SCENE_AVATAR_FIELDS = 4 + 21, /* of avatar_shown.h */
    SCENE_PHOTO_FIELDS = 19,
    SCENE_TRAINING_FIELDS = 18,
    SCENE_PHOTOS_MOST = 20
};

/* Columns: of avatar, and of training. */
enum { BUSY = 3, TYPE = 8, STATUS = 9, PROGRESS = 10, PRESET = 11, LORA = 13, PHOTOS = 17, ERROR = 19, BYTES = 24 };
enum { T_STATUS = 2, T_POSITION = 10, T_LEFT = 11, T_CANCEL = 12 };

extern struct avatar_scene {
    const char *avatar[SCENE_AVATAR_FIELDS], *training[SCENE_TRAINING_FIELDS], *account[4];
    bool has_training, is_gone;
    int photos;
    const char *warning, *file_name; /* of the first photo */
} avatar_scene;

int avatar_scene_open(void **state); /* a draft without photos, somebody signed in who may do everything */
void avatar_scene_answer(void);      /* all that the page asks for */
struct loopback *avatar_scene_show(const char *path);
