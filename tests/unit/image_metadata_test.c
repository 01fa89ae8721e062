#define _GNU_SOURCE /* memmem */
#include "image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support/burden.h"
#include "support/picture.h"

static void keeps_no_metadata_in_any_byte(void **state)
{
    static const char *const KINDS[] = {".jpg", ".png", ".webp", ".webp[lossless]"};

    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        for (int orientation = 1; orientation <= 6; orientation += 5) {
            VipsImage *image = burden_add(picture_draw(120, 80, i ? 4 : 3));
            vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
            CLEANUP(buf_done) struct buf picture = picture_coded(image, KINDS[i]);
            burden_add_comments(&picture);
            assert_non_null(memmem(picture.bytes, picture.len - strlen(BURDEN), BURDEN, strlen(BURDEN)));
            struct image_files files = picture_prepared(&picture);
            burden_assert_none(&files.original);
            burden_assert_none(&files.small);
            burden_assert_none(&files.medium);
            image_files_done(&files);
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_no_metadata_in_any_byte),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
