#include "image/image.h"

#include "base/log.h"
#include "image/pixels.h"

/* The library warns by glib's log about odd metadata; that is of interest to nobody but a developer. */
static void on_warning(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)level, (void)data;
    log_write(LOG_DEBUG, "image.warning", "reason=%s", LOG_QUOTE(message));
}

bool image_start(const char *program, struct err *reterr)
{
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, on_warning, NULL);
    if (VIPS_INIT(program))
        return err_set(reterr, ERR_INTERNAL, "image_library", "libvips: %s", vips_error_buffer());
    /* Threads and caching belong to the workers: one picture, one thread, nothing kept. */
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
    vips_operation_block_set("VipsForeignLoadPng", FALSE);
    vips_operation_block_set("VipsForeignLoadWebp", FALSE);
    return true;
}

void image_thread_done(void) { vips_thread_shutdown(); }

const char *image_content_type(enum image_format format)
{
    static const char *const TYPES[] = {
        [IMAGE_JPEG] = "image/jpeg", [IMAGE_PNG] = "image/png", [IMAGE_WEBP] = "image/webp"};

    return TYPES[format];
}

const char *image_extension(enum image_format format)
{
    static const char *const EXTENSIONS[] = {[IMAGE_JPEG] = "jpg", [IMAGE_PNG] = "png", [IMAGE_WEBP] = "webp"};

    return EXTENSIONS[format];
}

/* Before the library sees a byte: its own search would offer them to loaders that we never want to run. */
static bool recognise(struct text bytes, enum image_format *ret)
{
    if (text_starts(bytes, TEXT("\xff\xd8\xff")))
        *ret = IMAGE_JPEG;
    else if (text_starts(bytes, TEXT("\x89PNG\r\n\x1a\n")))
        *ret = IMAGE_PNG;
    else if (bytes.len >= 12 && text_starts(bytes, TEXT("RIFF")) &&
             text_starts((struct text){bytes.at + 8, bytes.len - 8}, TEXT("WEBP")))
        *ret = IMAGE_WEBP;
    else
        return false;
    return true;
}

static bool inspect(VipsImage *image, struct image_info *ret, struct err *reterr)
{
    int64_t width = vips_image_get_width(image), height = vips_image_get_height(image);
    bool swapped = vips_image_get_orientation_swap(image);

    if (vips_image_get_n_pages(image) > 1)
        return err_set(reterr, ERR_UPSTREAM, "image_unsupported", "animated, %d frames", vips_image_get_n_pages(image));
    if (width * height > IMAGE_MAX_PIXELS)
        return err_set(reterr, ERR_UPSTREAM, "image_too_many_pixels", "%lld x %lld pixels", (long long)width,
                       (long long)height);
    ret->width = (int)(swapped ? height : width);
    ret->height = (int)(swapped ? width : height);
    return true;
}

bool image_probe(struct text bytes, struct image_info *ret, struct err *reterr)
{
    struct image_info info;
    VipsImage *image;
    bool ok;

    if (bytes.len > IMAGE_MAX_BYTES)
        return err_set(reterr, ERR_UPSTREAM, "image_too_large", "%zu bytes", bytes.len);
    if (!recognise(bytes, &info.format))
        return err_set(reterr, ERR_UPSTREAM, "image_unsupported", "neither JPEG, PNG nor WebP (%zu bytes)", bytes.len);
    image = pixels_open(bytes, info.format);
    if (!image)
        return pixels_fault("header", reterr);
    ok = inspect(image, &info, reterr);
    g_object_unref(image);
    if (ok)
        *ret = info;
    return ok;
}
