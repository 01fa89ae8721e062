#include "generations/plan_shape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool given(const char *text) { return text && *text; }
static bool has_pixels(const struct plan_size *size) { return size->width > 0 && size->height > 0; }

/* As pixels, or as a ratio where that is all that is known; all zero: nothing is. */
static struct plan_size wished(const struct catalog *catalog, const struct plan_request *request)
{
    struct plan_size pixels = request->size;
    struct text ratio = text_of(request->aspect_ratio ? request->aspect_ratio : "");
    const struct image_size *named = *pixels.name ? catalog_image_size(catalog, pixels.name) : NULL;
    struct text width = text_cut(&ratio, ':');

    if (named)
        return (struct plan_size){.width = named->width, .height = named->height};
    if (has_pixels(&pixels))
        return pixels;
    if (ratio.at && text_int64(width, 1, 1000, &pixels.width) && text_int64(ratio, 1, 1000, &pixels.height))
        return pixels;
    if (request->source)
        return (struct plan_size){.width = request->source->width, .height = request->source->height};
    return (struct plan_size){.width = 0};
}

static double distance(const struct plan_size *shape, int64_t width, int64_t height)
{
    return fabs(log((double)shape->width / (double)shape->height) - log((double)width / (double)height));
}

/* Of the endpoint's own ratios. */
static const char *nearest_ratio(const struct endpoint *endpoint, const struct plan_size *shape)
{
    const struct parameter_options *options = &endpoint_parameter(endpoint, "aspect_ratio")->options;
    const char *nearest = NULL;
    double best = INFINITY;

    for (int i = 0; i < options->count; i++) {
        struct text height = text_of(options->at[i]), width = text_cut(&height, ':');
        int64_t w, h;
        if (!height.at || !text_int64(width, 1, 1000, &w) || !text_int64(height, 1, 1000, &h))
            continue;
        if (distance(shape, w, h) < best) {
            best = distance(shape, w, h);
            nearest = options->at[i];
        }
    }
    return nearest;
}

static const struct image_size *nearest_size(const struct catalog *catalog, const struct plan_size *shape)
{
    const struct image_size *size, *nearest = catalog_image_size_at(catalog, 0);

    for (int i = 1; (size = catalog_image_size_at(catalog, i)); i++)
        if (distance(shape, size->width, size->height) < distance(shape, nearest->width, nearest->height))
            nearest = size;
    return nearest;
}

/* The picture's own size, by name where it has one; one beyond the limits of sizes is scaled into them. */
static void fit_source(const struct catalog *catalog, const struct plan_source *source, struct plan_size *ret)
{
    struct span range = catalog_custom_size(catalog);
    double w = (double)source->width, h = (double)source->height, longer = fmax(w, h), shorter = fmin(w, h);
    double scale = longer > (double)range.max    ? (double)range.max / longer
                   : shorter < (double)range.min ? (double)range.min / shorter
                                                 : 1;
    const struct image_size *size;

    *ret = (struct plan_size){.width = (int64_t)fmin(fmax(round(w * scale), (double)range.min), (double)range.max),
                              .height = (int64_t)fmin(fmax(round(h * scale), (double)range.min), (double)range.max)};
    for (int i = 0; (size = catalog_image_size_at(catalog, i)); i++)
        if (size->width == ret->width && size->height == ret->height)
            (void)snprintf(ret->name, sizeof ret->name, "%s", size->name);
}

static const char *choose_ratio(const struct catalog *catalog, const struct plan_request *request,
                                const struct preset *preset, const struct endpoint *endpoint)
{
    struct plan_size shape = wished(catalog, request);
    const char *nearest = NULL;

    if (given(request->aspect_ratio))
        return request->aspect_ratio;
    if (has_pixels(&shape) && endpoint_parameter(endpoint, "aspect_ratio"))
        nearest = nearest_ratio(endpoint, &shape);
    return nearest ? nearest : *preset->aspect_ratio ? preset->aspect_ratio : catalog_default_aspect_ratio(catalog);
}

static void choose_size(const struct catalog *catalog, const struct plan_request *request, const struct preset *preset,
                        struct plan_size *ret)
{
    struct plan_size shape = wished(catalog, request);

    *ret = request->size;
    if (*ret->name || has_pixels(ret))
        return;
    if (given(request->aspect_ratio) && has_pixels(&shape))
        (void)snprintf(ret->name, sizeof ret->name, "%s", nearest_size(catalog, &shape)->name);
    else if (request->source)
        fit_source(catalog, request->source, ret);
    else
        (void)snprintf(ret->name, sizeof ret->name, "%s", preset->image_size);
}

void plan_shape(const struct catalog *catalog, const struct plan_request *request, const struct preset *preset,
                struct plan_draft *draft)
{
    choose_size(catalog, request, preset, &draft->size);
    draft->aspect_ratio = choose_ratio(catalog, request, preset, draft->endpoint);
}
