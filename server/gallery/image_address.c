#include "gallery/image_address.h"

#include <string.h>

#include "image/image.h"

/* "2026/11/20/ID" of 2026/11/20/ID.jpg, in front of the suffix. */
static struct text thumbnail_key(struct text original, struct text suffix, char to[STORE_KEY_MAX])
{
    size_t stem = original.len;

    while (stem && original.at[stem - 1] != '.' && original.at[stem - 1] != '/')
        stem--;
    stem = stem && original.at[stem - 1] == '.' ? stem - 1 : original.len;
    if (stem + suffix.len > STORE_KEY_MAX)
        return original;
    memcpy(to, original.at, stem);
    memcpy(to + stem, suffix.at, suffix.len);
    return (struct text){to, stem + suffix.len};
}

struct text image_address_key(struct text object_key, enum image_file file, char room[STORE_KEY_MAX])
{
    if (file == IMAGE_FILE_SMALL)
        return thumbnail_key(object_key, TEXT("_small.webp"), room);
    if (file == IMAGE_FILE_MEDIUM)
        return thumbnail_key(object_key, TEXT("_medium.webp"), room);
    if (file == IMAGE_FILE_BLURRED)
        return thumbnail_key(object_key, TEXT("-blurred.webp"), room);
    return object_key;
}

size_t image_address_write(const struct image_links *links, struct text object_key, enum image_file file,
                           char to[OBJECT_LINK_ROOM])
{
    char room[STORE_KEY_MAX];
    struct text key = image_address_key(object_key, file, room);

    return object_link_get(links->links, links->base, TEXT(IMAGE_BUCKET), key, links->now_s, IMAGE_LINK_TTL_S, to);
}

size_t image_address_save(const struct image_links *links, struct text object_key, char to[OBJECT_LINK_ROOM])
{
    return object_link_save(links->links, links->base, TEXT(IMAGE_BUCKET), object_key, links->now_s, IMAGE_LINK_TTL_S,
                            to);
}

int64_t image_address_width(int64_t width, int64_t height, enum image_file file)
{
    int64_t side = file == IMAGE_FILE_SMALL ? IMAGE_SMALL_SIDE : IMAGE_MEDIUM_SIDE;
    int64_t longest = width > height ? width : height;

    if (file == IMAGE_FILE_ORIGINAL || longest <= side)
        return width;
    return (width * side + longest / 2) / longest > 0 ? (width * side + longest / 2) / longest : 1;
}
