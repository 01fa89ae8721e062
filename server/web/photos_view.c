#include "web/photos_view.h"

#include <string.h>

#include "base/crypto.h"
#include "gallery/image_address.h"
#include "local.h"
#include "photos/photo_album.h"
#include "photos/photo_links.h"

enum { MIB = 1024 * 1024, WARNING_ROOM = 500, ADVICE_BYTES = 1000 };

/* Advice */

struct advice {
    const char *code, *text;
    bool is_good; /* nothing to be done */
};

static const struct view_field ADVICE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct advice, code),
    VIEW_FIELD(VIEW_STRING, struct advice, text),
    VIEW_FIELD(VIEW_BOOL, struct advice, is_good),
    {0},
};
static const struct view_type ADVICE_TYPE = VIEW_TYPE(struct advice, ADVICE_FIELDS);

/* Tiles */

struct photo_tile {
    struct photo photo;
    const char *id, *avatar_id, *name;
    int64_t number, width, height; /* number: the first is 1; of the thumbnail */
    char small_url[OBJECT_LINK_ROOM];
    char thumbhash[BASE64_ROOM(IMAGE_PLACEHOLDER_ROOM)];
    char warning[WARNING_ROOM]; /* "": none */
    bool may_change;
};

static const struct view_field TILE_FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct photo_tile, id),
    VIEW_FIELD(VIEW_STRING, struct photo_tile, avatar_id),
    VIEW_FIELD(VIEW_STRING, struct photo_tile, name),
    VIEW_FIELD(VIEW_INT64, struct photo_tile, number),
    VIEW_FIELD(VIEW_INT64, struct photo_tile, width),
    VIEW_FIELD(VIEW_INT64, struct photo_tile, height),
    VIEW_FIELD(VIEW_CHARS, struct photo_tile, small_url),
    VIEW_FIELD(VIEW_CHARS, struct photo_tile, thumbhash),
    VIEW_FIELD(VIEW_CHARS, struct photo_tile, warning),
    VIEW_FIELD(VIEW_BOOL, struct photo_tile, may_change),
    {0},
};
static const struct view_type TILE_TYPE = VIEW_TYPE(struct photo_tile, TILE_FIELDS);

_Static_assert(sizeof(struct photo_tile) <= VIEW_ITEM_ROOM, "an item is made in that room");

static size_t count_photos(const void *owner) { return (size_t)rows_count(((const struct photos_view *)owner)->rows); }

static void write_warning(const struct call *call, const struct photo *photo, char to[WARNING_ROOM])
{
    CLEANUP(buf_done) struct buf sentence = buf_make(WARNING_ROOM);
    const struct photo_verdict verdict = photo_verdict_of(photo);

    if (verdict.status == PHOTO_WARNING) {
        photo_verdict_message(&verdict, local_of(call)->config, call->lang, &sentence);
        (void)text_copy(to, WARNING_ROOM, (struct text){sentence.bytes, sentence.len});
    }
}

static void photo_at(const void *owner, size_t index, void *item)
{
    const struct photos_view *view = owner;
    const struct photo_links links = photo_links_of_page(view->call);
    struct photo_tile *tile = item;
    const struct photo *photo = &tile->photo;

    tile->photo = photo_from_row(rows_at(view->rows, (int)index));
    tile->id = photo->id.text;
    tile->avatar_id = photo->avatar.text;
    tile->name = photo->file_name;
    tile->number = (int64_t)index + 1;
    tile->width = image_address_width(photo->width, photo->height, IMAGE_FILE_SMALL);
    tile->height = image_address_width(photo->height, photo->width, IMAGE_FILE_SMALL);
    tile->may_change = view->may_change;
    write_warning(view->call, photo, tile->warning);
    base64_write(photo->placeholder, photo->placeholder_len, tile->thumbhash);
    (void)photo_link_write(&links, photo, true, tile->small_url);
}

/* The whole */

static const struct view_field FIELDS[] = {
    VIEW_FIELD_EACH("tiles", &TILE_TYPE, count_photos, photo_at),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, is_portrait),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, has_photos),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, is_full),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, is_ready),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, may_change),
    VIEW_FIELD(VIEW_INT64, struct photos_view, usable),
    VIEW_FIELD(VIEW_INT64, struct photos_view, min),
    VIEW_FIELD(VIEW_INT64, struct photos_view, max),
    VIEW_FIELD(VIEW_INT64, struct photos_view, missing),
    VIEW_FIELD(VIEW_INT64, struct photos_view, room),
    VIEW_FIELD(VIEW_INT64, struct photos_view, max_mib),
    VIEW_FIELD(VIEW_INT64, struct photos_view, max_bytes),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, is_direct),
    VIEW_FIELD(VIEW_ITEMS, struct photos_view, advice, .type = &ADVICE_TYPE),
    VIEW_FIELD(VIEW_BOOL, struct photos_view, has_advice),
    {0},
};
const struct view_type photos_view_type = VIEW_TYPE(struct photos_view, FIELDS);

static const char *advice_text(struct call *call, const struct photo_set *set, const char *code)
{
    CLEANUP(buf_done) struct buf sentence = buf_make(ADVICE_BYTES);

    photo_set_message(set, code, call->lang, &sentence);
    return call_text(call, (struct text){sentence.bytes, sentence.len});
}

static struct view_items advice_of(struct call *call, const struct photo_set *set)
{
    struct advice *advice = call_alloc(call, sizeof *advice * PHOTO_SET_ADVICE_MAX);

    for (int i = 0; i < set->advice_count; i++) {
        advice[i] = (struct advice){.code = set->advice[i], .is_good = strcmp(set->advice[i], "good") == 0};
        advice[i].text = advice_text(call, set, set->advice[i]);
    }
    return (struct view_items){advice, (size_t)set->advice_count};
}

struct photos_view photos_view_of(struct call *call, const struct avatar *avatar, const PGresult *rows)
{
    const struct config *config = local_of(call)->config;
    const struct photo_set set = photo_album_of(call, rows, avatar).set;
    struct photos_view view = {
        .call = call,
        .rows = rows,
        .is_portrait = set.portrait,
        .has_photos = rows_count(rows) > 0,
        .is_ready = set.missing == 0,
        .may_change = strcmp(avatar->status, "training") != 0,
        .usable = set.usable,
        .min = set.min,
        .max = set.max,
        .missing = set.missing,
        .room = set.max > set.usable ? set.max - set.usable : 0,
        .max_mib = config->photo_max_size / MIB,
        .max_bytes = config->photo_max_size,
        .is_direct = config->s3_endpoint != NULL,
        .advice = advice_of(call, &set),
    };

    view.is_full = view.room == 0;
    view.has_advice = view.advice.count > 0 && view.has_photos;
    return view;
}
