#include "web/generation_picture.h"

#include "base/text_shorten.h"
#include "gallery/image_links.h"
#include "web/create_form.h"

enum { NAME_MAX_POINTS = 80, SIDE_MAX = 1000000 };

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct generation_picture, id),
    VIEW_FIELD(VIEW_TEXT, struct generation_picture, name),
    VIEW_FIELD(VIEW_BOOL, struct generation_picture, is_cut),
    VIEW_FIELD(VIEW_BOOL, struct generation_picture, is_favorite),
    VIEW_FIELD(VIEW_BOOL, struct generation_picture, is_hidden),
    VIEW_FIELD(VIEW_BOOL, struct generation_picture, may_vary),
    {.name = "vary_key", .kind = VIEW_CHARS, .offset = offsetof(struct generation_picture, vary_key)},
    VIEW_FIELD(VIEW_INT64, struct generation_picture, width),
    VIEW_FIELD(VIEW_INT64, struct generation_picture, height),
    VIEW_FIELD(VIEW_INT64, struct generation_picture, small_width),
    VIEW_FIELD(VIEW_INT64, struct generation_picture, medium_width),
    VIEW_FIELD(VIEW_CHARS, struct generation_picture, small_url),
    VIEW_FIELD(VIEW_CHARS, struct generation_picture, medium_url),
    VIEW_FIELD(VIEW_CHARS, struct generation_picture, original_url),
    VIEW_FIELD(VIEW_CHARS, struct generation_picture, tint),
    VIEW_FIELD(VIEW_CHARS, struct generation_picture, thumbhash),
    {0},
};
const struct view_type generation_picture_type = VIEW_TYPE(struct generation_picture, FIELDS);

static void fill_files(const struct call *call, const struct image *image, struct generation_picture *to)
{
    struct image_links links = image_links_of_page(call);

    image_tint(image->placeholder, image->placeholder_len, to->tint);
    if (to->is_hidden) {
        (void)image_address_write(&links, image->object_key, IMAGE_FILE_BLURRED, to->small_url);
        return;
    }
    (void)image_address_write(&links, image->object_key, IMAGE_FILE_SMALL, to->small_url);
    (void)image_address_write(&links, image->object_key, IMAGE_FILE_MEDIUM, to->medium_url);
    (void)image_address_write(&links, image->object_key, IMAGE_FILE_ORIGINAL, to->original_url);
    base64_write(image->placeholder, image->placeholder_len, to->thumbhash);
}

void generation_picture_fill(const struct call *call, const struct image *image, struct generation_picture *ret)
{
    struct text whole = image->custom_name.at ? image->custom_name : image->prompt;

    *ret = (struct generation_picture){.id = image->id,
                                       .name = text_shorten(whole, NAME_MAX_POINTS),
                                       .is_favorite = image->is_favorite,
                                       .is_hidden = image->has_nsfw_content};
    ret->is_cut = ret->name.len < whole.len;
    (void)text_int64(image->width, 1, SIDE_MAX, &ret->width);
    (void)text_int64(image->height, 1, SIDE_MAX, &ret->height);
    ret->small_width = image_address_width(ret->width, ret->height, IMAGE_FILE_SMALL);
    ret->medium_width = image_address_width(ret->width, ret->height, IMAGE_FILE_MEDIUM);
    fill_files(call, image, ret);
}

struct view_items generation_picture_take(struct call *call, const PGresult *rows, int *next, const char *generation)
{
    struct generation_picture *pictures = NULL;
    size_t count = 0;

    for (; *next < rows_count(rows); ++*next) {
        const struct image image = image_from_row(rows_at(rows, *next));
        if (!text_equal(image.generation_id, text_of(generation)))
            break;
        if (!pictures)
            pictures = call_alloc(call, CREATE_IMAGES_MAX * sizeof *pictures);
        if (count < CREATE_IMAGES_MAX)
            generation_picture_fill(call, &image, &pictures[count++]);
    }
    return (struct view_items){pictures, count};
}
