#include "generations/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct shape SQUARE = {.width = 1024, .height = 1024, .size = "square_hd"};

enum { SIDE_MAX = 1000000 /* the catalogue's limits are narrower */ };

/* "16:9", "640x800". */
static bool read_sides(struct text value, char separator, struct shape *ret)
{
    struct text left = text_cut(&value, separator);

    return value.at && text_int64(left, 1, SIDE_MAX, &ret->width) && text_int64(value, 1, SIDE_MAX, &ret->height);
}

static struct shape named(const struct catalog *catalog, const char *name)
{
    const struct image_size *size = catalog_image_size(catalog, name);
    struct shape shape = SQUARE;

    if (!size)
        return shape;
    shape.width = size->width;
    shape.height = size->height;
    (void)snprintf(shape.size, sizeof shape.size, "%s", size->name);
    return shape;
}

static struct shape of_ratio(const char *ratio)
{
    struct shape shape = {.is_ratio = true};

    if (!read_sides(text_of(ratio), ':', &shape) || strlen(ratio) >= sizeof shape.size)
        return SQUARE;
    (void)snprintf(shape.size, sizeof shape.size, "%s", ratio);
    return shape;
}

static struct shape of_pixels(yajl_val size)
{
    struct shape shape = {.width = json_get_int64(size, "width", 0), .height = json_get_int64(size, "height", 0)};

    if (shape.width < 1 || shape.height < 1 || shape.width > SIDE_MAX || shape.height > SIDE_MAX)
        return SQUARE;
    (void)snprintf(shape.size, sizeof shape.size, "%" PRId64 "x%" PRId64, shape.width, shape.height);
    return shape;
}

struct shape shape_of(const struct catalog *catalog, struct text parameters)
{
    struct shape shape = SQUARE;
    const char *name, *ratio;
    struct err err;
    yajl_val root;

    if (!json_parse(parameters, &root, &err))
        return shape;
    if ((ratio = json_get_text(root, "aspect_ratio")))
        shape = of_ratio(ratio);
    else if ((name = json_get_text(root, "image_size")))
        shape = named(catalog, name);
    else
        shape = of_pixels(json_get(root, "image_size"));
    yajl_tree_free(root);
    return shape;
}

struct shape shape_of_preset(const struct catalog *catalog, const struct preset *preset)
{
    if (preset->settings.use_ultra)
        return of_ratio(*preset->aspect_ratio ? preset->aspect_ratio : catalog_default_aspect_ratio(catalog));
    return named(catalog, preset->image_size);
}

bool shape_read(struct text value, struct plan_size *ret_size, char ratio[40])
{
    struct shape shape;

    if (memchr(value.at, ':', value.len))
        return text_copy(ratio, 40, value);
    if (!read_sides(value, 'x', &shape))
        return text_copy(ret_size->name, sizeof ret_size->name, value);
    ret_size->width = shape.width;
    ret_size->height = shape.height;
    return true;
}

void shape_words(const struct shape *shape, char *to, size_t room)
{
    (void)snprintf(to, room, shape->is_ratio ? "%" PRId64 ":%" PRId64 : "%" PRId64 "×%" PRId64, shape->width,
                   shape->height);
}
