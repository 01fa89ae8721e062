#pragma once
/* A training photo: the row, its JSON, its verdict. */
#include "base/messages.h"
#include "db/query.h"
#include "db/rows.h"
#include "image/photo.h"
#include "json/json_out.h"

#define PHOTO_BUCKET "aisha-v2-photos"

enum {
    PHOTO_FILE_NAME_MAX = 200 /* code points */,
    PHOTO_KEY_ROOM = 100,
    PHOTOS_MOST = 100 /* AVATAR_MAX_PHOTOS is at most this */
};

struct photo {
    struct uuid id, avatar, user;
    char code[32];                               /* of a warning; "": valid */
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1]; /* as sent, without folders; "": none */
    int64_t file_size;                           /* of what was sent */
    int64_t width, height;                       /* as sent, upright */
    char object_key[PHOTO_KEY_ROOM]; /* "{avatar}/{photo}.jpg"; the thumbnail: "{avatar}/{photo}_small.webp" */
    int64_t bytes;                   /* of the clean JPEG */
    unsigned char placeholder[IMAGE_PLACEHOLDER_ROOM];
    size_t placeholder_len;
    int64_t face_count; /* -1: nobody looked */
    double face_share, sharpness, brightness, quality;
    uint64_t look;
    char created_at[ROW_TIME_ROOM];
};

/* Rows in the order of PHOTO_COLUMNS; of an avatar, oldest first. */
extern const char PHOTO_COLUMNS[];
struct photo photo_from_row(struct row row);
struct query photos_of(struct uuid user, struct uuid avatar);
