/* Draws the previews of all styles that are shipped, as the simulator paints their prompts: draw-previews ROOT FOLDER.
   The same files make the same pictures. */
#include <stdio.h>
#include <stdlib.h>
#include <vips/vips.h>

#include "catalog/catalog.h"
#include "falsim/paint.h"
#include "styles/styles.h"

enum { WIDTH = 320, HEIGHT = 400, PAINTED_TIMES = 2, MAX_BYTES = 12 * 1024, BEST = 82, WORST = 34, STEP = 6 };

/* As large as the limit lets it be. */
static bool save(VipsImage *image, const char *path)
{
    for (int quality = BEST; quality >= WORST; quality -= STEP) {
        void *bytes;
        size_t len;
        FILE *file;
        bool ok;
        if (vips_webpsave_buffer(image, &bytes, &len, "Q", quality, "effort", 6, "smart_subsample", TRUE, "strip", TRUE,
                                 NULL) != 0)
            return false;
        if (len > MAX_BYTES) {
            g_free(bytes);
            continue;
        }
        file = fopen(path, "wb");
        ok = file && fwrite(bytes, 1, len, file) == len;
        ok = file && fclose(file) == 0 && ok;
        g_free(bytes);
        return ok;
    }
    return false;
}

static bool shrink_and_save(const struct buf *painted, const char *path)
{
    VipsImage *image = NULL, *small = NULL;
    bool ok = vips_thumbnail_buffer(painted->bytes, painted->len, &image, WIDTH, "height", HEIGHT, "size",
                                    VIPS_SIZE_FORCE, NULL) == 0 &&
              (small = vips_image_copy_memory(image)) != NULL && /* it is encoded more than once */
              save(small, path);

    if (small)
        g_object_unref(small);
    if (image)
        g_object_unref(image);
    return ok;
}

/* Women and men in turn, so that the page shows both. */
static bool draw(const struct style *style, const char *folder, struct err *reterr)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(8192), painted = buf_make(PAINT_MAX_BYTES);
    const struct style_wearer wearer = {AVATAR_PORTRAIT, style->index % 2 ? "male" : "female"};
    struct paint_order order = {.width = PAINTED_TIMES * WIDTH, .height = PAINTED_TIMES * HEIGHT, .bare = true};
    struct faults faults = {0};
    char path[1024];

    if (!style_prompt_write(style, &style->variants.at[0], &wearer, NULL, &prompt, &faults))
        return err_set(reterr, ERR_INTERNAL, "prompt", "%s has no prompt", style->id);
    order.prompt = (struct text){prompt.bytes, prompt.len};
    order.seed = (uint64_t)style->index;
    (void)snprintf(path, sizeof path, "%s/%s.webp", folder, style->id);
    if (!paint(&order, &painted, reterr))
        return false;
    return shrink_and_save(&painted, path) || err_set(reterr, ERR_INTERNAL, "preview", "%s cannot be written", path);
}

static bool draw_all(const char *root, const char *folder, struct err *reterr)
{
    struct catalog *catalog = catalog_open(root, reterr);
    struct styles *styles = catalog ? styles_open(root, catalog, reterr) : NULL;
    bool ok = styles != NULL;

    for (int i = 0; ok && i < styles_count(styles); i++)
        ok = draw(styles_at(styles, i), folder, reterr);
    styles_close(styles);
    catalog_close(catalog);
    return ok;
}

int main(int count, char **words)
{
    struct err err;
    bool ok;

    if (count != 3) {
        fprintf(stderr, "draw-previews ROOT FOLDER\n");
        return 2;
    }
    ok = paint_open(words[0], &err) && draw_all(words[1], words[2], &err);
    if (!ok)
        fprintf(stderr, "draw-previews: %s\n", err.detail);
    paint_close();
    return !ok;
}
