#pragma once
/* Where the files of a picture are: signed addresses of the original and of its thumbnails. */
#include "gallery/image.h"
#include "storage/object_link.h"
#include "storage/store.h"

/* Of a picture in quarantine (has_nsfw_content) only the blurred one is given out: whoever has its address can make no
   other of it, for its name is not that of the others (storage/signed_url.h). */
enum image_file { IMAGE_FILE_ORIGINAL, IMAGE_FILE_SMALL, IMAGE_FILE_MEDIUM, IMAGE_FILE_BLURRED };

/* NUL terminated; returns the length. */
size_t image_address_write(const struct image_links *links, struct text object_key, enum image_file file,
                           char to[OBJECT_LINK_ROOM]);
/* Of the original, for keeping it as a file. */
size_t image_address_save(const struct image_links *links, struct text object_key, char to[OBJECT_LINK_ROOM]);

/* Where the file lies: of the original its own key, of a thumbnail one that is written to room. */
struct text image_address_key(struct text object_key, enum image_file file, char room[STORE_KEY_MAX]);

/* How wide a thumbnail of an original is, in pixels. */
int64_t image_address_width(int64_t width, int64_t height, enum image_file file);
