#include "web/gallery_view.h"

#include "base/text_shorten.h"
#include "gallery/image_links.h"
#include "local.h"
#include "web/generation_card.h"

enum { EAGER = 4 /* tiles: a row of most windows, two of phones */, HERO_DAY = 5 /* pictures */ };

static size_t count_days(const void *owner);
static void make_day(const void *owner, size_t index, void *item);
static size_t count_tiles(const void *owner);
/* In quarantine: a blurred one, and no way to another. */
static void fill_hidden(struct gallery_tile *tile, const struct gallery_view *view,
                        const struct timeline_picture *picture)
{
    (void)image_address_write(&view->links, picture->object_key, IMAGE_FILE_BLURRED, tile->small_url);
    tile->width = picture->width;
    tile->height = picture->height;
    image_tint(picture->placeholder, picture->placeholder_len, tile->tint);
}

static void make_tile(const void *owner, size_t index, void *item);

static const struct view_field TILE_FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct gallery_tile, id),
    VIEW_FIELD(VIEW_TEXT, struct gallery_tile, name),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_cut),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_favorite),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_hidden),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_eager),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_first),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, is_hero),
    VIEW_FIELD(VIEW_INT64, struct gallery_tile, width),
    VIEW_FIELD(VIEW_INT64, struct gallery_tile, height),
    VIEW_FIELD(VIEW_INT64, struct gallery_tile, small_width),
    VIEW_FIELD(VIEW_INT64, struct gallery_tile, medium_width),
    VIEW_FIELD(VIEW_BOOL, struct gallery_tile, has_two_sizes),
    VIEW_FIELD(VIEW_CHARS, struct gallery_tile, small_url),
    VIEW_FIELD(VIEW_CHARS, struct gallery_tile, medium_url),
    VIEW_FIELD(VIEW_CHARS, struct gallery_tile, tint),
    VIEW_FIELD(VIEW_CHARS, struct gallery_tile, thumbhash),
    {0},
};
static const struct view_type TILE_TYPE = VIEW_TYPE(struct gallery_tile, TILE_FIELDS);

static const struct view_field DAY_FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct gallery_day, date),
    VIEW_FIELD(VIEW_CHARS, struct gallery_day, title),
    VIEW_FIELD_EACH("tiles", &TILE_TYPE, count_tiles, make_tile),
    {0},
};
static const struct view_type DAY_TYPE = VIEW_TYPE(struct gallery_day, DAY_FIELDS);

static const struct view_field FIELDS[] = {
    VIEW_FIELD_EACH("days", &DAY_TYPE, count_days, make_day),
    VIEW_FIELD(VIEW_ITEMS, struct gallery_view, cards, .type = &generation_card_type),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, has_cards),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, has_more_cards),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, is_running),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, favorites),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, filtered),
    VIEW_FIELD(VIEW_TEXT, struct gallery_view, avatar),
    VIEW_FIELD(VIEW_TEXT, struct gallery_view, avatar_id),
    VIEW_FIELD(VIEW_TEXT, struct gallery_view, undo),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, has_pictures),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, has_pages),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, no_avatar),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, no_picture),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, no_favorite),
    VIEW_FIELD(VIEW_BOOL, struct gallery_view, no_avatar_picture),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, back_path),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, all_path),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, favorites_path),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, avatar_path),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, newer_path),
    VIEW_FIELD(VIEW_CHARS, struct gallery_view, older_path),
    {0},
};
const struct view_type gallery_view_type = VIEW_TYPE(struct gallery_view, FIELDS);

/* Days */

static size_t count_days(const void *owner) { return (size_t)((const struct gallery_view *)owner)->days; }

static void make_day(const void *owner, size_t index, void *item)
{
    const struct gallery_view *view = owner;
    struct gallery_day *day = item;

    day->view = view;
    day->begin = view->day_begins[index];
    day->end = view->day_begins[index + 1];
    day->date = timeline_day(&view->timeline, day->begin);
    day_title(local_of(view->call)->texts, view->call->lang, day->date, view->timeline.today, day->title);
}

static void find_days(struct gallery_view *view)
{
    const struct timeline *t = &view->timeline;

    for (int i = 0; i < t->count; i++)
        if (i == 0 || !text_equal(timeline_day(t, i), timeline_day(t, i - 1)))
            view->day_begins[view->days++] = i;
    view->day_begins[view->days] = t->count;
}

/* Tiles */

static size_t count_tiles(const void *owner)
{
    const struct gallery_day *day = owner;

    return (size_t)(day->end - day->begin);
}

static void fill_picture(struct gallery_tile *tile, const struct gallery_view *view,
                         const struct timeline_picture *picture)
{
    (void)image_address_write(&view->links, picture->object_key, IMAGE_FILE_SMALL, tile->small_url);
    (void)image_address_write(&view->links, picture->object_key, IMAGE_FILE_MEDIUM, tile->medium_url);
    tile->width = picture->width;
    tile->height = picture->height;
    tile->small_width = image_address_width(picture->width, picture->height, IMAGE_FILE_SMALL);
    tile->medium_width = image_address_width(picture->width, picture->height, IMAGE_FILE_MEDIUM);
    tile->has_two_sizes = tile->medium_width > tile->small_width;
    image_tint(picture->placeholder, picture->placeholder_len, tile->tint);
    base64_write(picture->placeholder, picture->placeholder_len, tile->thumbhash);
}

static void make_tile(const void *owner, size_t index, void *item)
{
    const struct gallery_day *day = owner;
    int place = day->begin + (int)index;
    struct timeline_picture picture = timeline_at(&day->view->timeline, place);
    struct gallery_tile *tile = item;

    tile->id = picture.id;
    tile->name = text_shorten(picture.name, TIMELINE_NAME_MAX);
    tile->is_cut = tile->name.len < picture.name.len;
    tile->is_favorite = picture.is_favorite;
    tile->is_hidden = picture.has_nsfw_content;
    tile->is_eager = place < EAGER;
    tile->is_first = place == 0;
    tile->is_hero = tile->is_first && count_tiles(day) >= HERO_DAY;
    (tile->is_hidden ? fill_hidden : fill_picture)(tile, day->view, &picture);
}

/* Links */

static void link_here(struct gallery_view *view, const struct gallery_query *query)
{
    if (*query->before.text)
        gallery_link(query, "before", text_of(query->before.text), view->back_path);
    else if (*query->after.text)
        gallery_link(query, "after", text_of(query->after.text), view->back_path);
    else if (*query->from.text)
        gallery_link(query, "from", text_of(query->from.text), view->back_path);
    else
        gallery_link(query, NULL, TEXT(""), view->back_path);
}

static void link_filters(struct gallery_view *view, const struct gallery_query *query)
{
    struct gallery_query other = {.avatar = query->avatar};

    gallery_link(&other, NULL, TEXT(""), view->all_path);
    other.favorite = true;
    gallery_link(&other, NULL, TEXT(""), view->favorites_path);
    other = (struct gallery_query){.favorite = query->favorite}; /* without the avatar */
    gallery_link(&other, NULL, TEXT(""), view->avatar_path);
}

static void link_pages(struct gallery_view *view, const struct gallery_query *query)
{
    const struct timeline *t = &view->timeline;
    bool newer = t->backwards ? t->more : t->beyond, older = t->backwards ? t->beyond : t->more;

    if (newer && t->count)
        gallery_link(query, "after", timeline_id(t, 0), view->newer_path);
    if (older && t->count)
        gallery_link(query, "before", timeline_id(t, t->count - 1), view->older_path);
    view->has_pages = *view->newer_path || *view->older_path;
}

void gallery_view_fill(struct gallery_view *view, struct call *call, const struct gallery_query *query,
                       const struct timeline *timeline)
{
    *view = (struct gallery_view){.call = call, .timeline = *timeline, .links = image_links_of_page(call)};
    view->favorites = query->favorite;
    view->filtered = query->favorite || *query->avatar.text;
    view->avatar = timeline->avatar;
    view->avatar_id = text_of(query->avatar.text);
    view->undo = text_of(query->undo.text);
    view->has_pictures = timeline->count > 0;
    find_days(view);
    link_here(view, query);
    link_filters(view, query);
    link_pages(view, query);
}
