#pragma once
/* Where the files of a picture are: signed addresses of the original and of its thumbnails. */
#include "gallery/image.h"
#include "storage/signed_url.h"

enum image_file { IMAGE_FILE_ORIGINAL, IMAGE_FILE_SMALL, IMAGE_FILE_MEDIUM };

/* Signed once for all files of the picture; borrows the texts. */
struct image_address {
    struct signed_url url;
    struct text public_url, object_key;
};

struct image_address image_address_make(const struct image_links *links, struct text object_key);
/* NUL terminated; returns the length. */
size_t image_address_write(const struct image_address *address, enum image_file file, char to[SIGNED_URL_ROOM]);

/* Where the file lies: of the original its own key, of a thumbnail one that is written to room. */
struct text image_address_key(struct text object_key, enum image_file file, char room[STORE_KEY_MAX]);

/* How wide a thumbnail of an original is, in pixels. */
int64_t image_address_width(int64_t width, int64_t height, enum image_file file);
