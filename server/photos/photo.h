#pragma once
/* A training photo: its row. */
#include "db/query.h"
#include "db/rows.h"
#include "image/photo.h"

#define PHOTO_BUCKET "aisha-v2-photos"

enum {
    PHOTO_FILE_NAME_MAX = 200 /* code points */,
    PHOTO_KEY_ROOM = 100,
    PHOTO_HASH_BYTES = 16,
    PHOTOS_MOST = 100 /* AVATAR_MAX_PHOTOS is at most this */
};

struct photo {
    struct uuid id, avatar, user;
    char code[32];                               /* of a warning; "": valid */
    char file_name[4 * PHOTO_FILE_NAME_MAX + 1]; /* as sent, without folders; "": none */
    unsigned char file_hash[PHOTO_HASH_BYTES];   /* MD5 of what was sent */
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

/* What photo_from_row reads. */
#define PHOTO_COLUMNS                                                                                                  \
    "id, avatar_id, user_id, code, file_name, file_hash, file_size, look, width, height, object_key, bytes,"           \
    " placeholder, face_count, face_share, sharpness, brightness, quality, created_at"
struct photo photo_from_row(struct row row);
/* Of an avatar, oldest first. */
struct query photos_of(struct uuid user, struct uuid avatar);
struct query photo_by_id(struct uuid user, struct uuid avatar, struct uuid id);
/* One row: "removed", "training", or "gone" (there is no such photo). */
struct query photo_remove(struct uuid user, struct uuid avatar, struct uuid id);

/* Where its thumbnail lies; returns the length. */
size_t photo_small_key(const char *object_key, char to[PHOTO_KEY_ROOM]);
