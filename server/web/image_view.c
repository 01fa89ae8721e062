#include "web/image_view.h"

#include <stdio.h>
#include <string.h>

#include "base/text_shorten.h"
#include "catalog/catalog.h"
#include "gallery/image_links.h"
#include "generations/plan_route.h"
#include "local.h"
#include "web/generation_picture.h"

enum { TITLE_MAX = 80 /* code points of a prompt that stands for a name */ };

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct image_view, id),
    VIEW_FIELD(VIEW_TEXT, struct image_view, prompt),
    VIEW_FIELD(VIEW_TEXT, struct image_view, title),
    VIEW_FIELD(VIEW_BOOL, struct image_view, is_cut),
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_name),
    VIEW_FIELD(VIEW_BOOL, struct image_view, is_favorite),
    VIEW_FIELD(VIEW_BOOL, struct image_view, is_hidden),
    VIEW_FIELD(VIEW_BOOL, struct image_view, favorites),
    VIEW_FIELD(VIEW_TEXT, struct image_view, newer),
    VIEW_FIELD(VIEW_TEXT, struct image_view, older),
    VIEW_FIELD(VIEW_CHARS, struct image_view, original_url),
    VIEW_FIELD(VIEW_CHARS, struct image_view, medium_url),
    VIEW_FIELD(VIEW_CHARS, struct image_view, download_url),
    VIEW_FIELD(VIEW_CHARS, struct image_view, blurred_url),
    VIEW_FIELD(VIEW_TEXT, struct image_view, width),
    VIEW_FIELD(VIEW_TEXT, struct image_view, height),
    VIEW_FIELD(VIEW_INT64, struct image_view, medium_width),
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_two_sizes),
    VIEW_FIELD(VIEW_CHARS, struct image_view, tint),
    VIEW_FIELD(VIEW_CHARS, struct image_view, thumbhash),
    VIEW_FIELD(VIEW_TEXT, struct image_view, avatar_id),
    VIEW_FIELD(VIEW_TEXT, struct image_view, avatar_name),
    VIEW_FIELD(VIEW_BOOL, struct image_view, avatar_deleted),
    VIEW_FIELD(VIEW_STRING, struct image_view, preset),
    VIEW_FIELD(VIEW_TEXT, struct image_view, endpoint),
    VIEW_FIELD(VIEW_TEXT, struct image_view, seed),
    VIEW_FIELD(VIEW_TEXT, struct image_view, generation_id),
    VIEW_FIELD(VIEW_STRING, struct image_view, made_at),
    VIEW_FIELD(VIEW_CHARS, struct image_view, made),
    VIEW_FIELD(VIEW_CHARS, struct image_view, took),
    VIEW_FIELD(VIEW_BOOL, struct image_view, may_vary),
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_degrees),
    VIEW_FIELD(VIEW_BOOL, struct image_view, may_repeat),
    VIEW_FIELD(VIEW_INT64, struct image_view, num_images),
    {.name = "key", .kind = VIEW_CHARS, .offset = offsetof(struct image_view, key)},
    {.name = "vary_key", .kind = VIEW_CHARS, .offset = offsetof(struct image_view, vary_key)},
    {.name = "repeat_key", .kind = VIEW_CHARS, .offset = offsetof(struct image_view, repeat_key)},
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_descent),
    VIEW_FIELD(VIEW_STRUCT, struct image_view, descent, .type = &descent_view_type),
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_children),
    VIEW_FIELD(VIEW_INT64, struct image_view, children_count),
    VIEW_FIELD(VIEW_ITEMS, struct image_view, children, .type = &generation_picture_type),
    VIEW_FIELD(VIEW_CHARS, struct image_view, typed_name),
    VIEW_FIELD(VIEW_ITEMS, struct image_view, faults, .type = &form_fault_type),
    VIEW_FIELD(VIEW_BOOL, struct image_view, has_faults),
    VIEW_FIELD(VIEW_STRING, struct image_view, name_fault),
    {0},
};
const struct view_type image_view_type = VIEW_TYPE(struct image_view, FIELDS);

static void fill_words(struct image_view *view, const struct image *image)
{
    view->id = image->id;
    view->generation_id = image->generation_id;
    view->prompt = image->prompt;
    view->has_name = image->custom_name.at != NULL;
    view->title = view->has_name ? image->custom_name : text_shorten(image->prompt, TITLE_MAX);
    view->is_cut = !view->has_name && view->title.len < image->prompt.len;
    view->is_favorite = image->is_favorite;
    view->is_hidden = image->has_nsfw_content;
    (void)text_copy(view->typed_name, sizeof view->typed_name, image->custom_name);
}

static int64_t pixels(struct text t)
{
    int64_t value = 1;

    (void)text_int64(t, 1, INT32_MAX, &value);
    return value;
}

static void fill_file(struct image_view *view, const struct call *call, const struct image *image)
{
    struct image_links links = image_links_of_page(call);

    view->width = image->width;
    view->height = image->height;
    image_tint(image->placeholder, image->placeholder_len, view->tint);
    if (view->is_hidden) {
        (void)image_address_write(&links, image->object_key, IMAGE_FILE_BLURRED, view->blurred_url);
        return;
    }
    (void)image_address_write(&links, image->object_key, IMAGE_FILE_ORIGINAL, view->original_url);
    (void)image_address_write(&links, image->object_key, IMAGE_FILE_MEDIUM, view->medium_url);
    (void)image_address_save(&links, image->object_key, view->download_url);
    view->medium_width = image_address_width(pixels(image->width), pixels(image->height), IMAGE_FILE_MEDIUM);
    view->has_two_sizes = view->medium_width < pixels(image->width);
    base64_write(image->placeholder, image->placeholder_len, view->thumbhash);
}

/* "12.4" as the language writes it. */
static void write_seconds(double seconds, enum lang lang, char to[24])
{
    char *point;

    if (seconds < 0)
        return;
    (void)snprintf(to, 24, "%.1f", seconds);
    point = strchr(to, '.');
    if (point && lang == LANG_RU)
        *point = ',';
}

static void fill_making(struct image_view *view, const struct call *call, const struct image_detail *detail)
{
    const struct catalog *catalog = local_of(call)->catalog;
    const struct image *image = &detail->image;

    view->avatar_id = image->avatar_id;
    view->avatar_name = detail->avatar_name;
    view->avatar_deleted = detail->avatar_deleted;
    view->preset = catalog_preset_title(catalog, image->preset.at, call->lang);
    view->endpoint = image->endpoint;
    view->seed = image->seed;
    view->made_at = image->created_at;
    day_moment(local_of(call)->texts, call->lang, detail->made, detail->today, view->made);
    write_seconds(detail->took_s, call->lang, view->took);
}

/* What can be made of it depends on the model that its avatar has now. */
static void fill_making_more(struct image_view *view, const struct call *call, const struct image_detail *detail)
{
    const struct avatar_model model = {.type = detail->avatar_is_portrait ? AVATAR_PORTRAIT : AVATAR_STYLE,
                                       .lora_url = detail->avatar_has_lora ? "a LoRA" : NULL,
                                       .finetune_id = detail->avatar_has_finetune ? "a finetune" : NULL};

    view->may_vary = !view->is_hidden && (detail->avatar_has_lora || detail->avatar_has_finetune);
    view->has_degrees = view->may_vary && plan_route_of_variation(local_of(call)->catalog, &model);
    view->may_repeat = view->may_vary;
    view->num_images = detail->num_images;
    view->key = uuid_make();
    view->vary_key = uuid_make();
    view->repeat_key = uuid_make();
}

void image_view_fill(struct image_view *view, const struct call *call, const struct image_detail *detail)
{
    *view = (struct image_view){.newer = detail->newer, .older = detail->older};
    fill_words(view, &detail->image);
    fill_file(view, call, &detail->image);
    fill_making(view, call, detail);
    fill_making_more(view, call, detail);
}
