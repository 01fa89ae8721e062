#include "photos/photo_album.h"

#include "local.h"

struct photo_album photo_album_of(struct call *call, const PGresult *rows, const struct avatar *avatar)
{
    const struct config *config = local_of(call)->config;
    int count = rows_count(rows) < PHOTOS_MOST ? rows_count(rows) : PHOTOS_MOST;
    struct photo_album album = {.photos = call_alloc(call, (size_t)(count + 1) * sizeof *album.photos)};

    for (int i = 0; i < count; i++)
        album.photos[i] = photo_from_row(rows_at(rows, i));
    album.set = photo_set_judge(album.photos, count, avatar->type == AVATAR_PORTRAIT, (int)config->avatar_min_photos,
                                (int)config->avatar_max_photos);
    return album;
}
