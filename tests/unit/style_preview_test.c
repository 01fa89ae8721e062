/* Every style that is shipped has its preview, of the size that pages give it, and small. scripts/draw-previews. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/file.h"
#include "falsim/paint.h"
#include "styles/styles.h"

enum { WIDTH = 320, HEIGHT = 400, MAX_BYTES = 12 * 1024 };

static struct catalog *catalog;
static struct styles *styles;

static const char *root(void) { return getenv("AISHA_ROOT") ? getenv("AISHA_ROOT") : "."; }

static void every_style_has_a_small_preview_of_the_right_size(void **state)
{
    const struct style *style;

    (void)state;
    for (int i = 0; (style = styles_at(styles, i)); i++) {
        char path[600];
        struct buf bytes = buf_make(1 << 20);
        struct err err;
        int width, height;
        (void)snprintf(path, sizeof path, "static/styles/%s.webp", style->id);
        if (!file_read(root(), path, &bytes, &err))
            fail_msg("%s has no preview: scripts/draw-previews", style->id);
        assert_true(bytes.len <= MAX_BYTES);
        assert_true(paint_measure((struct text){bytes.bytes, bytes.len}, &width, &height));
        assert_int_equal(width, WIDTH);
        assert_int_equal(height, HEIGHT);
        buf_done(&bytes);
    }
}

static void no_preview_is_left_of_a_style_that_is_gone(void **state)
{
    char path[600];
    const struct dirent *entry;
    DIR *folder;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/static/styles", root());
    folder = opendir(path);
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char id[300];
        const char *dot = strrchr(entry->d_name, '.');
        if (*entry->d_name == '.')
            continue;
        assert_true(dot && strcmp(dot, ".webp") == 0);
        (void)snprintf(id, sizeof id, "%.*s", (int)(dot - entry->d_name), entry->d_name);
        assert_non_null(styles_find(styles, id));
    }
    (void)closedir(folder);
}

static int open_styles(void **state)
{
    struct err err;

    (void)state;
    return paint_open("style_preview_test", &err) && (catalog = catalog_open(root(), &err)) &&
                   (styles = styles_open(root(), catalog, &err))
               ? 0
               : -1;
}

static int close_styles(void **state)
{
    (void)state;
    styles_close(styles);
    catalog_close(catalog);
    paint_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_style_has_a_small_preview_of_the_right_size),
        cmocka_unit_test(no_preview_is_left_of_a_style_that_is_gone),
    };

    return cmocka_run_group_tests(tests, open_styles, close_styles);
}
